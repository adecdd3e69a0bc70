"""The part of a person's page that speaks of the past: timeline, sources of values, the address of a day."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import can
from portal.org.services import area_path
from portal.policy import codes
from residents.forms.as_of import PersonThenForm
from residents.models import Person, Registration
from residents.services.as_of import Lived, address_of, household_of
from residents.services.projection import person_view
from residents.services.steps import FileHistory
from residents.views.timeline import SourceNote, kinds_for, notes_of, page_of, people_in

# The labels of the cards on the page and the fields whose source stands beside them.
STAY_FIELDS = (
    (_("Community"), "area_code"),
    (_("Lodging"), "lodging"),
    (_("Arrived"), "arrived_on"),
    (_("Registered"), "registered_on"),
    (_("Reason for the stay"), "reason"),
    (_("Intends to stay until"), "planned_until"),
    (_("Left on"), "left_on"),
    (_("Reason for leaving"), "left_reason"),
    (_("Gone to"), "left_for"),
    (_("Remark"), "remark"),
    (_("Employer or school"), "workplace"),
    (_("Occupation"), "occupation"),
)
PERSON_FIELDS = (
    (_("Level of education"), "education"),
    (_("Marital status"), "marital_status"),
    (_("Political status"), "political_status"),
)
Row = tuple[Any, Any]


def noted(rows: Iterable[Row], notes: Mapping[str, Mapping[str, SourceNote]]) -> list[tuple[Any, Any, Any]]:
    """Each row with the source of its value, None where it comes from elsewhere."""
    of_label = {str(label): notes["stay"].get(name) for label, name in STAY_FIELDS}
    of_label |= {str(label): notes["person"].get(name) for label, name in PERSON_FIELDS}
    return [(label, value, of_label.get(str(label))) for label, value in rows]


def history_of(request: HttpRequest, person: Person, stay: Registration | None, viewer: User) -> dict[str, Any]:
    """Context of the page: `timeline`, `kinds`, `earlier`, `notes` and, when a day was asked for, `then`."""
    asked = request.GET
    kind = asked.get("show", "")
    tab = "record" if asked.get("tab") == "record" else ""
    history = FileHistory(person, viewer)
    people = people_in(history)
    page = page_of(person, viewer, history, people, kind=kind, before=asked.get("before", ""))
    return {
        "timeline": page.items,
        "kinds": [
            {"label": label, "url": _query(tab=tab, show=key), "current": key == kind}
            for key, label in kinds_for(viewer)
        ],
        "earlier": _query(tab="record", show=kind, before=page.earlier) if page.earlier else "",
        "newest": _query(tab="record", show=kind) if asked.get("before") else "",
        "notes": {
            "person": notes_of(history.origins(Person, person.pk), people),
            "stay": notes_of(history.origins(Registration, stay.pk), people) if stay else {},
        },
        **(_then(asked, person, viewer) if asked.get("tab") == "stays" else {}),
    }


def _query(**values: str) -> str:
    return "?" + urlencode({key: value for key, value in values.items() if value or key == "show"})


def _then(asked: Any, person: Person, viewer: User) -> dict[str, Any]:
    """Where the person lived on a day, as known on another: the form, and the answer once it was asked."""
    form = PersonThenForm(asked if asked.get("on") else None)
    if not form.is_bound or not form.is_valid():
        return {"then_form": form}
    days = form.days()
    try:
        lived = address_of(person_id=person.pk, actor=viewer, **days)
        family = household_of(lived, actor=viewer, **days) if lived else []
    except DomainError as error:
        form.add_error(error.field, error.message)
        return {"then_form": form}
    told = _told(lived, viewer) if lived else None
    with_whom = [line_of(one, viewer, on=days["on"]) for one in family]
    return {"then_form": form, "then": {**days, "lived": told, "family": with_whom}}


def _told(lived: Lived, viewer: User) -> dict[str, Any]:
    """An address outside the reader's areas is told down to the community."""
    visible = can(viewer, Registration, "view", at=lived.area_code)
    return {
        "address": lived.address if visible else area_path(lived.area_code, separator=" "),
        "url": reverse("residents:dwelling_detail", args=[lived.dwelling_id]) if visible else "",
        "lived": lived,
        "lodging": codes.label("dwelling_kind", lived.lodging),
    }


def line_of(lived: Lived, viewer: User, *, on: date) -> dict[str, Any]:
    """`left` is a departure that was known already, after the day asked for."""
    return {
        "lived": lived,
        "view": person_view(lived.person, viewer=viewer, on=on),
        "relation": codes.label("relationship", lived.relation),
        "late": (clock.local_date(lived.recorded_at) - lived.arrived_on).days,
    }
