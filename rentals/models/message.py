from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2
from portal.core.models import Timestamped
from rentals.choices import MessageKind
from rentals.models.registration import RentalRegistration


class LandlordMessage(Timestamped):
    """What a landlord was told about a let dwelling. `text` names the door and nobody. `sent_at` is None where sending
    is not set up or no phone is known: then somebody has to call. Of one kind there is one a day and registration."""

    walled_by = "rental"
    field_classes = (
        c2("what the landlord is told about the door, and when", "rental", "kind", "told_on", "text", "sent_at"),
    )

    rental = models.ForeignKey(RentalRegistration, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(_("what it is about"), max_length=8, choices=MessageKind)
    told_on = models.DateField(_("day of the message"))
    text = models.CharField(_("message"), max_length=200)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        ordering = ["-told_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["rental", "kind", "told_on"], name="landlord_told_once_a_day")]

    def __str__(self) -> str:
        return f"{self.rental_id} {self.kind} {self.told_on}"
