"""Re-organisations of the tree: what was decided, who decided it, and what became of every row and right."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c1, c2, c3
from portal.core.models import Timestamped, Versioned


class ChangeKind(models.TextChoices):
    MERGE = "merge", _("Merge")
    SPLIT = "split", _("Split")
    RENAME = "rename", _("Rename or new code")
    MOVE = "move", _("Move below another area")


class ChangeState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    RELEASED = "released", _("Released")
    DONE = "done", _("Done and in force")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class AreaChange(Timestamped, Versioned):
    """One re-organisation. A system administrator plans it, a security administrator releases it (docs/adr/0020).

    From `effective_on` on, that day included, the new areas answer. `parts` says which area becomes which.
    """

    field_classes = (
        c1("what was decided about the tree", "kind", "effective_on", "basis", "state", "withdrawn_for"),
        c2("who planned and released it", "planned_by", "released_by", "released_at"),
        c2("how the work went", "done_at", "job"),
    )

    kind = models.CharField(_("kind"), max_length=8, choices=ChangeKind)
    effective_on = models.DateField(_("effective from"))
    basis = models.CharField(_("basis"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=ChangeState, default=ChangeState.PLANNED)
    planned_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    released_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    job = models.UUIDField(null=True, blank=True)
    withdrawn_for = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-effective_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("planned_by")), name="area_change_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "done"]) | Q(released_by__isnull=False),
                name="area_change_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.effective_on}"


class AreaChangePart(models.Model):
    """`before` becomes `after`. Several rows of one `before` are a split; `is_rest` takes what nobody assigned.

    Areas below are parts of their own: a row follows the longest `before` that its code begins with.
    """

    field_classes = (c1("which area becomes which", "change", "before", "after", "name", "is_rest"),)

    change = models.ForeignKey(AreaChange, on_delete=models.CASCADE, related_name="parts")
    before = models.CharField(max_length=15)
    after = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    is_rest = models.BooleanField(default=True)

    class Meta:
        ordering = ["before", "-is_rest", "after"]
        constraints = [
            models.UniqueConstraint(fields=["change", "before", "after"], name="area_change_part_once"),
            models.UniqueConstraint(
                fields=["change", "before"], condition=Q(is_rest=True), name="area_change_one_rest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class AreaChangePlace(models.Model):
    """In a split: all dwellings of one estate and building go to `after`. `place` is "estate|building"."""

    field_classes = (c2("which building goes to which area", "change", "before", "place", "after"),)

    change = models.ForeignKey(AreaChange, on_delete=models.CASCADE, related_name="places")
    before = models.CharField(max_length=15)
    place = models.CharField(max_length=90)
    after = models.CharField(max_length=15)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "before", "place"], name="area_change_place_once")]

    def __str__(self) -> str:
        return f"{self.place} → {self.after}"


class AreaChangeRow(models.Model):
    """Which area a row stood in before the change. Written by the database function that re-codes, by nothing else."""

    field_classes = (c2("where a row stood before", "change", "relation", "row_id", "before"),)

    change = models.ForeignKey(AreaChange, on_delete=models.CASCADE, related_name="rows")
    relation = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    before = models.CharField(max_length=15)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["relation", "row_id", "change"], name="area_change_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.relation} {self.row_id}: {self.before}"


class GrantOutcome(models.TextChoices):
    FOLLOWS = "follows", _("Goes on in the new area")
    NARROWED = "narrowed", _("Goes on without the newcomer")
    HELD = "held", _("Waits for the security administrator")
    REISSUED = "reissued", _("Issued anew")
    LAPSED = "lapsed", _("Lapsed")


class AreaChangeGrant(models.Model):
    """What became of one right at one area. A held one gives nothing until a security administrator issues it anew."""

    field_classes = (
        c2("what became of a right", "change", "codename", "before", "after", "outcome", "valid_to"),
        c3("whose right it was", "user", "group", "lender"),
        c2("who decided about a held right", "decided_by", "decided_at"),
    )

    change = models.ForeignKey(AreaChange, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey("auth.Group", null=True, on_delete=models.CASCADE, related_name="+")
    lender = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    codename = models.CharField(max_length=100)
    before = models.CharField(max_length=15)
    after = models.CharField(max_length=15, blank=True)
    outcome = models.CharField(max_length=10, choices=GrantOutcome)
    valid_to = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["change", "outcome"], name="area_change_grant_outcome")]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group=None) | Q(user=None, group__isnull=False),
                name="area_change_grant_one_holder",
            )
        ]

    def __str__(self) -> str:
        return f"{self.codename}: {self.before} → {self.after or self.outcome}"
