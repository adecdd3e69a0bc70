"""A person's timeline: lines of every source and the changes that history kept, newest first, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portal.core import clock
from portal.org.models import User
from portal.ui.templatetags import ui as tags
from residents.models import Person
from residents.services.steps import Act, Change, FileHistory, Origin
from residents.timeline import Line, sources_for

LINES = 40
CHANGES = "change"
TAKEN_OVER = "demo_county"
"""What came with the first load was nobody's act: it is told to those who ask for changes."""
ONE_ACT = timedelta(seconds=30)
"""A step of history carries the beginning of its transaction, a line of the timeline the moment it was written."""


@dataclass(slots=True)
class Told:
    """A line with the changes of the same act."""

    line: Line
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """`items` as the template takes them; `earlier` is the query value that leads to older lines, "" at the end."""

    items: list[dict[str, Any]]
    earlier: str


def kinds_for(viewer: User) -> list[tuple[str, str]]:
    """What the reader may narrow to."""
    found = {source.kind: str(source.label) for source in sources_for(viewer)}
    return [("", _("All")), *found.items(), (CHANGES, pgettext("timeline", "Changes"))]


def page_of(
    person: Person, viewer: User, history: FileHistory, people: dict[int, User], *, kind: str = "", before: str = ""
) -> Page:
    """One query a source. Lines of one moment stay on one page; a moment that is none means the newest."""
    until = _moment(before)
    told = [Told(line) for line in _lines(person, viewer, kind, until)] if kind != CHANGES else []
    if kind in {"", CHANGES}:
        acts = [act for act in history.acts() if until is None or act.at < until]
        lived = [act for act in acts if act.purpose != TAKEN_OVER]
        told.extend(_left_over(lived, told, people) if kind == "" else _alone(acts, people))
    told.sort(key=lambda one: one.line.at, reverse=True)
    shown = told[:LINES]
    while len(shown) < len(told) and told[len(shown)].line.at == shown[-1].line.at:
        shown = told[: len(shown) + 1]
    earlier = shown[-1].line.at.isoformat() if len(shown) < len(told) else ""
    return Page(list(_items(shown)), earlier)


def _lines(person: Person, viewer: User, kind: str, until: datetime | None) -> Iterable[Line]:
    for source in sources_for(viewer):
        if kind in {"", source.kind}:
            rows = source.rows(person, viewer)
            if until is not None:
                rows = rows.filter(**{f"{source.moment}__lt": until})
            for row in rows.order_by(f"-{source.moment}", "-pk")[: LINES + 1]:
                yield source.line(row, viewer)


def _left_over(acts: list[Act], told: list[Told], people: dict[int, User]) -> list[Told]:
    """Changes join the line of the same act; what belongs to none is a line of its own."""
    rest: list[Act] = []
    for act in acts:
        near = [one for one in told if _same_act(one.line, act)]
        if near:
            min(near, key=lambda one: one.line.at - act.at).changes.extend(act.changes)
        else:
            rest.append(act)
    return _alone(rest, people)


def _same_act(line: Line, act: Act) -> bool:
    by = line.by.pk if line.by else None
    return by == act.actor_id and timedelta(0) <= line.at - act.at <= ONE_ACT


def _alone(acts: Iterable[Act], people: dict[int, User]) -> list[Told]:
    return [
        Told(
            Line(
                at=act.at,
                title=_("File changed"),
                note=business(act.purpose),
                by=people.get(act.actor_id or 0),
                icon="pencil",
            ),
            act.changes,
        )
        for act in acts
    ]


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def people_in(history: FileHistory) -> dict[int, User]:
    """Who took the steps of the file."""
    wanted = history.actor_ids()
    return User.objects.in_bulk(wanted) if wanted else {}


def _items(told: Iterable[Told]) -> Iterable[dict[str, Any]]:
    """With a divider for every year."""
    year = 0
    for one in told:
        if (found := clock.local_date(one.line.at).year) != year:
            year = found
            yield {"year": pgettext("timeline", "%(year)s") % {"year": year}}
        line = one.line
        yield {
            "title": line.title,
            "note": line.note,
            "at": tags.moment(line.at),
            "by": str(line.by) if line.by else "",
            "icon": line.icon,
            "tone": line.tone,
            "url": line.url,
            "changes": one.changes,
        }


BUSINESSES = (
    (TAKEN_OVER, gettext_lazy("Taken over at the start")),
    ("job import", gettext_lazy("Import")),
    ("merg", gettext_lazy("Merge of two files")),
    ("part", gettext_lazy("Merge of two files taken back")),
    ("arrival", gettext_lazy("Arrival registration")),
    ("person_move", gettext_lazy("Change of address")),
    ("person_workplace", gettext_lazy("Change of workplace")),
    ("person_leave", gettext_lazy("Deregistration")),
    ("person_restore", gettext_lazy("Restoration")),
    ("person_correct", gettext_lazy("Correction")),
    ("change_undo", gettext_lazy("Undoing of a step")),
    ("verify", gettext_lazy("Verification")),
    ("visit", gettext_lazy("Visit")),
    ("transfer", gettext_lazy("Moving a file between units")),
    ("household", gettext_lazy("Household book")),
    ("application", gettext_lazy("Residence permit")),
    ("permit", gettext_lazy("Residence permit")),
    ("job", gettext_lazy("Scheduled work")),
)


def business(purpose: str) -> str:
    """Words for the purpose that history keeps: the name of a page or of a task; "" for one without words."""
    return next((str(words) for part, words in BUSINESSES if part in purpose), "")


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where a value comes from, beside the value."""

    words: str
    at: datetime
    by: str


def notes_of(origins: dict[str, Origin], people: dict[int, User]) -> dict[str, SourceNote]:
    found = {}
    for name, origin in origins.items():
        by = people.get(origin.actor_id or 0)
        words = business(origin.purpose) or (_("Registration") if origin.made else _("File changed"))
        found[name] = SourceNote(words, origin.at, str(by) if by else "")
    return found
