"""The only place that asks what time it is. "Today" is the county's date (Asia/Shanghai), not UTC's."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    return timezone.now()


def today() -> date:
    return timezone.localdate(now())


def local_date(moment: datetime) -> date:
    return timezone.localdate(moment)


def local_hour() -> int:
    return timezone.localtime(now()).hour
