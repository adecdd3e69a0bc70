from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from rentals.choices import AppealStatus, Grade
from residents.models import Building, Dwelling


@track()
class HouseGrade(Timestamped, Versioned, ScopedModel):
    """How dangerous a house with let rooms is, by public criteria (see `rentals.services.inspections.grading`): a
    building, or a house that is one door (`dwelling`). Never about who lives there.

    `factors` explains the points criterion by criterion: [{"criterion", "points", "most", "why", "count"}]. `set_grade`
    holds until `set_until`, where an appeal was granted.
    """

    scope_actions = ("view", "record", "review")
    read_with = ("rentals.Inspection",)  # the plan goes by the grades
    field_classes = (
        c2("which house is graded", "building", "dwelling"),
        c2("how safe the house is, and why", "points", "grade", "factors", "counted_on"),
        c2("what an appeal changed", "set_grade", "set_until"),
    )

    building = models.OneToOneField(
        Building, null=True, blank=True, on_delete=models.PROTECT, related_name="hazard_grade"
    )
    dwelling = models.OneToOneField(
        Dwelling, null=True, blank=True, on_delete=models.PROTECT, related_name="hazard_grade"
    )
    points = models.PositiveSmallIntegerField(_("points"), default=0)
    grade = models.CharField(_("counted grade"), max_length=6, choices=Grade, default=Grade.LOW)
    factors = models.JSONField(default=list, blank=True)
    counted_on = models.DateField(_("counted on"))
    set_grade = models.CharField(_("grade after an appeal"), max_length=6, choices=Grade, blank=True)
    set_until = models.DateField(_("holds until"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-points", "id"]
        indexes = [
            *newest_first_indexes("housegrade"),
            models.Index(fields=["community_code", "-points"], name="housegrade_points"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(building=None, dwelling__isnull=False) | Q(building__isnull=False, dwelling=None),
                name="housegrade_one_house",
            ),
            models.CheckConstraint(
                condition=Q(set_grade="", set_until=None) | (~Q(set_grade="") & Q(set_until__isnull=False)),
                name="housegrade_set_until",
            ),
        ]

    def __str__(self) -> str:
        return str(self.building or self.dwelling)

    def get_absolute_url(self) -> str:
        return reverse("rentals:grade_detail", args=[self.pk])


@track()
class GradeAppeal(Timestamped, Versioned):
    """Somebody who answers for the house does not agree with its grade. One is open at a time."""

    walled_by = "house"
    field_classes = (
        c2("which grade is doubted", "house", "status", "due_on"),
        c3("who appeals and why", "asked_by", "reason"),
        c2("how it was decided", "decided_on", "decided_by", "set_grade"),
        c3("why it was decided so", "answer"),
        c2("who wrote it down", "recorded_by"),
    )

    house = models.ForeignKey(HouseGrade, on_delete=models.CASCADE, related_name="appeals")
    asked_by = models.CharField(_("who appeals"), max_length=80)
    reason = models.CharField(_("why"), max_length=200)
    due_on = models.DateField(_("to be decided by"))
    status = models.CharField(_("status"), max_length=8, choices=AppealStatus, default=AppealStatus.OPEN)
    set_grade = models.CharField(_("grade after the appeal"), max_length=6, choices=Grade, blank=True)
    answer = models.CharField(_("reason of the decision"), max_length=200, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["house"], condition=Q(status=AppealStatus.OPEN), name="appeal_one_open"),
            models.CheckConstraint(
                condition=Q(status=AppealStatus.OPEN) | ~Q(answer=""), name="appeal_decision_reasoned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.house_id} {self.status}"
