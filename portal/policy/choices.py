from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """`day` is a calendar day (日), `workday` a working day (工作日): the two are never interchangeable."""

    DAY = "day", _("calendar days")
    WORKDAY = "workday", _("working days")
    MONTH = "month", _("months")
    YEAR = "year", _("years")
    HOUR = "hour", _("hours")
    MINUTE = "minute", _("minutes")
    SECOND = "second", _("seconds")
    PERSON = "person", _("persons")
    RATIO = "ratio", _("ratio to one")
    PERCENT = "percent", _("per cent")
    COUNT = "count", _("count")
    AREA = "area", _("square metres")
    YUAN = "yuan", _("yuan")
    BOOLEAN = "boolean", _("yes (1) or no (0)")


class DayKind(models.TextChoices):
    WORK = "work", _("working day")
    HOLIDAY = "holiday", _("day off")


class DivisionLevel(models.TextChoices):
    PROVINCE = "province", _("province")
    PREFECTURE = "prefecture", _("prefecture")
    COUNTY = "county", _("county")
