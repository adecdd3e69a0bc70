"""The only place that asks what time it is. "Today" is the county's date (Asia/Shanghai), not UTC's."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    return now().astimezone(_county()).date()


def local_date(moment: datetime) -> date:
    return moment.astimezone(_county()).date()


def local_hour() -> int:
    return now().astimezone(_county()).hour


@cache
def _county() -> ZoneInfo:
    """The zone of the settings; one that a request activates changes nothing here."""
    return ZoneInfo(settings.TIME_ZONE)
