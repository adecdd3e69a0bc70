"""Steps that the tests of the permit rules take again and again."""

from typing import Any

from residents.choices import Ground
from residents.services.permits import applications, decisions
from tests.factories.permits import (
    LEASE_FILE,
    officer,
)


def take_in(person, *, actor=None, **changes):
    values: dict[str, Any] = {"ground": Ground.DWELLING, "papers": LEASE_FILE} | changes
    return applications.apply(person_id=person.pk, **values, actor=actor or officer())


def issued(person, *, clerk=None, chief=None) -> Any:
    """A file taken in, reviewed and signed today."""
    chief = chief or officer()
    file = take_in(person, actor=clerk or officer())
    decisions.review(application_id=file.pk, actor=chief)
    return decisions.sign(application_id=file.pk, actor=chief)
