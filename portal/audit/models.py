from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2, c3
from portal.org.models import Department, User
from portal.org.scoping import can


class ReadersQuerySet(models.QuerySet):
    def readable_by(self, user: User) -> Self:
        """A row is shown to the person who acted and to holders of the audit grant over the county, to nobody else."""
        if can(user, self.model, "view", at=settings.COUNTY_CODE):
            return self
        return self.filter(actor=user)


class AuditEntry(models.Model):
    """Who did what to which record, in words a supervisor can read. The database refuses to change or delete a row."""

    scope_actions: ClassVar[tuple[str, ...]] = ("view",)

    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=80)
    target_model = models.CharField(max_length=80)
    target_id = models.CharField(max_length=40)
    area_code = models.CharField(max_length=15, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    details = models.JSONField(default=dict)

    field_classes = (
        c2("who did what, when, in which request", "at", "actor", "action", "area_code", "request_id"),
        c2("the record it was done to", "target_model", "target_id"),
        c3("facts of the step, never a number or phone", "details"),
    )
    objects = ReadersQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["target_model", "target_id", "-at"], name="audit_target"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="audit_request"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_model}:{self.target_id}"


class AccessEvent(models.Model):
    """Who was shown whose data, why, and by which page (security design §3.2). One row a response, ids in an array.

    Values shown are never stored; a search term only as a keyed hash. The table is partitioned by month (UTC) and its
    key in the database is (at, id); `id` comes from one sequence and is unique, so Django may call it the key.
    The database refuses to change or delete a row.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "export")

    class Action(models.TextChoices):
        LIST = "list", _("List")
        OPEN = "open", _("Open")
        SEARCH = "search", _("Search")
        REVEAL = "reveal", _("Reveal")
        EXPORT = "export", _("Export")
        PRINT = "print", _("Print")
        SHARE = "share", _("Share")
        VERIFY = "verify", _("Verify")

    class Result(models.TextChoices):
        SHOWN = "shown", _("shown")
        NOTHING = "nothing", _("nothing found")
        REFUSED = "refused", _("refused")

    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_unit = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    session_hash = models.BinaryField(null=True)
    action = models.CharField(max_length=12, choices=Action)
    purpose = models.CharField(max_length=80, blank=True)
    case_number = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    person_ids = ArrayField(models.BigIntegerField(), default=list)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    row_count = models.PositiveIntegerField(default=0)
    result = models.CharField(max_length=8, choices=Result, default=Result.SHOWN)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    query_hash = models.BinaryField(null=True)

    field_classes = (
        c2("who looked, when, from where, in which session", "at", "actor", "actor_unit", "session_hash", "address"),
        c2("what was done and what came of it", "action", "fields", "row_count", "result", "request_id", "query_hash"),
        c3("why: business, file and words of the person who asked", "purpose", "case_number", "reason"),
        c3("who was shown, as numbers of the register", "person_ids"),
    )
    objects = ReadersQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["actor", "-at"], name="access_actor"),
            models.Index(fields=["-at", "-id"], name="access_newest"),
            models.Index(fields=["request_id"], condition=~Q(request_id=""), name="access_request"),
            GinIndex(fields=["person_ids"], name="access_person", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_id}"


class AuditSeal(models.Model):
    """A stretch of one sealed table, bound to everything sealed before it (security design §3.3).

    `ids` and `leaves` (16 bytes a row, in the same order) let a check name the row that was touched.
    The stretch ends at (`last_mark`, `last_id`), both included; a mark is the number of the transaction that wrote the
    row. A stretch that reached the horizon ends there, so that no row can be slipped in behind its last one.
    `signature` needs the key file: whoever has only the database cannot write a chain anew.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view",)

    number = models.PositiveBigIntegerField()
    source = models.CharField(max_length=40)
    layout = models.PositiveSmallIntegerField(default=1)
    first_id = models.BigIntegerField()
    last_mark = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    ids = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField()
    algorithm = models.CharField(max_length=8)
    previous = models.BinaryField()
    digest = models.BinaryField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField()
    sealed_at = models.DateTimeField(default=clock.now)

    field_classes = (
        c2("which rows are sealed", "number", "source", "layout", "first_id", "last_mark", "last_id", "count", "ids"),
        c2("the chain", "leaves", "algorithm", "previous", "digest", "key_id", "signature", "sealed_at"),
    )

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["number"], name="auditseal_number_once")]
        indexes = [models.Index(fields=["source", "-number"], name="auditseal_source")]

    def __str__(self) -> str:
        return f"{self.number} {self.source}"


class AuditCheck(models.Model):
    """The result of looking through the whole chain once: shown on the console, read by monitoring."""

    at = models.DateTimeField(default=clock.now)
    rows = models.PositiveBigIntegerField()
    seals = models.PositiveBigIntegerField()
    seconds = models.FloatField()
    head = models.CharField(max_length=128)
    problems: Any = models.JSONField(default=list)

    field_classes = (c2("what the check found", "at", "rows", "seals", "seconds", "head", "problems"),)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {len(self.problems)}"

    @property
    def is_sound(self) -> bool:
        return not self.problems


class ThreeAdmin(models.Model):
    """The only source of the rights of the three administrators (等保 8.1.4.2, digest G5): one kind an account.

    The database refuses a grant of an administrator's right to anybody who does not stand here with that kind, and
    any other grant to anybody who does (`portal/audit/migrations/sql/three_admin.sql`).
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")

    class Kind(models.TextChoices):
        SYSTEM = "sysadmin", _("System administrator")
        SECURITY = "secadmin", _("Security administrator")
        AUDIT = "auditor", _("Auditor")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="three_admin")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField(default=clock.now)

    field_classes = (c2("who administers what", "user", "kind", "appointed_by", "appointed_at"),)

    class Meta:
        db_table = "three_admin"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["sysadmin", "secadmin", "auditor"]), name="three_admin_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(appointed_by=None) | ~Q(appointed_by=F("user")), name="three_admin_not_by_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"


class ThreeAdminRight(models.Model):
    """Which right belongs to which kind, written by `migrate` from `portal.audit.three_admins.RIGHTS`."""

    kind = models.CharField(max_length=8, choices=ThreeAdmin.Kind)
    codename = models.CharField(max_length=100)

    field_classes = (c2("which right belongs to which administrator", "kind", "codename"),)

    class Meta:
        db_table = "three_admin_right"
        constraints = [models.UniqueConstraint(fields=["kind", "codename"], name="three_admin_right_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.codename}"


class BreakGlass(models.Model):
    """Every right in the county for a few hours, taken on the server's console when nobody else can act.

    Written by the owner of the tables alone. The rights end by themselves with `ends_at`; the row stays.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view",)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    console = models.CharField(max_length=120)
    made_account = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()

    field_classes = (
        c2("who took every right, where and when", "user", "console", "made_account", "opened_at", "ends_at"),
        c2("why", "reason"),
    )

    class Meta:
        db_table = "break_glass"
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="break_glass_has_reason"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="break_glass_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} until {self.ends_at:%Y-%m-%d %H:%M}"

    def is_open(self, at: datetime) -> bool:
        return self.opened_at <= at < self.ends_at
