from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from rentals.choices import Grade, InspectionStatus
from residents.models import Dwelling


@track()
class Inspection(Timestamped, Versioned, ScopedModel):
    """A let dwelling has to be looked through (digest rows 73 and 76): at most one open inspection a dwelling.

    `passed` and `skipped` are codes of the table `inspection_item`: in order, and not there to look at. A hazard is a
    row of its own. `grade` is that of the house on the day the inspection was planned, for the number of inspectors.
    """

    scope_actions = ("view", "work", "export")
    read_with = ("rentals.RentalCampaign",)  # how far a campaign is
    field_classes = (
        c2("which dwelling is inspected, and under which number", "dwelling", "number"),
        c2("by whom and until when", "due_on", "grade", "inspector", "companion", "status", "done_on"),
        c2("what was in order", "passed", "skipped"),
        c3("remarks of the inspectors: may speak of somebody", "note"),
    )

    number = models.CharField(_("inspection number"), max_length=22, blank=True)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="inspections")
    due_on = models.DateField(_("to be inspected by"))
    grade = models.CharField(_("grade of the house"), max_length=6, choices=Grade, default=Grade.LOW)
    inspector = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    companion = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=8, choices=InspectionStatus, default=InspectionStatus.OPEN)
    done_on = models.DateField(_("inspected on"), null=True, blank=True)
    passed = ArrayField(models.CharField(max_length=4), default=list, blank=True, verbose_name=_("in order"))
    skipped = ArrayField(models.CharField(max_length=4), default=list, blank=True, verbose_name=_("not there"))
    note = models.CharField(_("remark"), max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("inspection"),
            models.Index(fields=["community_code", "status", "due_on"], name="inspection_community"),
            models.Index(fields=["dwelling", "-done_on"], name="inspection_dwelling_done"),
            models.Index(fields=["inspector", "status", "due_on"], name="inspection_inspector"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dwelling"], condition=Q(status=InspectionStatus.OPEN), name="inspection_one_open"
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="inspection_number_once"),
            models.CheckConstraint(
                condition=(~Q(status=InspectionStatus.DONE) & Q(done_on=None, number=""))
                | (Q(status=InspectionStatus.DONE, done_on__isnull=False, inspector__isnull=False) & ~Q(number="")),
                name="inspection_done_told",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.dwelling_id} {self.due_on}"

    def get_absolute_url(self) -> str:
        return reverse("rentals:inspection_detail", args=[self.pk])
