"""The boxes of the workbench."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.models import User
from residents.choices import ApplicationStatus
from residents.models import PermitApplication

NOON, EVENING = 12, 18
DUE_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Todo:
    label: str
    icon: str
    url: str
    count: int


def greeting(user: User) -> str:
    hour = clock.local_hour()
    if hour < NOON:
        text = _("Good morning, %(name)s")
    elif hour < EVENING:
        text = _("Good afternoon, %(name)s")
    else:
        text = _("Good evening, %(name)s")
    return text % {"name": user}


def todo_items(menu: Iterable[Mapping[str, Any]]) -> list[Todo]:
    """The menu entries with something to do: each number is one cheap query of the app that registered it."""
    found = [
        Todo(str(entry["label"]), entry["icon"], entry["url"], entry["badge"])
        for group in menu
        for entry in group["entries"]
        if entry["badge"]
    ]
    return sorted(found, key=lambda todo: todo.count, reverse=True)


def due_applications(user: User, *, until: date) -> list[PermitApplication]:
    """Files in hand that are overdue or due by `until`, the most urgent first."""
    return list(
        PermitApplication.objects.restrict(user)
        .filter(status__in=[ApplicationStatus.ACCEPTED, ApplicationStatus.REVIEWED], due_on__lte=until)
        .select_related("person")
        .order_by("due_on", "pk")[:DUE_SHOWN]
    )
