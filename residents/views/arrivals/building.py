"""From cleaned forms to what the registration service takes, and from a typed draft back to forms."""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from portal.core import clock
from portal.core.errors import DomainError
from portal.ui.dates import parse_day
from residents.choices import DocumentKind
from residents.forms.arrivals import ArrivalForm
from residents.forms.companions import BaseCompanionFormSet, CompanionFormSet
from residents.services.drafts import plain_values
from residents.services.duties import DutyNote, explain_duty
from residents.services.people import IdentityInput
from residents.services.registration import CompanionInput, StayInput

SESSION_KEY = "arrivals"
PREFIX = "with"
FIRST_LODGING, FIRST_REASON = "05", "01"
ROW_FIELD = re.compile(rf"{PREFIX}-(\d+)-(\w+)")
COMPANION_FIELD = re.compile(r"companions\.(\d+)\.(\w+)")
EMPTY_ROWS = {f"{PREFIX}-TOTAL_FORMS": "0", f"{PREFIX}-INITIAL_FORMS": "0"}


def identity_of(data: Mapping[str, Any]) -> IdentityInput:
    return IdentityInput(
        document_kind=data.get("document_kind") or DocumentKind.RESIDENT_ID,
        document_number=data["document_number"],
        name=data["name"],
        sex=data["sex"],
        birth_date=data["birth_date"],
        phone=data.get("phone", ""),
        ethnicity=data.get("ethnicity", ""),
        native_code=data.get("native_code", ""),
        native_address=data.get("native_address", ""),
        nationality=data.get("nationality") or "CHN",
        education=data.get("education", ""),
        marital_status=data.get("marital_status", ""),
        political_status=data.get("political_status", ""),
        mismatch_reason=data.get("mismatch_reason", ""),
    )


def stay_of(data: Mapping[str, Any]) -> StayInput:
    return StayInput(
        dwelling_id=data["dwelling"],
        arrived_on=data["arrived_on"],
        lodging=data["lodging"],
        reason=data["reason"],
        channel=data.get("channel") or "window",
        planned_until=data.get("planned_until"),
        workplace=data.get("workplace", ""),
        occupation=data.get("occupation", ""),
        remark=data.get("remark", ""),
    )


def companions_of(rows: BaseCompanionFormSet) -> list[CompanionInput]:
    return [
        CompanionInput(relation=row.cleaned_data["relation"], identity=identity_of(row.cleaned_data))
        for row in rows.filled()
    ]


def place_error(form: ArrivalForm, rows: BaseCompanionFormSet, error: DomainError) -> None:
    """Beside the field it belongs to; errors of companion number i come at the field "companions.<i>.<field>"."""
    target, field = form, error.field or ""
    if found := COMPANION_FIELD.fullmatch(field):
        target, field = rows.filled()[int(found[1])], found[2]
    target.add_error(field if field in target.fields else None, error.message)


def bound(data: Mapping[str, Any], user: Any) -> tuple[ArrivalForm, BaseCompanionFormSet]:
    """A request without the row counter (no script, no rows) is one without companions."""
    counted = data if f"{PREFIX}-TOTAL_FORMS" in data else EMPTY_ROWS
    rows: Any = CompanionFormSet(counted, prefix=PREFIX)
    return ArrivalForm(data, user=user), rows


def blank(user: Any, last: Mapping[str, Any], *, empty_rows: int) -> tuple[ArrivalForm, BaseCompanionFormSet]:
    """A new form; `last` is what this sitting used before (channel, lodging, reason)."""
    initial = {
        "submission_id": uuid.uuid4(),
        "document_kind": DocumentKind.RESIDENT_ID.value,
        "arrived_on": clock.today(),
        "lodging": last.get("lodging") or FIRST_LODGING,
        "reason": last.get("reason") or FIRST_REASON,
        "channel": last.get("channel") or "window",
    }
    return ArrivalForm(initial=initial, user=user), _formset([{} for _row in range(empty_rows)])


def restored(draft: Mapping[str, Any], user: Any) -> tuple[ArrivalForm, BaseCompanionFormSet]:
    """A form as it was left; nothing is judged before it is sent."""
    values = plain_values(draft)
    found: dict[int, dict[str, str]] = {}
    for name, value in values.items():
        if part := ROW_FIELD.fullmatch(name):
            found.setdefault(int(part[1]), {})[part[2]] = value
    kept = [row for _at, row in sorted(found.items()) if not row.get("DELETE")]
    form = ArrivalForm(initial=values, user=user)
    form.fields["dwelling"].widget.typed = values.get("dwelling_text", "")
    return form, _formset(kept)


def _formset(typed: Iterable[dict[str, str]]) -> BaseCompanionFormSet:
    """Rows shown from the start count as extra ones, so that a row left empty is no row."""
    rows: Any = CompanionFormSet(prefix=PREFIX, initial=list(typed))
    for form in rows.forms:
        form.empty_permitted = True
    return rows


def day_of(text: str) -> date | None:
    """None while the date is half typed."""
    return parse_day(text, today=clock.today())


def duty_notes(values: Mapping[str, Any]) -> dict[str, list[DutyNote]]:
    """The notes on the law by the field they stand beside: document, lodging or date."""
    notes = explain_duty(
        document_kind=str(values.get("document_kind") or DocumentKind.RESIDENT_ID),
        nationality=str(values.get("nationality") or ""),
        lodging=str(values.get("lodging") or ""),
        reason=str(values.get("reason") or ""),
        arrived_on=_as_day(values.get("arrived_on")) or clock.today(),
        planned_until=_as_day(values.get("planned_until")),
    )
    places: dict[str, list[DutyNote]] = {"document": [], "lodging": [], "date": []}
    for one in notes:
        places["lodging" if one.exempt else "date" if one.code == "late" else "document"].append(one)
    return places


def _as_day(value: Any) -> date | None:
    return value if isinstance(value, date) else day_of(str(value or ""))
