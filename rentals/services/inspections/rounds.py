"""At the door: the items of the checklist, what is found, and the end of the inspection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.org.scoping import can
from portal.policy import codes
from portal.policy.services import rule
from rentals.choices import (
    Disposal,
    HazardClass,
    HazardLevel,
    HazardStatus,
    HazardStepKind,
    InspectionStatus,
)
from rentals.events import HazardsChanged
from rentals.models import Hazard, Inspection
from rentals.services import numbers
from rentals.services.inspections.grading import ITEMS
from rentals.services.inspections.hazards import (
    FOUND,
    MENDED,
    Photo,
    attach,
    mend_by,
    needs_photo,
    send,
    step,
)
from residents.models import Dwelling
from residents.services.code_fields import require_code
from residents.services.versions import require_version

PASSED, SKIPPED, CLEARED = "passed", "skipped", "cleared"
OUTCOMES = (PASSED, SKIPPED, CLEARED)
TEXT = 200
LISTED = "、"
LODGING, COLLECTIVE = "lodging", ("03", "04")
"""Items about hygiene, and the kinds of lodging (police statistics) at which they are asked: an employer's premises and
building sites."""
TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hazard as it is entered. `due_on` None: the longest term; `recipient` and `request` only for a referral."""

    item: str
    hazard_class: str
    level: str
    note: str
    disposal: str
    due_on: date | None = None
    recipient: str = ""
    request: str = ""


def items_at(dwelling: Dwelling) -> list[tuple[str, str]]:
    """(code, label) of the checklist as it stands today. What an employer or a building site gives its people to live
    in is also looked at for hygiene (digest row 79); none of that counts for the grade of the house."""
    everything = codes.choices(ITEMS)
    if dwelling.kind in COLLECTIVE:
        return everything
    return [(code, label) for code, label in everything if codes.bucket(ITEMS, code) != LODGING]


@transaction.atomic
def mark(*, inspection_id: int, item: str, outcome: str, actor: User) -> Inspection:
    """An item is in order (`passed`), not there to look at (`skipped`), or open again (`cleared`). Sent twice it is the
    same, so no version is asked for."""
    row = _open(inspection_id, actor)
    require_code(ITEMS, item, field="item")
    if outcome not in OUTCOMES:
        raise DomainError(_("Please choose one of the offered entries."), field="outcome")
    if row.hazards.filter(item=item).exists():
        raise DomainError(_("A hazard is noted at this item already."), code="hazard")
    _write(row, [item], outcome, actor)
    return row


@transaction.atomic
def mark_rest(*, inspection_id: int, actor: User) -> Inspection:
    """Every item that has no answer yet is in order."""
    row = _open(inspection_id, actor)
    _write(row, unanswered(row), PASSED, actor)
    return row


@transaction.atomic
def find(*, inspection_id: int, given: Found, photos: Sequence[Photo] = (), actor: User) -> Hazard:
    """A hazard at an item. Mended on the spot it is closed at once and needs a photo of how it looks now
    (`hazard.closing_photo`); otherwise it gets a day, or goes to a department as a work order."""
    row = _open(inspection_id, actor)
    _check(given)
    today, on_spot = clock.today(), given.disposal == Disposal.ON_SPOT
    term = None if on_spot else mend_by(given.due_on, given.level, area_code=row.area_code)
    if on_spot and not photos and needs_photo(row.area_code):
        raise DomainError(_("Please add a photo that shows that it is mended."), field="file", code="no_photo")
    hazard = Hazard(
        inspection=row,
        dwelling_id=row.dwelling_id,
        area_code=row.area_code,
        number=numbers.next_number(numbers.HAZARD, area_code=row.area_code),
        item=given.item,
        hazard_class=given.hazard_class,
        level=given.level,
        note=given.note.strip()[:TEXT],
        disposal=given.disposal,
        status=HazardStatus.CLOSED if on_spot else HazardStatus.OPEN,
        due_on=term,
        mend_by=term,
        found_on=today,
        found_by=actor,
        closed_on=today if on_spot else None,
        closed_by=actor if on_spot else None,
    )
    try:
        with transaction.atomic():
            hazard.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(_("A hazard is noted at this item already."), code="hazard") from error
    _write(row, [given.item], CLEARED, actor)
    step(hazard, HazardStepKind.FOUND, actor, hazard.note)
    attach(hazard, photos, MENDED if on_spot else FOUND, actor)
    if on_spot:
        step(hazard, HazardStepKind.CLOSED, actor)
    if given.disposal == Disposal.REFERRAL:
        send(hazard, recipient=given.recipient, request=given.request or given.note, actor=actor)
    audit.record(actor=actor, action="hazard.found", target=hazard, disposal=given.disposal)
    bus.publish(HazardsChanged(dwelling_id=row.dwelling_id, area_code=row.area_code))
    return hazard


@transaction.atomic
def finish(*, inspection_id: int, companion: int | None, note: str, version: int, actor: User) -> Inspection:
    """Every item has its answer, and there were as many inspectors as the rules ask for (one or two)."""
    row = require_version(_open(inspection_id, actor), version)
    if missing := unanswered(row):
        raise DomainError(
            _("Not looked at yet: %(items)s.") % {"items": LISTED.join(codes.label(ITEMS, code) for code in missing)},
            code="unanswered",
        )
    row.inspector = row.inspector or actor
    row.companion = _companion(row, companion)
    if row.companion is None and inspectors_needed(row) >= TWO:
        raise DomainError(
            _("Two inspectors are needed here: please enter the second one."), field="companion", code="two_needed"
        )
    row.number = numbers.next_number(numbers.INSPECTION, area_code=row.area_code)
    row.status, row.done_on, row.note = InspectionStatus.DONE, clock.today(), note.strip()[:TEXT]
    row.save(update_fields=["inspector", "companion", "number", "status", "done_on", "note", "version"])
    audit.record(actor=actor, action="inspection.done", target=row, hazards=row.hazards.count())
    return row


def unanswered(row: Inspection) -> list[str]:
    """Codes of the items in use without an answer, in the order of the checklist."""
    hazards = set(row.hazards.values_list("item", flat=True))
    answered = {*row.passed, *row.skipped, *hazards}
    return [code for code, _label in items_at(row.dwelling) if code not in answered]


def inspectors_needed(row: Inspection) -> int:
    """By the grade of the house, and more where something goes to a department."""
    needed = int(rule(f"inspection.inspectors_{row.grade}", area_code=row.area_code).value)
    if row.hazards.filter(disposal=Disposal.REFERRAL).exists():
        needed = max(needed, int(rule("inspection.inspectors_referral", area_code=row.area_code).value))
    return needed


def _check(given: Found) -> None:
    require_code(ITEMS, given.item, field="item")
    for value, offered, field in (
        (given.hazard_class, HazardClass.values, "hazard_class"),
        (given.level, HazardLevel.values, "level"),
        (given.disposal, Disposal.values, "disposal"),
    ):
        if value not in offered:
            raise DomainError(_("Please choose one of the offered entries."), field=field)
    if not given.note.strip():
        raise DomainError(_("Please say what you see."), field="note")


def _companion(row: Inspection, user_id: int | None) -> User | None:
    if user_id is None:
        return None
    person: User | None = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None or person.pk == row.inspector_id or not can(person, Inspection, "work", at=row.area_code):
        raise DomainError(_("Please choose another inspector of this area."), field="companion")
    return person


def _open(inspection_id: int, actor: User) -> Inspection:
    rows = Inspection.objects.restrict(actor, "work").select_for_update(of=("self",))
    row: Inspection = rows.get(pk=inspection_id)
    if row.status != InspectionStatus.OPEN:
        raise DomainError(_("This inspection is finished: what is new belongs to the next one."), code="wrong_state")
    return row


def _write(row: Inspection, items: list[str], outcome: str, actor: User) -> None:
    row.passed = [code for code in row.passed if code not in items]
    row.skipped = [code for code in row.skipped if code not in items]
    if outcome == PASSED:
        row.passed = sorted({*row.passed, *items})
    elif outcome == SKIPPED:
        row.skipped = sorted({*row.skipped, *items})
    row.inspector = row.inspector or actor
    row.save(update_fields=["passed", "skipped", "inspector"])
