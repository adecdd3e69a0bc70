"""Letters of responsibility for rental safety (治安责任书, digest row 70): in batches, signed, renewed yearly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.files import services as files
from portal.jobs.services import enqueue
from portal.org.models import Area, User
from portal.org.scoping import require
from portal.policy.services import rule
from rentals.choices import LandlordKind, RentalStatus, SignedHow
from rentals.models import RentalRegistration, ResponsibilityLetter
from rentals.models.registration import RentalQuerySet
from rentals.services import numbers
from rentals.services.inspections.hazards import Photo
from residents.services.versions import require_version

ISSUE = "rentals.issue_letters"
SCAN = "signed"
AT_ONCE, NAME = 1_000, 80
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SignedRate:
    """Q8: letters signed and valid among the registrations in force."""

    in_force: int
    signed: int
    target: int

    @property
    def percent(self) -> int | None:
        return 100 * self.signed // self.in_force if self.in_force else None


def renewal_day() -> date:
    """Letters that hold until this day or less are renewed."""
    return clock.today() + timedelta(days=int(rule("letter.renewal_days").value))


def signed_rate(rows: RentalQuerySet) -> SignedRate:
    registered = rows.registered().order_by()
    signed = registered.filter(letter_until__gte=clock.today()).count()
    return SignedRate(registered.count(), signed, int(rule("target.letter_signed_rate").value))


def ask_for_letters(*, area_code: str, actor: User) -> Area:
    """A job issues them, because an area may have many thousands. A second one finds nothing left to do."""
    require(actor, RentalRegistration, "review", at=area_code)
    area: Area = Area.objects.get(code=area_code)
    title = _("Issue letters of responsibility: %(area)s") % {"area": area.name}
    enqueue(kind=ISSUE, actor=actor, title=title, area=area_code)
    audit.record(actor=actor, action="letter.batch_asked", target=area)
    return area


def issue_letters(*, area_code: str, actor: User, progress: Progress) -> int:
    """One for each registration in force of the area without a letter to sign and without one that holds longer than
    the time of renewal. Repeatable: a second run issues nothing."""
    rows: Any = RentalRegistration.objects.restrict(actor, "review").within(area_code)
    total, done = _lacking(rows).count(), 0
    for count in _in_batches(rows, actor):
        done += count
        progress(done, max(done, total))
    audit.record(actor=actor, action="letter.batch_issued", target=Area.objects.get(code=area_code), letters=done)
    return done


def renew_letters(*, actor: User) -> int:
    """Every night: whoever has signed before gets the next letter before the last one ends."""
    return sum(_in_batches(RentalRegistration.objects.filter(letter_until__isnull=False), actor))


@transaction.atomic
def issue(*, rental_id: int, version: int, actor: User) -> ResponsibilityLetter:
    """For one registration."""
    rows = RentalRegistration.objects.restrict(actor, "review").filter(pk=rental_id)
    rental = require_version(rows.get(), version)
    if rental.status != RentalStatus.REGISTERED:
        raise DomainError(_("Only a registration in force has a letter of responsibility."), code="wrong_state")
    if not _batch(rows, actor):
        raise DomainError(_("There is a letter already: to be signed, or still valid."), code="wrong_state")
    row = ResponsibilityLetter.objects.get(rental=rental_id, signed_on=None)
    audit.record(actor=actor, action="letter.issued", target=rental, number=row.number)
    return row


@transaction.atomic
def sign(
    *, rental_id: int, signer_name: str, manner: str, signed_on: date, scan: Photo | None, version: int, actor: User
) -> ResponsibilityLetter:
    """On a screen the landlord or the agent types the own name; a paper needs its scan. `version` is the letter's."""
    rental = RentalRegistration.objects.restrict(actor, "add").get(pk=rental_id)
    if rental.status != RentalStatus.REGISTERED:
        raise DomainError(_("The registration is no longer in force: nothing is to be signed."), code="wrong_state")
    rows = ResponsibilityLetter.objects.select_for_update(of=("self",)).filter(rental=rental)
    row = rows.filter(signed_on=None).first()
    if row is None:
        raise DomainError(_("There is no letter to be signed, or it is signed already."), code="wrong_state")
    require_version(row, version)
    name = signer_name.strip()[:NAME]
    _check_signature(rental, row, name=name, manner=manner, signed_on=signed_on, scan=scan)
    row.signer_name, row.manner, row.signed_on, row.signed_before = name, manner, signed_on, actor
    row.valid_from, row.valid_to = _term(row, signed_on)
    row.save(update_fields=["signer_name", "manner", "signed_on", "signed_before", "valid_from", "valid_to", "version"])
    if scan is not None:
        files.attach(target=row, area_code=rental.area_code, kind=SCAN, source=scan.source, size=scan.size, actor=actor)
    audit.record(actor=actor, action="letter.signed", target=rental, number=row.number)
    return row


def _check_signature(
    rental: RentalRegistration,
    row: ResponsibilityLetter,
    *,
    name: str,
    manner: str,
    signed_on: date,
    scan: Photo | None,
) -> None:
    if manner not in SignedHow.values:
        raise DomainError(_("Please choose one of the offered entries."), field="manner")
    if not name:
        raise DomainError(_("Please enter the name of whoever signs."), field="signer_name")
    if not row.issued_on <= signed_on <= clock.today():
        raise DomainError(_("The day lies before the letter was issued, or in the future."), field="signed_on")
    if manner == SignedHow.PAPER and scan is None:
        raise DomainError(_("Please add the scan of the signed paper."), field="file", code="no_scan")
    on_screen, person = manner == SignedHow.SCREEN, rental.landlord_kind == LandlordKind.PERSON
    if on_screen and person and name not in (rental.landlord_name, rental.agent_name):
        raise DomainError(_("This is not the name of the landlord or the agent."), field="signer_name")


def _term(row: ResponsibilityLetter, signed_on: date) -> tuple[date, date]:
    """A renewed one begins when the one before ends, so that signing early costs nobody a day."""
    last = ResponsibilityLetter.objects.filter(rental=row.rental_id).aggregate(last=Max("valid_to"))["last"]
    begins = max(signed_on, last + timedelta(days=1)) if last else signed_on
    return begins, begins + timedelta(days=int(rule("letter.valid_days").value) - 1)


def _lacking(rows: Any) -> Any:
    ends = Q(letter_until=None) | Q(letter_until__lte=renewal_day())
    return rows.registered().filter(ends, letter_open=False)


def _in_batches(rows: Any, actor: User) -> Iterator[int]:
    while count := _batch(rows, actor):
        yield count


@transaction.atomic
def _batch(rows: Any, actor: User) -> int:
    """The series is locked first: two jobs over one area do not issue twice."""
    year, county = clock.today().year, settings.COUNTY_CODE
    numbers.next_numbers(numbers.RESPONSIBILITY, 0, area_code=county)
    last = ResponsibilityLetter.objects.filter(rental=OuterRef("pk")).order_by("-year").values("year")[:1]
    found = _lacking(rows).annotate(after=Subquery(last) + 1).order_by("pk").values_list("pk", "after")
    missing = list(found[:AT_ONCE])
    given = numbers.next_numbers(numbers.RESPONSIBILITY, len(missing), area_code=county)
    ResponsibilityLetter.objects.bulk_create(
        ResponsibilityLetter(
            rental_id=rental, year=max(year, after or 0), number=number, issued_on=clock.today(), issued_by=actor
        )
        for (rental, after), number in zip(missing, given, strict=True)
    )
    return len(missing)
