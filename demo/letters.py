"""Letters of responsibility of the demo county: most are signed, some wait, a few have ended."""

from datetime import timedelta
from itertools import islice
from random import Random

from django.conf import settings
from django.db.models import Case, When

from demo.rentals import CLERK, REVIEWER
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.policy.services import rule
from rentals.choices import SignedHow
from rentals.models import RentalRegistration, ResponsibilityLetter
from rentals.services.numbers import LETTER, RESPONSIBILITY
from residents.models import NumberSeries

BLOCK = 1_000
WAITING, ENDED, NONE = (6, 1), (11, 4), (17, 3)
"""Of six one waits to be signed, and which; of eleven one has ended; of seventeen one has none. The clerk's own
community comes first, so that it has one of each."""


def fill_letters(*, seed: int) -> None:
    """Repeatable: nothing is added when there are letters already."""
    if ResponsibilityLetter.objects.exists():
        return
    rng, today = Random(seed), clock.today()
    clerk, officer = (User.objects.get(username=name) for name in (CLERK, REVIEWER))
    days, given = int(rule("letter.valid_days").value), 0
    with scoped_transaction(officer):
        elsewhere = Case(When(area_code__startswith=clerk.area_code, then=0), default=1)
        rows = RentalRegistration.objects.registered().order_by(elsewhere, "pk").only("pk", "landlord_name")
        found = enumerate(rows.iterator(chunk_size=BLOCK))
        while block := list(islice(found, BLOCK)):
            fresh = []
            for place, rental in block:
                if _is(place, NONE):
                    continue
                given += 1
                fresh.append(_letter(rental, place=place, number=given, days=days, rng=rng, by=(clerk, officer)))
            ResponsibilityLetter.objects.bulk_create(fresh)
        if given:
            NumberSeries.objects.create(
                county_code=settings.COUNTY_CODE, kind=RESPONSIBILITY, year=today.year, last=given
            )


def _letter(
    rental: RentalRegistration, *, place: int, number: int, days: int, rng: Random, by: tuple[User, User]
) -> ResponsibilityLetter:
    today = clock.today()
    waits = _is(place, WAITING)
    ago = days + rng.randint(1, 60) if _is(place, ENDED) else rng.randint(5, days - 1)
    day = today - timedelta(days=rng.randint(1, 40) if waits else ago)
    row = ResponsibilityLetter(
        rental=rental,
        year=day.year,
        number=f"{settings.COUNTY_CODE}{LETTER[RESPONSIBILITY]}{today.year}{number:06d}",
        issued_on=day,
        issued_by=by[1],
    )
    if not waits:
        row.signed_on = row.valid_from = day
        row.valid_to = day + timedelta(days=days - 1)
        row.signer_name, row.manner, row.signed_before = rental.landlord_name, SignedHow.SCREEN, by[0]
    return row


def _is(place: int, turn: tuple[int, int]) -> bool:
    every, which = turn
    return place % every == which
