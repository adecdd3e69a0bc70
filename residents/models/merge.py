from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped, Versioned
from portal.org.models import User
from portal.org.scoping import ScopedModel, ScopedQuerySet, scope_of
from portal.vault.fields import EncryptedJSONField
from residents.choices import PairStatus
from residents.models.person import Person, PersonalQuerySet


class PairQuerySet(ScopedQuerySet):
    def restrict(self, user: User | AnonymousUser, action: str = "merge") -> Self:
        """Pairs one of whose two files lies where `user` may do `action` on people. Files whose data may be stored
        and nothing else are left out for everybody: they cannot be merged."""
        sides = DuplicateSide.objects.restrict(user, action).filter(pair=OuterRef("pk"))
        held = RawSQL("SELECT unnest(ARRAY(SELECT sec.held_back()))", [])
        return self.filter(Exists(sides)).exclude(Q(first__in=held) | Q(second__in=held))

    def within(self, area_code: str) -> Self:
        """Pairs with a file of that area."""
        return self.filter(pk__in=DuplicateSide.objects.within(area_code).values("pair"))


class SideQuerySet(ScopedQuerySet):
    def restrict(self, user: User | AnonymousUser, action: str = "merge") -> Self:
        return self.filter(scope_of(user, Person, action).q())


class MergeQuerySet(PersonalQuerySet):
    person_column = "survivor_id"

    def restrict(self, user: User | AnonymousUser, action: str = "merge") -> Self:
        """Whoever merges files in an area sees the merges there; "change" is a right of its own."""
        rows = self.filter(scope_of(user, Person, "merge").q()) if action == "merge" else super().restrict(user, action)
        return rows.filter(self._usable(user))


class DuplicatePair(Timestamped, Versioned, ScopedModel):
    """Two files that may be of one person, why it looks so, and what was decided.

    `first` is the older file, that is the smaller key: a pair stands here once. `reasons` are lists of a code and its
    points, signed; `score` is their sum. `area_code` is the smallest area that holds both files; through its sides the
    pair is seen by both offices. GONE pairs came up once and do not any more, because one of the files was corrected.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ()
    read_with = ("residents.Person",)
    visible_through = "sides"
    admitted_by = ("person", "first_id")
    field_classes = (
        c3("which files may be of one person, and why", "first", "second", "score", "reasons", "reason"),
        c2("what was decided, when and by whom", "status", "decided_by", "decided_at"),
    )

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    score = models.SmallIntegerField(_("similarity"))
    reasons = models.JSONField(default=list)
    status = models.CharField(_("status"), max_length=8, choices=PairStatus, default=PairStatus.OPEN)
    decided_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = PairQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "id"]
        indexes = [
            models.Index(fields=["-score", "id"], condition=Q(status=PairStatus.OPEN), name="pair_open_score"),
            models.Index(fields=["second"], name="pair_second"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_ordered"),
            models.CheckConstraint(
                condition=~Q(status=PairStatus.NOT_SAME) | (Q(decided_by__isnull=False) & ~Q(reason="")),
                name="pair_decision_reasoned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"

    def get_absolute_url(self) -> str:
        return reverse("residents:pair_detail", args=[self.pk])

    @property
    def person_ids(self) -> tuple[int, int]:
        return self.first_id, self.second_id


class DuplicateSide(ScopedModel):
    """One of the two files of a pair and the office that answers for it: two offices look at one pair."""

    scope_actions: ClassVar[tuple[str, ...]] = ()
    read_with = ("residents.Person",)
    admitted_by = ("person", "person_id")
    field_classes = (c3("which files may be of one person, and why", "pair", "person"),)

    pair = models.ForeignKey(DuplicatePair, on_delete=models.CASCADE, related_name="sides")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    objects = SideQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["area_code"], name="pair_side_area")]
        constraints = [models.UniqueConstraint(fields=["pair", "person"], name="pair_side_once")]

    def __str__(self) -> str:
        return f"{self.pair_id}: {self.person_id}"


class PersonMerge(Timestamped, Versioned, ScopedModel):
    """One act by which the file `absorbed` went up in the file `survivor`, with all that takes it back.

    `rows` tells by table which rows went over, which stood at the survivor already and which stayed behind: keys and
    nothing else. `snapshot` holds both files as they were, and after; and every row whose values had to change, before
    and after: encrypted as a whole. `taken` are the groups of values that came from the absorbed file. `routed` is
    what was decided at the undoing about rows and values that came later.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("change",)
    read_with = ("residents.Person",)
    admitted_by = ("person", "survivor_id")
    field_classes = (
        c4("taking a merge back", "snapshot"),
        c3("which files were of one person, and why", "survivor", "absorbed", "absorbed_area", "reason"),
        c3("what was put together, and taken apart", "taken", "rows", "routed", "undo_reason"),
        c2("by whom and when", "actor", "undone_by", "undone_at"),
    )

    survivor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absorbed_in")
    absorbed_area = models.CharField(max_length=15)
    reason = models.CharField(_("reason"), max_length=200)
    taken = ArrayField(models.CharField(max_length=20), default=list)
    rows = models.JSONField(default=dict)
    snapshot: Any = EncryptedJSONField()
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    undone_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_reason = models.CharField(_("reason"), max_length=200, blank=True)
    routed = models.JSONField(default=dict)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["survivor", "-created_at"], name="merge_survivor"),
            models.Index(fields=["area_code", "-created_at"], name="merge_area_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="merge_absorbed_once"),
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="merge_of_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="merge_reasoned"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undoing_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"

    def get_absolute_url(self) -> str:
        return reverse("residents:merge_detail", args=[self.pk])
