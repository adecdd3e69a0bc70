from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2, c3


class Inspection(models.Model):
    """A day on which somebody from outside looks at the figures: bulk changes shortly before it are looked at."""

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")

    day = models.DateField(_("day of the inspection"))
    title = models.CharField(_("inspection"), max_length=80)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)

    field_classes = (c2("when bulk changes are looked at", "day", "title", "entered_by", "entered_at"),)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["day", "title"], name="inspection_once")]

    def __str__(self) -> str:
        return self.title


class Finding(models.Model):
    """Something in the log that a person should look at. It accuses nobody: the explanation says what was counted."""

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change", "export")

    class Kind(models.TextChoices):
        REVEALS = "reveals", _("Many full numbers in an hour")
        OFF_HOURS = "off_hours", _("Work at night")
        NEAR = "near", _("Own surroundings")
        AREAS = "areas", _("Many communities in a day")
        BULK = "bulk", _("Many changes before an inspection")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    person_ids = ArrayField(models.BigIntegerField(), default=list)
    facts: Any = models.JSONField(default=dict)
    found_at = models.DateTimeField(default=clock.now)
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    looked_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.CharField(_("reason"), max_length=300, blank=True)

    field_classes = (
        c2("what was counted, whose account, when", "kind", "actor", "day", "facts", "found_at"),
        c3("whom it touches, as numbers of the register", "person_ids"),
        c2("who looked at it", "looked_by", "looked_at"),
        c3("what the auditor concluded", "conclusion"),
    )

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "actor", "day"], name="finding_once_a_day"),
            models.CheckConstraint(
                condition=Q(looked_at=None, looked_by=None)
                | (Q(looked_at__isnull=False, looked_by__isnull=False) & ~Q(conclusion="")),
                name="finding_looked_at_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(looked_by=None) | ~Q(looked_by=F("actor")), name="finding_not_by_oneself"
            ),
        ]
        indexes = [models.Index(fields=["-day"], condition=Q(looked_at=None), name="finding_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day} {self.actor_id}"

    def get_absolute_url(self) -> str:
        return reverse("oversight:finding", args=[self.pk])
