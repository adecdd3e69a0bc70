from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, newest_first_indexes
from residents.choices import TransferStatus
from residents.models.dwelling import Dwelling
from residents.models.person import Person, PersonalQuerySet
from residents.models.registration import Registration


@track(found_by=("person",))
class TransferRequest(Timestamped, Versioned, ScopedModel):
    """Another unit asks for a stay: the person stands at its window and is registered here (security design §2.3).

    `area_code` is the unit that holds the stay and answers; `to_area` the one that asks. Until the answer the asking
    unit has learned no more than which unit holds it. Accepting moves the stay to `dwelling`; the half-year goes on.
    """

    scope_actions = ("view", "answer")
    written_with = ("residents.Registration",)
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("who moved where, and what the person said", "person", "registration", "dwelling", "moved_on", "reason"),
        c3("why it was refused", "answer"),
        c2("who asks, and how the person will live", "to_area", "requested_by", "lodging"),
        c2("state and clock of the request", "status", "due_on", "answered_by", "answered_at", "result"),
    )

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="transfers")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="transfers")
    to_area = models.CharField(_("to the area"), max_length=15)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")
    moved_on = models.DateField(_("moved on"))
    lodging = models.CharField(_("kind of lodging"), max_length=4)
    reason = models.CharField(_("what the person says"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=TransferStatus, default=TransferStatus.REQUESTED)
    due_on = models.DateField(_("answer due"))
    requested_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(_("reason for the refusal"), max_length=200, blank=True)
    result = models.ForeignKey(Registration, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("transfer"),
            models.Index(fields=["person", "-created_at"], name="transfer_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(status=TransferStatus.REQUESTED), name="transfer_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status=TransferStatus.REQUESTED) | Q(answered_by__isnull=False), name="transfer_answered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id} → {self.to_area}"

    def get_absolute_url(self) -> str:
        return reverse("residents:transfer_answer", args=[self.pk])
