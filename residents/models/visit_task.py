from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from residents.choices import TaskStatus
from residents.models.dwelling import Dwelling


@track()
class VisitTask(Timestamped, Versioned, ScopedModel):
    """Somebody has to knock at this door: at most one open task a dwelling, whatever the reasons, so that one knock
    serves every department. Who lives there is not copied: it is read when the door opens.

    `due_on` is the last day; from `starts_on` the task is in the plan, later when it was put off.
    """

    scope_actions = ("view", "work", "assign")
    written_with = ("residents.Registration",)  # a departure or a move ends what there was to look up
    field_classes = (
        c2("which door, by whom and until when", "dwelling", "assignee", "starts_on", "due_on", "status"),
        c2("how it ended", "closed_on", "closed_by"),
        c2("how often it was put off", "postponed"),
        c3("why it was put off: may speak of somebody", "postpone_reason"),
    )

    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="visit_tasks")
    assignee = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("in the plan from"))
    due_on = models.DateField(_("due"))
    status = models.CharField(_("status"), max_length=8, choices=TaskStatus, default=TaskStatus.OPEN)
    postponed = models.PositiveSmallIntegerField(default=0)
    postpone_reason = models.CharField(_("why it was put off"), max_length=200, blank=True)
    closed_on = models.DateField(_("done on"), null=True, blank=True)
    closed_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("visittask"),
            models.Index(fields=["assignee", "status", "due_on"], name="visittask_assignee"),
            models.Index(fields=["community_code", "status", "due_on"], name="visittask_community"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dwelling"], condition=Q(status=TaskStatus.OPEN), name="visittask_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dwelling_id} {self.due_on}"

    def get_absolute_url(self) -> str:
        return reverse("residents:visit_door", args=[self.pk])
