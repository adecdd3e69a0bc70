"""Files of children: whoever opens one says why, and again after a while (PIPL art. 31, digest P5)."""

from datetime import timedelta

from django.db import transaction

from portal.audit import services as audit
from portal.core import clock
from portal.org.models import User
from portal.policy.services import rule
from residents.models import Person
from residents.services.guardians import age_on
from residents.services.projection import require_reason

MINOR = "minor"


def is_minor(person: Person) -> bool:
    return age_on(person.birth_date, clock.today()) < int(rule("privacy.minor_age").value)


def reason_holds_for() -> timedelta:
    """How long one reason serves for one person in one session."""
    return timedelta(minutes=int(rule("minor.reason_minutes").value))


@transaction.atomic
def say_why(*, person_id: int, reason_code: str, reason_text: str = "", case_number: str = "", actor: User) -> Person:
    """Write the access row of its own that a child's file asks for. Raises DomainError beside the field."""
    person = Person.objects.restrict(actor, "view").get(pk=person_id)
    require_reason(reason_code, reason_text)
    audit.access(
        actor=actor,
        action="open",
        person_ids=[person.pk],
        fields=[MINOR],
        purpose=reason_code,
        case_number=case_number.strip(),
        reason=reason_text.strip(),
    )
    return person
