from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory

from portal.org.models import AreaUserGrant, User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from residents.choices import ApplicationKind, ApplicationStatus, Ground, PermitStatus, ProofKind
from residents.models import Permit, PermitApplication, PermitStep, Person
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

COUNTY = "330822"
TOWNSHIP = "330822001"
COMMUNITY = "330822001001"
SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE_ACTIONS = ("view", "add", "accept", "review", "sign", "deliver", "withdraw", "print")
PERMIT_ACTIONS = ("view", "remind", "endorse", "change", "terminate", "print")

ID_AND_PHOTO = (ProofKind.ID_CARD, ProofKind.PHOTO)
LEASE_FILE = (*ID_AND_PHOTO, ProofKind.LEASE)


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in the county: `at("2026-03-10", 9, 30)`."""
    parsed = date.fromisoformat(day)
    return datetime(parsed.year, parsed.month, parsed.day, hour, minute, tzinfo=SHANGHAI)


def officer(*, role: str = "police", where: str = COUNTY, files: Sequence[str] = FILE_ACTIONS) -> User:
    """Somebody who may do all permit work at `where`, as far as their department and the law allow."""
    user = StaffFactory.create(role=role, area_code=where)
    area = AreaFactory.create(code=where)
    grant_to_user(user, PermitApplication, files, at=area)
    grant_to_user(user, Permit, PERMIT_ACTIONS, at=area)
    grant_to_user(user, PermitStep, ["view"], at=area)
    grant_to_user(user, Person, ["view", "reveal"], at=area)
    AreaUserGrant.objects.filter(user=user).update(valid_from=at("2020-01-01"))
    forget_grants(user)
    return user


def resident(registered: str, **changes: Any) -> Person:
    """Somebody who registered on that day and rents a home; `person__name=…` and fields of the stay may be changed."""
    person_changes = {key[8:]: changes.pop(key) for key in list(changes) if key.startswith("person__")}
    day = date.fromisoformat(registered)
    dwelling = changes.pop("dwelling", None) or DwellingFactory.create()
    person = PersonFactory.create(area_code=dwelling.area_code, **person_changes)
    fields = {"arrived_on": day, "workplace": "常山恒达电子有限公司"} | changes
    RegistrationFactory.create(person=person, dwelling=dwelling, **fields)
    return person


class PermitFactory(DjangoModelFactory[Permit]):
    """Issued on 10 March 2025: to be endorsed from 10 February up to and including 9 March 2026."""

    class Meta:
        model = Permit

    person = factory.LazyFunction(lambda: resident("2024-06-03"))
    number = factory.Sequence(lambda n: f"3308222025{900000 + n}")
    dwelling = factory.LazyAttribute(lambda permit: permit.person.registrations.get().dwelling)
    area_code = factory.LazyAttribute(lambda permit: permit.dwelling.area_code)
    ground = Ground.DWELLING
    status = PermitStatus.ACTIVE
    issued_on = date(2025, 3, 10)
    counted_from = date(2024, 6, 3)
    endorse_from = date(2026, 2, 10)
    endorse_by = date(2026, 3, 10)


class ApplicationFactory(DjangoModelFactory[PermitApplication]):
    """Accepted on Tuesday 10 March 2026, due on Wednesday the 25th; all system checks passed."""

    class Meta:
        model = PermitApplication

    person = factory.LazyFunction(lambda: resident("2025-06-03"))
    number = factory.Sequence(lambda n: f"330822S2026{900000 + n}")
    kind = ApplicationKind.FIRST
    registration = factory.LazyAttribute(lambda file: file.person.registrations.get())
    area_code = factory.LazyAttribute(lambda file: file.registration.area_code)
    ground = Ground.DWELLING
    status = ApplicationStatus.ACCEPTED
    submitted_on = date(2026, 3, 10)
    accepted_at = at("2026-03-10")
    due_on = date(2026, 3, 25)
    checks_passed = True
    eligibility = factory.LazyFunction(lambda: {"checks": [], "grounds": ["dwelling"], "half_year_on": "2025-12-03"})
    registrar = factory.SubFactory(StaffFactory)
