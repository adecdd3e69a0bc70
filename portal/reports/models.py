from django.db import models

from portal.core.classes import c2
from portal.org.scoping import ScopedModel, ScopedQuerySet


class AreaCount(ScopedModel):
    """A maintained figure: `number` things of one `fact` in one area (county, township or community).

    `part` and `subpart` are the dimension's values, `day` its date; unused ones are empty (`day` is 0001-01-01).
    Written only by the fold and the rebuild; recent changes still stand in AreaCountDelta, so a true reading adds both.
    """

    scope_actions = ("view",)

    field_classes = (
        c2("how many of what, small figures hidden on the pages", "fact", "part", "subpart", "day", "number"),
    )

    fact = models.CharField(max_length=24)
    part = models.CharField(max_length=24, blank=True)
    subpart = models.CharField(max_length=24, blank=True)
    day = models.DateField()
    number = models.IntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area_code", "fact", "day", "part", "subpart"], name="area_count_once", include=["number"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.area_code}: {self.number}"


class AreaCountDelta(models.Model):
    """Changes not yet folded in, at community level, appended by triggers in the writer's own transaction."""

    walled_like = "reports.AreaCount"

    field_classes = (
        c2("changes of figures not yet added up", "area_code", "fact", "part", "subpart", "day", "number"),
    )

    area_code = models.CharField(max_length=15)
    fact = models.CharField(max_length=24)
    part = models.CharField(max_length=24, blank=True)
    subpart = models.CharField(max_length=24, blank=True)
    day = models.DateField()
    number = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["fact", "area_code"], name="area_delta_fact")]

    def __str__(self) -> str:
        return f"{self.fact} {self.area_code}: {self.number:+}"


class AreaCountMoved(models.Model):
    """Figures of past days that a re-organisation took from `before` to `after`, at community level.

    Adding them to `before` and taking them from `after` gives the figures by the areas of that time (docs/adr/0020).
    `area_code` is the area that answers for the rows today. Written by `reports_follow_change` alone.
    """

    walled_like = "reports.AreaCount"

    field_classes = (
        c2("figures that went to another area", "area_code", "change", "before", "after"),
        c2("how many of what", "fact", "part", "day", "number"),
    )

    change = models.ForeignKey("org.AreaChange", on_delete=models.CASCADE, related_name="+")
    area_code = models.CharField(max_length=15)
    before = models.CharField(max_length=15)
    after = models.CharField(max_length=15)
    fact = models.CharField(max_length=24)
    part = models.CharField(max_length=24, blank=True)
    day = models.DateField()
    number = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["fact", "day"], name="area_moved_fact")]

    def __str__(self) -> str:
        return f"{self.fact} {self.before} → {self.after}: {self.number}"
