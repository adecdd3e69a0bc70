from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel
from privacy.choices import ConsentForm, ConsentStatus
from privacy.models.activity import ProcessingActivity
from residents.models import Person, PersonalQuerySet


class Consent(Timestamped, Versioned, ScopedModel):
    """One person's word on one purpose (PIPL arts 14–16 and 29; digest P6, P17). Never for statutory duties.

    `purpose` is the purpose as it stood when it was asked: when the activity's purpose changes, it has to be asked
    anew. A refusal is kept as well, so that nobody asks again. Rows are ended, never changed: giving it after a
    withdrawal makes a new row.
    """

    scope_actions = ("view", "record", "withdraw")
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("what somebody agreed to", "person", "activity", "purpose", "status", "told", "guardian_name", "note"),
        c2("when and by whom it was recorded", "given_on", "recorded_by", "withdrawn_on", "withdrawn_by"),
    )

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    activity = models.ForeignKey(ProcessingActivity, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=300)
    status = models.CharField(_("status"), max_length=10, choices=ConsentStatus)
    told = models.CharField(_("how it was told"), max_length=8, choices=ConsentForm)
    guardian_name = models.CharField(_("guardian who agreed"), max_length=50, blank=True)
    note = models.CharField(_("remark"), max_length=200, blank=True)
    given_on = models.DateField(_("told on"))
    recorded_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-id"]
        indexes = [models.Index(fields=["person", "-given_on"], name="consent_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "activity"], condition=Q(status=ConsentStatus.GIVEN), name="consent_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.WITHDRAWN, withdrawn_on__isnull=False)
                | (~Q(status=ConsentStatus.WITHDRAWN) & Q(withdrawn_on=None)),
                name="consent_withdrawal_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.activity_id} {self.status}"
