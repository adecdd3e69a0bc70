"""Leases of the demo county: some dwellings, with the people who live there; a few wait for a decision."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from random import Random

from django.conf import settings

from demo.rentals import BLOCK, CLERK, GIVEN, REVIEWER
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from rentals.choices import FiledBy, FilingStatus, Letting
from rentals.models import WHOLE, LeaseFiling, LeaseTenant, RentalRegistration
from rentals.services.filings import FilingInput, file_lease
from rentals.services.numbers import FILING, LETTER
from residents.models import NumberSeries, Registration

OFFICER = "housing"
FILED_SHARE, BY_TENANTS = 0.5, 0.15
DESK = 4


def fill_leases(*, seed: int) -> None:
    """Repeatable: nothing is added when there are leases already. Call it after `fill_rentals`."""
    if LeaseFiling.objects.exists():
        return
    rng = Random(seed)
    clerk, reviewer, officer = (User.objects.get(username=name) for name in (CLERK, REVIEWER, OFFICER))
    with scoped_transaction(clerk):
        rows = RentalRegistration.objects.registered().filter(area_code__startswith=clerk.area_code)
        desk = list(rows.order_by("pk")[:DESK])
    with scoped_transaction(reviewer):
        given: Counter[int] = Counter()
        rentals = RentalRegistration.objects.registered().exclude(pk__in=[row.pk for row in desk])
        waiting = rentals.order_by("pk").iterator(chunk_size=BLOCK)
        while block := list(islice(waiting, BLOCK)):
            _write([row for row in block if rng.random() < FILED_SHARE], given, rng, by=(clerk, officer))
        for year, last in given.items():
            NumberSeries.objects.create(county_code=settings.COUNTY_CODE, kind=FILING, year=year, last=last)
    for number, row in enumerate(desk):
        _hand_in(row, clerk, rng, by_tenant=number % 2 == 1)


def _write(rentals: list[RentalRegistration], given: Counter[int], rng: Random, *, by: tuple[User, User]) -> None:
    living: dict[int, list[Registration]] = defaultdict(list)
    stays = Registration.objects.active().filter(dwelling__in=[row.dwelling_id for row in rentals])
    for stay in stays.select_related("person").order_by("pk"):
        living[stay.dwelling_id].append(stay)
    leases = [lease for row in rentals for lease in _leases(row, living[row.dwelling_id], given, rng, by)]
    LeaseFiling.objects.bulk_create(lease for lease, _tenants in leases)
    LeaseTenant.objects.bulk_create(
        LeaseTenant(filing=lease, registration=stay, name=stay.person.name)
        for lease, tenants in leases
        for stay in tenants
    )


def _leases(
    row: RentalRegistration, stays: list[Registration], given: Counter[int], rng: Random, by: tuple[User, User]
) -> Iterator[tuple[LeaseFiling, list[Registration]]]:
    """One for the whole dwelling with all who live there, or one a room."""
    if not stays:
        return
    parts = [(WHOLE, stays)]
    if row.letting != Letting.WHOLE:
        rooms = min(row.rooms_let, len(stays))
        parts = [(chr(ord("A") + at), stays[at::rooms]) for at in range(rooms)]
    for room, tenants in parts:
        begins = min(stay.arrived_on for stay in tenants)
        given[begins.year] += 1
        lease = LeaseFiling(
            dwelling_id=row.dwelling_id,
            rental=row,
            area_code=row.area_code,
            number=f"{settings.COUNTY_CODE}{LETTER[FILING]}{begins.year}{given[begins.year]:06d}",
            room=room,
            filed_by=FiledBy.TENANT if rng.random() < BY_TENANTS else FiledBy.LANDLORD,
            starts_on=begins,
            ends_on=clock.today() + timedelta(days=rng.randint(5, 400)),
            status=FilingStatus.FILED,
            filed_on=min(begins + timedelta(days=rng.randint(1, 9)), clock.today()),
            submitted_by=by[0],
            decided_by=by[1],
        )
        yield lease, tenants


def _hand_in(row: RentalRegistration, clerk: User, rng: Random, *, by_tenant: bool) -> None:
    """Through the service, as the desk does it; where the tenant files, one of them is not registered yet."""
    today = clock.today()
    with scoped_transaction(clerk):
        stays = tuple(Registration.objects.active().filter(dwelling=row.dwelling_id).values_list("pk", flat=True))
        lead = (rng.choice("张陈赵周") + rng.choice(GIVEN),) if by_tenant or not stays else ()
        given = FilingInput(
            filed_by=FiledBy.TENANT if by_tenant else FiledBy.LANDLORD,
            starts_on=today - timedelta(days=rng.randint(1, 20)),
            ends_on=today + timedelta(days=345),
            stays=stays,
            others=lead,
        )
        file_lease(dwelling_id=row.dwelling_id, given=given, actor=clerk)
