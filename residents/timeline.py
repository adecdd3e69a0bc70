"""The door through which an area of work puts lines into a person's timeline.

    add_source(  # in `<app>/timeline_sources.py`
        Source(
            kind="school",                       # what the reader may narrow to; several sources may share one
            label=_("Schooling"),
            model=Enrolment,                     # whose "view" grant opens the source
            rows=lambda person, viewer: Enrolment.objects.restrict(viewer, "view").filter(person=person),
            line=lambda row, viewer: Line(at=row.created_at, title=_("Enrolled"), by=row.actor, icon="graduation-cap"),
        )
    )

One query a source, however many lines there are: `rows` brings what `line` reads (`select_related`), and is ordered and
cut by the page. What may not be seen is left out by `rows`, what may not be read in full is masked by `line`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise

from portal.org.models import User
from portal.org.scoping import scope_of
from residents.models import Person


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened: `at` is when it was recorded. Icons are names of ui/icons.txt."""

    at: datetime
    title: str
    note: str = ""
    by: User | None = None
    icon: str = "circle"
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    kind: str
    label: str | Promise
    model: type[models.Model]
    rows: Callable[[Person, User], models.QuerySet]
    line: Callable[[Any, User], Line]
    moment: str = "created_at"


_sources: list[Source] = []


def add_source(source: Source) -> Source:
    _sources.append(source)
    return source


def sources_for(user: User) -> list[Source]:
    """Those whose model the user may view somewhere, in the order in which they were added."""
    return [source for source in _sources if not scope_of(user, source.model, "view").is_nowhere]
