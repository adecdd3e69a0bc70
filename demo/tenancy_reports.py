"""Reports of landlords in the demo county, through the services: in time and late, by code, by plate and in words."""

import uuid
from datetime import date, timedelta
from random import Random

from django.db.models import Exists, OuterRef

from demo.identity import resident_id
from demo.rentals import CLERK, GIVEN
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.services import system_user
from portal.policy.working_days import add_workdays
from rentals.models import RentalRegistration, TenancyReport
from rentals.report_choices import ReporterKind, ReportKind
from rentals.services.reports import decisions, referrals
from rentals.services.reports.intake import Reporter, ReportInput, TenantInput, receive
from residents.models import Registration

STATION = "station"
HOMES = 4
FAR = "520302"


def fill_reports(*, seed: int) -> None:
    """Repeatable: nothing is added when there are reports already. Call it after `fill_rentals`."""
    if TenancyReport.objects.exists():
        return
    rng = Random(seed)
    clerk, station = (User.objects.get(username=name) for name in (CLERK, STATION))
    with scoped_transaction(clerk):
        rows = RentalRegistration.objects.registered().filter(area_code__startswith=clerk.area_code)
        lived_in = Exists(Registration.objects.active().filter(dwelling=OuterRef("dwelling")))
        homes = list(rows.select_related("dwelling").annotate(lived_in=lived_in).order_by("-lived_in", "-pk")[:HOMES])
        living = Registration.objects.active().filter(dwelling__in=[row.dwelling_id for row in homes])
        stays = list(living.select_related("person").order_by("pk"))
    with scoped_transaction(system_user()):
        for at, row in enumerate(homes):
            _report(row, (_newcomer(rng), _newcomer(rng))[: 1 + at % 2], days_ago=at + 1)
        for row in homes[:1]:
            _report(row, (_newcomer(rng),), days_ago=2, confirmed=False)
        for row in homes[1:2]:
            _report(row, (_newcomer(rng),), days_ago=1, words=True)
    if stays:
        _decide(homes, stays, clerk, station)


def _newcomer(rng: Random) -> TenantInput:
    born = date(1975, 1, 1) + timedelta(days=rng.randrange(10_000))
    number = resident_id(FAR, born, rng.choice("12"), rng.randint(0, 1))
    return TenantInput(name=rng.choice("张陈赵周孙吴") + rng.choice(GIVEN), document_number=number)


def _report(
    row: RentalRegistration,
    tenants: tuple[TenantInput, ...],
    *,
    days_ago: int,
    kind: str = ReportKind.MOVED_IN,
    confirmed: bool = True,
    words: bool = False,
) -> TenancyReport:
    batch, day = uuid.uuid4(), add_workdays(clock.today(), -days_ago)
    by_plate, own = not confirmed, confirmed and not words
    given = ReportInput(
        kind=kind,
        happened_on=day,
        tenants=tenants,
        plate=row.dwelling.plate if by_plate else None,
        dwelling_id=row.dwelling_id if own else None,
        area_code=row.community_code if words else "",
        address="村口第二家，小卖部楼上" if words else "",
    )
    who = Reporter(
        kind=ReporterKind.BROKER if words else ReporterKind.LANDLORD,
        name="安心房屋中介" if words else row.landlord_name,
        phone=row.landlord_phone,
        confirmed=confirmed,
    )
    receive(reporter=who, given=given, batch=batch)
    return TenancyReport.objects.get(batch=batch, line=1)


def _decide(homes: list[RentalRegistration], stays: list[Registration], clerk: User, station: User) -> None:
    """Two who were registered already are found true, reported late, and the first is referred; one who moved out
    waits. Where fewer people live there, it is the same one."""
    letting = {row.dwelling_id: row for row in homes}
    told = [(letting[stay.dwelling_id], stay) for stay in stays]
    first, second, third = (told[min(at, len(told) - 1)] for at in range(3))
    late = _late(*first, days_ago=6, clerk=clerk)
    with scoped_transaction(station):
        _refer(late, station)
    _late(*second, days_ago=9, clerk=clerk)
    with scoped_transaction(system_user()):
        row, stay = third
        _report(row, (TenantInput(name=stay.person.name),), days_ago=1, kind=ReportKind.MOVED_OUT)


def _late(row: RentalRegistration, stay: Registration, *, days_ago: int, clerk: User) -> TenancyReport:
    with scoped_transaction(system_user()):
        report = _report(row, (_same(stay),), days_ago=days_ago)
    with scoped_transaction(clerk):
        decisions.link_stay(report_id=report.pk, registration_id=stay.pk, version=1, actor=clerk)
    return report


def _same(stay: Registration) -> TenantInput:
    person = stay.person
    return TenantInput(name=person.name, document_kind=person.document_kind, document_number=person.document_number)


def _refer(report: TenancyReport, station: User) -> None:
    referrals.refer(
        report_id=report.pk,
        basis=referrals.legal_basis(report.area_code) or "《住房租赁条例》",
        evidence=referrals.evidence_of(report, station),
        notice="已当面告知逾期报送的事实和依据，以及陈述、申辩的权利。",
        notified_on=clock.today(),
        sent_to="天马派出所",
        actor=station,
    )
