"""Law as data. Every change reaches all processes: a statement trigger renews `PolicyStamp`, see `cache`."""

from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c1, c2
from portal.core.history import track
from portal.policy import cache
from portal.policy.choices import DayKind, DivisionLevel, Unit

RENEW_STAMP = """
    INSERT INTO policy_policystamp (id, stamp) VALUES (1, gen_random_uuid()::text)
    ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
    RETURN NULL;
"""


def renew_stamp() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="renew_stamp",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=RENEW_STAMP,
    )


class CachedQuerySet(models.QuerySet[Any]):
    """Writes also drop what this thread remembers, so that the same transaction reads its own change."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        cache.forget()
        return super().bulk_create(objs, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        cache.forget()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        cache.forget()
        return super().delete()


class Cached(models.Model):
    objects = models.Manager.from_queryset(CachedQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        cache.forget()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        cache.forget()
        return super().delete(*args, **kwargs)


class PolicyStamp(models.Model):
    """One row; a new random stamp after every change of the tables below."""

    field_classes = (c2("telling every process that a rule has changed", "stamp"),)

    stamp = models.CharField(max_length=36)

    def __str__(self) -> str:
        return self.stamp


@track()
class PolicyRule(Cached):
    """One number of the law or of local policy, with its legal source and the days it is in force.

    `effective_to` is the last day in force. Two rows of one code and area never overlap in time. `area_code` is ""
    for everywhere, otherwise a division code (province 2 digits … county 6 …) for itself and everything inside;
    the longest code wins. `verified` is False while nobody has compared the value with the legal text.
    `pack` is "" for a row an administrator wrote: `load_policy` never touches those.
    """

    scope_actions = ("view", "change")

    field_classes = (
        c1("numbers of the law", "code", "area_code", "value", "unit", "text", "basis"),
        c1("when a rule holds and where it comes from", "effective_from", "effective_to", "verified", "pack", "note"),
    )

    code = models.CharField(_("rule"), max_length=80)
    area_code = models.CharField(_("area"), max_length=15, blank=True, default="")
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    text = models.CharField(_("meaning"), max_length=300, blank=True, default="")
    basis = models.CharField(_("legal basis"), max_length=300, blank=True, default="")
    effective_from = models.DateField(_("in force from"))
    effective_to = models.DateField(_("in force until"), null=True, blank=True)
    verified = models.BooleanField(_("checked against the text"), default=False)
    pack = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(_("remark"), max_length=500, blank=True, default="")

    class Meta:
        ordering = ["code", "area_code", "effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")), name="policyrule_dates"
            ),
            ExclusionConstraint(
                name="policyrule_no_overlap",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    ("area_code", RangeOperators.EQUAL),
                    (
                        Func(
                            "effective_from",
                            "effective_to",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [renew_stamp()]

    def __str__(self) -> str:
        return f"{self.code}@{self.area_code or '*'}"


@track()
class CodeItem(Cached):
    """One entry of a code table. Retired codes stay with `active=False`: old rows still need their label.

    `valid_to` is the last day on which forms offer it; both days empty: always.

    `bucket` is the row of the statutory report that this code is counted in (local code → report row).
    `pack` is "" for an entry an administrator wrote: `load_policy` never touches those.
    """

    field_classes = (
        c1("code tables", "table", "code", "name", "name_en", "sort", "active", "standard", "source", "verified"),
        c1("code tables in reports and packs", "bucket", "pack"),
        c1("when an entry may be chosen", "valid_from", "valid_to"),
    )
    scope_actions = ("view", "change")

    table = models.CharField(max_length=40)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("Chinese name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100)
    sort = models.PositiveIntegerField(default=0)
    active = models.BooleanField(_("in use"), default=True)
    standard = models.CharField(_("standard"), max_length=60, blank=True, default="")
    source = models.CharField(_("source"), max_length=200, blank=True, default="")
    verified = models.BooleanField(_("checked against the text"), default=False)
    bucket = models.CharField(_("report row"), max_length=40, blank=True, default="")
    valid_from = models.DateField(_("first day"), null=True, blank=True)
    valid_to = models.DateField(_("last day"), null=True, blank=True)
    pack = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ["table", "sort", "code"]
        constraints = [models.UniqueConstraint(fields=["table", "code"], name="codeitem_unique")]
        triggers = [renew_stamp()]

    def __str__(self) -> str:
        return f"{self.table}:{self.code}"


@track()
class CalendarDay(Cached):
    """An administrator's word on one day; it wins over the built-in calendar (State Council notices until 2026)."""

    scope_actions = ("view", "change")

    field_classes = (c1("working days", "day", "kind", "name", "basis"),)

    day = models.DateField(_("day"), unique=True)
    kind = models.CharField(_("kind of day"), max_length=8, choices=DayKind.choices)
    name = models.CharField(_("name"), max_length=60, blank=True, default="")
    basis = models.CharField(_("notice"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["day"]
        triggers = [renew_stamp()]

    def __str__(self) -> str:
        return f"{self.day}: {self.kind}"


class Division(Cached):
    """National division codes to county level (GB/T 2260), abolished ones included: ID numbers keep them for life.

    A code that is not here is worth a note on the screen, never a refusal. `valid_from`/`valid_to` empty = not known.
    """

    field_classes = (c1("national divisions", "code", "name", "full_name", "level", "valid_from", "valid_to"),)

    code = models.CharField(max_length=6)
    name = models.CharField(max_length=60)
    full_name = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=DivisionLevel.choices)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], nulls_distinct=False, name="division_unique")
        ]
        triggers = [renew_stamp()]

    def __str__(self) -> str:
        return f"{self.code} {self.full_name}"
