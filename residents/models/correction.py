from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped
from portal.org.scoping import ScopedModel
from portal.vault.fields import EncryptedJSONField
from residents.models.person import Person, PersonalQuerySet
from residents.models.registration import RegistrationChange


class PersonCorrection(Timestamped, ScopedModel):
    """A wrong fact of a person's file was put right (PIPL art. 46), upon which paper and by whom.

    `before` and `after` hold the full values of the fields that changed, encrypted as a whole: undoing needs them.
    `change` is the line of ledger L2; there is none for a file without any stay.
    """

    scope_actions = ("view",)
    written_with = ("residents.Person", "residents.Registration")
    admitted_by = ("person", "person_id")
    field_classes = (
        c4("taking a correction back", "before", "after"),
        c3("why and upon which paper", "reason", "evidence"),
        c2("whose file, which fields, by whom", "person", "change", "fields", "actor"),
    )

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="corrections")
    change = models.OneToOneField(
        RegistrationChange, null=True, blank=True, on_delete=models.PROTECT, related_name="correction"
    )
    fields = ArrayField(models.CharField(max_length=40))
    before = EncryptedJSONField()
    after = EncryptedJSONField()
    reason = models.CharField(_("reason"), max_length=200)
    evidence = models.CharField(_("evidence"), max_length=200)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["person", "-created_at"], name="correction_person")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason="") & ~models.Q(evidence=""), name="correction_reason_and_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {', '.join(self.fields)}"
