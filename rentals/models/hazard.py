from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from rentals.choices import (
    UNMENDED,
    WITH_DEPARTMENT,
    Disposal,
    HazardClass,
    HazardLevel,
    HazardStatus,
    HazardStepKind,
    Recipient,
    ReferralStatus,
)
from rentals.models.inspection import Inspection
from residents.models import Dwelling


class HazardQuerySet(ScopedQuerySet):
    def unmended(self) -> "HazardQuerySet":
        """Not closed yet, wherever they lie."""
        return self.filter(status__in=UNMENDED)


@track()
class Hazard(Timestamped, Versioned, ScopedModel):
    """What an inspection found at a dwelling. `item` is a code of the table `inspection_item`.

    `due_on` is the day of whatever comes next: mending, the department's answer, the second look. None once closed.
    `mend_by` is the last day that was given for mending it, and stays; None for what was mended on the spot.
    """

    scope_actions = ("view", "work")
    read_with = ("rentals.RentalCampaign",)  # how far a campaign is
    written_with = ("rentals.Inspection", "rentals.HazardReferral")
    field_classes = (
        c2("what was found where", "inspection", "dwelling", "number", "item", "hazard_class", "level"),
        c2("what is done about it and until when", "disposal", "status", "due_on", "mend_by", "found_on", "closed_on"),
        c2("how often it was looked at in vain", "failures"),
        c2("who found and who closed it", "found_by", "closed_by"),
        c3("what it looks like: may speak of somebody", "note"),
    )

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="hazards")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="hazards")
    number = models.CharField(_("hazard number"), max_length=22)
    item = models.CharField(_("item"), max_length=4)
    hazard_class = models.CharField(_("class"), max_length=8, choices=HazardClass)
    level = models.CharField(_("level"), max_length=8, choices=HazardLevel, default=HazardLevel.ORDINARY)
    note = models.CharField(_("what was seen"), max_length=200)
    disposal = models.CharField(_("what is done"), max_length=8, choices=Disposal)
    status = models.CharField(_("status"), max_length=8, choices=HazardStatus)
    due_on = models.DateField(_("by"), null=True, blank=True)
    mend_by = models.DateField(_("to be mended by"), null=True, blank=True)
    found_on = models.DateField(_("found on"))
    found_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    failures = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = HazardQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("hazard"),
            models.Index(fields=["community_code", "status", "due_on"], name="hazard_community"),
            models.Index(fields=["county_code", "status", "due_on"], name="hazard_county"),
            models.Index(fields=["dwelling", "status"], name="hazard_dwelling"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="hazard_number_once"),
            models.UniqueConstraint(fields=["inspection", "item"], name="hazard_item_once"),
            models.CheckConstraint(
                condition=Q(status=HazardStatus.CLOSED, closed_on__isnull=False, due_on=None)
                | (~Q(status=HazardStatus.CLOSED) & Q(closed_on=None, due_on__isnull=False)),
                name="hazard_closed_or_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rentals:hazard_detail", args=[self.pk])


@track()
class HazardReferral(Timestamped, Versioned, ScopedModel):
    """A hazard handed to a department (抄告): its work order, with clocks of its own in working days. `take_by` is
    when it has to be taken on, `due_on` when it has to be dealt with."""

    scope_actions = ("view", "handle")
    written_with = ("rentals.Inspection", "rentals.Hazard")
    field_classes = (
        c2("which hazard went to whom", "hazard", "recipient", "number", "sent_on", "sent_by"),
        c2("the department's clocks", "take_by", "due_on", "taken_on", "answered_on", "status", "handled_by"),
        c3("what is asked and what was done: may speak of somebody", "request", "answer"),
    )

    hazard = models.ForeignKey(Hazard, on_delete=models.PROTECT, related_name="referrals")
    number = models.CharField(_("work order"), max_length=22)
    recipient = models.CharField(_("referred to"), max_length=8, choices=Recipient)
    request = models.CharField(_("what is asked"), max_length=200)
    sent_on = models.DateField(_("sent on"))
    sent_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    take_by = models.DateField(_("to be taken on by"))
    due_on = models.DateField(_("to be dealt with by"))
    taken_on = models.DateField(_("taken on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=ReferralStatus, default=ReferralStatus.SENT)
    answer = models.CharField(_("what was done"), max_length=200, blank=True)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    handled_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("hazardreferral"),
            models.Index(fields=["county_code", "recipient", "status", "due_on"], name="hazardreferral_desk"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="hazardreferral_number_once"),
            models.UniqueConstraint(
                fields=["hazard"], condition=Q(status__in=WITH_DEPARTMENT), name="hazardreferral_one_live"
            ),
            models.CheckConstraint(
                condition=Q(status__in=WITH_DEPARTMENT, answered_on=None)
                | (~Q(status__in=WITH_DEPARTMENT) & Q(answered_on__isnull=False) & ~Q(answer="")),
                name="hazardreferral_answer_told",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rentals:referral_detail", args=[self.pk])


class HazardStep(Timestamped):
    """What was done about a hazard, when and by whom."""

    walled_by = "hazard"
    field_classes = (
        c2("the course of a hazard", "hazard", "kind", "actor"),
        c3("remarks on the course of a hazard", "note"),
    )

    hazard = models.ForeignKey(Hazard, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(_("step"), max_length=8, choices=HazardStepKind)
    note = models.CharField(_("remark"), max_length=200, blank=True)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.hazard_id} {self.kind}"
