from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from portal.core import clock
from portal.core.classes import c1, c2, c3, c4
from portal.core.history import track
from portal.core.models import Timestamped
from portal.org import seals
from portal.org.choices import AreaLevel, Duty
from portal.org.reorganisation import (
    AreaChange,
    AreaChangeGrant,
    AreaChangePart,
    AreaChangePlace,
    AreaChangeRow,
)

__all__ = [
    "Area",
    "AreaChange",
    "AreaChangeGrant",
    "AreaChangePart",
    "AreaChangePlace",
    "AreaChangeRow",
    "AreaGroupGrant",
    "AreaUserGrant",
    "Delegation",
    "Department",
    "User",
]


class Department(Timestamped):
    """A body of the county. What it does is told by `duties`, so a county may host an office where it likes."""

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")

    field_classes = (c1("which office is answerable", "code", "name", "name_en", "duties", "area_code"),)

    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    duties = ArrayField(models.CharField(max_length=20, choices=Duty), default=list, verbose_name=_("duties"))
    area_code = models.CharField(_("area"), max_length=15)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="department_code_once")]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A member of staff. Residents never log in here.

    `area_code` is where the person works and the default of new records; rights come from grants alone.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "add", "change")

    field_classes = (
        c3("a member of staff by name", "username", "display_name", "first_name", "last_name", "email", "title"),
        c4("proof of who logs in", "password", plain="a salted hash that cannot be turned back"),
        c2("where and when somebody works here", "department", "area_code", "date_joined", "last_login"),
        c2("what kind of account it is", "is_active", "is_staff", "is_superuser", "is_system"),
        c2("how the pages look", "prefs"),
    )

    display_name = models.CharField(_("name"), max_length=50, blank=True)
    title = models.CharField(_("post"), max_length=50, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(_("area"), max_length=15, blank=True)
    prefs = models.JSONField(default=dict, blank=True)
    is_system = models.BooleanField(default=False, help_text=_("Acts for scheduled work; cannot log in."))

    def __str__(self) -> str:
        return self.display_name or self.username

    def has_duty(self, duty: str) -> bool:
        return bool(self.department and duty in self.department.duties)


class Area(Timestamped):
    """A node of the administrative tree. The official code is the path: `code[:6]` is always the county.

    Levels may be missing (441900 has townships directly below the prefecture); nothing may assume six levels.
    Areas are archived with `valid_to` and `successor`, never deleted.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")

    field_classes = (
        c1("the administrative tree", "code", "name", "level", "parent", "initials"),
        c1("changes of the tree", "valid_from", "valid_to", "successor"),
    )

    code = models.CharField(_("code"), max_length=15)
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=12, choices=AreaLevel)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    initials = models.CharField(max_length=80, blank=True, editable=False)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="area_code_once")]

    def __str__(self) -> str:
        return self.name


class GrantQuerySet(models.QuerySet):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.mac = seals.seal_of(row)
        return super().bulk_create(rows, *args, **kwargs)

    def in_force(self) -> "GrantQuerySet":
        now = clock.now()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=now)).filter(valid_from__lte=now)


class GrantTerm(models.Model):
    """When a grant holds, who gave it and why. The resolver reads the term; no clean-up job is relied on.

    `mac` seals the row. `QuerySet.update()` and SQL leave it stale: change a grant through `save()`.
    """

    field_classes = (
        c2("how long a grant holds, who gave it and why", "valid_from", "valid_to", "granted_by", "reason"),
        c2("who may do what, where, lent by whom", "permission", "user", "group", "content_object", "delegated_from"),
        c2("seal of the row", "mac"),
    )

    valid_from = models.DateTimeField(default=clock.now)
    valid_to = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    mac = models.BinaryField(null=True, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.mac = seals.seal_of(self)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "mac"}
        super().save(*args, **kwargs)


@track()
class AreaUserGrant(UserObjectPermissionBase, GrantTerm):
    """A stand-in's own grant: "may do this action in this area and below", with an end.

    With `delegated_from` it is lent: it gives no more than the delegator may do at the moment of use.
    """

    content_object = models.ForeignKey(Area, on_delete=models.PROTECT)
    delegated_from = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    objects = GrantQuerySet.as_manager()  # type: ignore[assignment, misc]  # guardian's own manager is not used

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")), name="usergrant_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(delegated_from=None) | (~Q(delegated_from=F("user")) & Q(valid_to__isnull=False)),
                name="usergrant_lent_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.permission_id} @ {self.content_object_id}"


@track()
class AreaGroupGrant(GroupObjectPermissionBase, GrantTerm):
    """A group's grant, for instance "Housing reviewers, Tianma".

    Its own actions stand for all grants: who may see and who may change what groups and people may do.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")

    content_object = models.ForeignKey(Area, on_delete=models.PROTECT)
    objects = GrantQuerySet.as_manager()  # type: ignore[assignment, misc]  # guardian's own manager is not used

    def __str__(self) -> str:
        return f"{self.permission_id} @ {self.content_object_id}"


@track()
class Delegation(Timestamped):
    """A department lets stations below an area act for it in named matters (notice C, part 5(1), row 15).

    Without one in force, station staff may not do police matters even when they hold the grant.
    Signing a permit can never be delegated (decree 663 art. 10).
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")

    field_classes = (
        c1(
            "which stations act for a department",
            "delegator",
            "area_code",
            "matters",
            "basis",
            "valid_from",
            "valid_to",
        ),
    )

    delegator = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    area_code = models.CharField(_("area"), max_length=15)
    matters = ArrayField(models.CharField(max_length=60), verbose_name=_("matters"))
    basis = models.CharField(_("basis"), max_length=200)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        ordering = ["area_code", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="delegation_term_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegator_id} → {self.area_code}"
