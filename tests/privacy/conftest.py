import pytest

from portal.org.models import User
from privacy.models import Consent, SubjectRequest
from residents.models import Person, Registration


@pytest.fixture
def handler(staff, at) -> User:
    """Deals with requests in one community; Friday 20 November 2026, noon."""
    at("2026-11-20 12:00")
    user = staff(SubjectRequest, "view", "add", "handle", role="police")
    staff(Consent, "view", "record", "withdraw", user=user)
    staff(Registration, "view", "change", user=user)
    return staff(Person, "view", "correct", "restrict", "see_restricted", user=user)


@pytest.fixture
def clerk(staff, handler) -> User:
    """Sees the register and takes requests in, no more."""
    user = staff(SubjectRequest, "view", "add", role="coadmin")
    return staff(Person, "view", user=user)
