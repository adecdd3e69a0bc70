"""Taking over an older register: what it has as in force is entered and accepted in one act, a block at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.events.bus import publish_many
from portal.org.codes import COUNTY
from portal.org.models import User
from portal.org.scoping import require
from rentals.choices import RentalStatus, RentalStepKind
from rentals.events import RentalAccepted
from rentals.models import RentalRegistration, RentalStep
from rentals.services import numbers
from rentals.services.registrations import RentalInput, entered, registered_already
from rentals.workflow import RENTAL_WORKFLOW
from residents.models import Dwelling


@dataclass(frozen=True, slots=True)
class Home:
    """A line of the older register; `registered_on` is the day it was registered then."""

    dwelling_id: int
    given: RentalInput
    registered_on: date


@transaction.atomic
def take_over(homes: Sequence[Home], *, actor: User) -> list[RentalRegistration | DomainError]:
    """For each home, in order, its registration or why there is none. The rules before letting apply as they do today,
    and both rights are asked for: to hand in and to accept. A few statements for the whole block.

    The series of numbers is locked first: whoever registers the same dwelling at the same time waits for it as well, so
    that what is live is known. Nothing is written to the audit log: whoever calls says what the block was part of.
    """
    doors = Dwelling.objects.restrict(actor, "view").standing().in_bulk([home.dwelling_id for home in homes])
    for county in sorted({door.area_code[:COUNTY] for door in doors.values()}):
        numbers.next_numbers(numbers.RENTAL, 0, area_code=county)
    live = set(RentalRegistration.objects.live().filter(dwelling__in=doors).values_list("dwelling_id", flat=True))
    answers: list[RentalRegistration | DomainError] = []
    for home in homes:
        try:
            answers.append(_accepted(home, doors.get(home.dwelling_id), live, actor))
            live.add(home.dwelling_id)
        except DomainError as refusal:
            answers.append(refusal)
    _save([one for one in answers if isinstance(one, RentalRegistration)], actor)
    return answers


def _accepted(home: Home, door: Dwelling | None, live: set[int], actor: User) -> RentalRegistration:
    if door is None:
        raise DomainError(_("Please choose an address from the list, or add the dwelling."), field="dwelling")
    if door.pk in live:
        raise registered_already()
    row = entered(door, home.given, actor)
    require(actor, RentalRegistration, "review", at=row.area_code)
    if home.registered_on > clock.today():
        raise DomainError(_("This day has not come yet."), field="registered_on")
    row.status = RENTAL_WORKFLOW.target("accept", status=RentalStatus.SUBMITTED)
    row.registered_on, row.decided_by = home.registered_on, actor
    return row


def _save(rows: list[RentalRegistration], actor: User) -> None:
    for county, own in _by_county(rows):
        given = numbers.next_numbers(numbers.RENTAL, len(own), area_code=county)
        for row, number in zip(own, given, strict=True):
            row.number = number
    RentalRegistration.objects.bulk_create(rows)
    RentalStep.objects.bulk_create(RentalStep(rental=row, kind=RentalStepKind.ACCEPTED, actor=actor) for row in rows)
    publish_many(RentalAccepted(rental_id=row.pk, dwelling_id=row.dwelling_id, area_code=row.area_code) for row in rows)


def _by_county(rows: Iterable[RentalRegistration]) -> Iterable[tuple[str, list[RentalRegistration]]]:
    found: dict[str, list[RentalRegistration]] = {}
    for row in rows:
        found.setdefault(row.area_code[:COUNTY], []).append(row)
    return sorted(found.items())
