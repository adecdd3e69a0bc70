"""What the calendar tells the register once a day: half a year is full, an endorsement is due."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from portal.core import clock
from portal.events import bus
from portal.events.models import StoredEvent
from residents.choices import PermitStatus
from residents.events import EndorsementDue, HalfYearReached
from residents.models import Permit, Registration
from residents.services.permits.eligibility import CITIZEN_DOCUMENTS, half_year_on
from residents.services.permits.endorsements import due_for_reminder

# How far back a run looks for days it was not there for; told events are looked up over the same time.
CATCH_UP = timedelta(days=31)
SHORTEST_HALF_YEAR, LONGEST_HALF_YEAR = timedelta(days=181), timedelta(days=184)


@transaction.atomic
def announce_half_years(on: date) -> int:
    """Tell once that a person may apply for a permit. Nothing is issued by itself; returns how many were told."""
    told = _told(HalfYearReached.name, "person_id")
    done = 0
    for registration in _candidates(on):
        full_on = half_year_on(registration)
        if on - CATCH_UP < full_on <= on and registration.person_id not in told:
            bus.publish(
                HalfYearReached(
                    person_id=registration.person_id,
                    registration_id=registration.pk,
                    area_code=registration.area_code,
                )
            )
            done += 1
    return done


@transaction.atomic
def announce_endorsements(on: date) -> int:
    """Tell once for each permit and year that its endorsement is due; returns how many were told."""
    told = _told(EndorsementDue.name, "permit_id")
    done = 0
    near = due_for_reminder(Permit.objects.filter(status=PermitStatus.ACTIVE, endorse_by__gt=on), on)
    for permit in near.iterator():
        if permit.pk not in told:
            bus.publish(
                EndorsementDue(
                    person_id=permit.person_id,
                    permit_id=permit.pk,
                    area_code=permit.area_code,
                    due_on=permit.endorse_by,
                )
            )
            done += 1
    return done


def _candidates(on: date) -> Iterable[Registration]:
    """Stays whose half-year may have become full lately; whoever has a permit or another document is left out."""
    stays = Registration.objects.active().filter(person__document_kind__in=CITIZEN_DOCUMENTS)
    stays = stays.exclude(person__permits__status__in=[PermitStatus.ACTIVE, PermitStatus.SUSPENDED])
    plain = stays.filter(
        suspended_days=0,
        counts_from__gt=on - LONGEST_HALF_YEAR - CATCH_UP,
        counts_from__lte=on - SHORTEST_HALF_YEAR,
    )
    suspended = stays.filter(suspended_days__gt=0, counts_from__lte=on - SHORTEST_HALF_YEAR)
    yield from plain.iterator()
    yield from suspended.iterator()


def _told(name: str, key: str) -> set[int]:
    since = clock.now() - 2 * CATCH_UP
    payloads = StoredEvent.objects.filter(name=name, at__gte=since).values_list("payload", flat=True)
    return {int(payload[key]) for payload in payloads}
