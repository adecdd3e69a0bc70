from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from residents.choices import RequestStatus
from residents.models.person import Person, PersonalQuerySet
from residents.models.registration import Registration


@track()
class DepartureRequest(Timestamped, Versioned, ScopedModel):
    """Many stays are to end at once: a supervisor looks first, and never at a request of his own (digest §6.2)."""

    scope_actions = ("view", "ask", "approve")
    field_classes = (
        c3("when and why they left; may speak of somebody", "left_on", "reason", "explanation", "answer"),
        c2("who asked, who decided", "requested_by", "status", "decided_by", "decided_at"),
    )

    left_on = models.DateField(_("departure date"))
    reason = models.CharField(_("reason for leaving"), max_length=4)
    explanation = models.CharField(_("why so many at once"), max_length=200)
    status = models.CharField(_("status"), max_length=8, choices=RequestStatus, default=RequestStatus.ASKED)
    requested_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("reason for the decision"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [*newest_first_indexes("massleave")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="massleave_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_code} {self.created_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("residents:departure_request", args=[self.pk])


class DepartureItem(Timestamped, ScopedModel):
    """One stay of a request. `refusal` says why it could not be ended although the request was approved."""

    scope_actions = ("view",)
    written_with = ("residents.DepartureRequest",)
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("whose stay is to end", "registration", "person"),
        c2("what became of it", "request", "done", "refusal"),
    )

    request = models.ForeignKey(DepartureRequest, on_delete=models.PROTECT, related_name="items")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    done = models.BooleanField(default=False)
    refusal = models.CharField(max_length=200, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["person"], name="massleave_person")]
        constraints = [models.UniqueConstraint(fields=["request", "registration"], name="massleave_item_once")]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.registration_id}"
