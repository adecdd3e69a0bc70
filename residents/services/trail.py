"""What every step leaves behind: a line of ledger L2, the file's area, a stay that goes on."""

from datetime import date

from portal.core import clock
from portal.org.models import User
from residents.choices import DiscoveredBy
from residents.models import Person, Registration, RegistrationChange
from residents.services.merging.pairs import follow_person


def reopen(registration: Registration, status: str) -> None:
    """The stay goes on as if it had never been ended."""
    registration.status = status
    registration.left_on = registration.closed_on = None
    registration.left_reason = registration.left_for = ""
    registration.suspected_on, registration.suspected_by = None, ""
    ended = ["left_on", "closed_on", "left_reason", "left_for", "suspected_on", "suspected_by"]
    registration.save(update_fields=["status", *ended, "suspended_days", "version"])


def write_change(
    registration: Registration,
    kind: str,
    happened_on: date,
    actor: User,
    *,
    before: str = "",
    after: str = "",
    reason: str = "",
    destination: str = "",
    discovered_by: str = DiscoveredBy.PERSON,
) -> RegistrationChange:
    """One line of ledger L2."""
    return RegistrationChange.objects.create(
        registration=registration,
        person_id=registration.person_id,
        area_code=registration.area_code,
        kind=kind,
        recorded_on=clock.today(),
        happened_on=happened_on,
        before=before[:240],
        after=after[:240],
        reason=reason[:200],
        destination=destination[:80],
        discovered_by=discovered_by,
        actor=actor,
    )


def follow_area(person: Person, area_code: str) -> None:
    """The office that answers for the file is where the newest registration stands."""
    if person.area_code != area_code:
        person.area_code = area_code
        person.save(update_fields=["area_code"])
        follow_person(person)
