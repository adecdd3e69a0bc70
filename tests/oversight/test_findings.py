"""What stands out in a day's log. Thresholds are policy rules; the tests use the product's own values."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.oversight.models import Finding, Inspection
from portal.oversight.rules import look_through
from portal.oversight.services import conclude
from portal.oversight.wording import explain
from tests.factories.org import StaffFactory
from tests.factories.residents import PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def clerk():
    return StaffFactory.create(display_name="王芳")


def looks(actor, count: int, action: str = "open", people: int = 0) -> None:
    for number in range(count):
        audit.access(actor=actor, action=action, person_ids=[people or 900_000 + number])


def kinds() -> list[str]:
    return sorted(Finding.objects.values_list("kind", flat=True))


def test_fifteen_full_values_within_one_hour_are_a_finding_fourteen_are_none(clerk, at):
    at("2026-11-20 10:05")
    looks(clerk, 14, "reveal")
    at("2026-11-20 11:05")
    looks(clerk, 14, "reveal")
    assert look_through(DAY) == 0
    looks(clerk, 1, "reveal")
    assert look_through(DAY) == 1
    finding = Finding.objects.get()
    assert finding.facts == {"count": 15, "hour": 11, "limit": 15}
    assert "11:00 至 12:00" in explain(finding)


def test_five_files_opened_after_nine_in_the_evening_are_a_finding(clerk, at):
    at("2026-11-20 20:59")
    looks(clerk, 9)
    assert look_through(DAY) == 0
    at("2026-11-20 21:00")
    looks(clerk, 4)
    at("2026-11-20 05:59")
    looks(clerk, 1)
    assert look_through(DAY) == 1
    assert kinds() == ["off_hours"]


def test_somebody_at_the_namesakes_dwelling_or_the_own_unit_is_a_finding(clerk, at):
    at("2026-11-20 10:00")
    namesake = RegistrationFactory.create(person=PersonFactory.create(name="王芳"))
    housemate = RegistrationFactory.create(dwelling=namesake.dwelling)
    colleague = RegistrationFactory.create(workplace=clerk.department.name)
    stranger = RegistrationFactory.create()
    for one in (stranger, housemate, colleague):
        looks(clerk, 1, people=one.person_id)
    assert look_through(DAY) == 1
    finding = Finding.objects.get(kind="near")
    assert set(finding.person_ids) == {housemate.person_id, colleague.person_id}
    assert finding.facts == {"count": 2, "ways": ["address", "workplace"]}


def test_people_of_six_communities_in_a_day_are_a_finding(clerk, at):
    at("2026-11-20 10:00")
    for number in range(1, 6):
        looks(clerk, 1, people=PersonFactory.create(area_code=f"33082200100{number}").pk)
    assert look_through(DAY) == 0
    looks(clerk, 1, people=PersonFactory.create(area_code="330822002001").pk)
    assert look_through(DAY) == 1
    assert Finding.objects.get().facts["areas"] == 6


def test_many_changes_count_only_in_the_days_before_an_inspection(clerk, auditor, at):
    at("2026-11-20 10:00")
    for _number in range(50):
        audit.record(actor=clerk, action="person.corrected", target=clerk)
    assert look_through(DAY) == 0
    Inspection.objects.create(day=date(2026, 12, 1), title="省级检查", entered_by=auditor)
    assert look_through(DAY) == 0  # eleven days before
    Inspection.objects.create(day=date(2026, 11, 30), title="市级检查", entered_by=auditor)
    assert look_through(DAY) == 1
    assert Finding.objects.get().facts == {"count": 50, "limit": 50, "inspection": "2026-11-30"}


def test_looking_through_a_day_twice_finds_nothing_twice(clerk, at):
    at("2026-11-20 22:00")
    looks(clerk, 5)
    assert (look_through(DAY), look_through(DAY)) == (1, 0)


def test_scheduled_work_is_no_finding(at):
    at("2026-11-20 22:00")
    looks(StaffFactory.create(is_system=True), 20, "reveal")
    assert look_through(DAY) == 0


@pytest.fixture
def finding(clerk):
    facts = {"count": 6, "from": 21, "until": 6, "limit": 5}
    return Finding.objects.create(kind="off_hours", actor=clerk, day=DAY, facts=facts)


def test_a_finding_is_looked_at_once_with_name_time_and_reason(finding, auditor, at):
    at("2026-11-21 09:00")
    with pytest.raises(DomainError, match="写明"):
        conclude(finding_id=finding.pk, conclusion="  ", actor=auditor)
    done = conclude(finding_id=finding.pk, conclusion="夜班", actor=auditor)
    assert (done.looked_by, done.conclusion) == (auditor, "夜班")
    with pytest.raises(DomainError, match="已"):
        conclude(finding_id=finding.pk, conclusion="再看", actor=auditor)


def test_nobody_concludes_on_a_finding_about_themselves(auditor):
    own = Finding.objects.create(kind="areas", actor=auditor, day=DAY, facts={"count": 1, "areas": 6, "limit": 6})
    with pytest.raises(DomainError):
        conclude(finding_id=own.pk, conclusion="没事", actor=auditor)
    with pytest.raises(IntegrityError, match="finding_not_by_oneself"), transaction.atomic():
        Finding.objects.filter(pk=own.pk).update(looked_by=auditor, looked_at="2026-11-21T09:00Z", conclusion="没事")


def test_business_accounts_conclude_nothing(finding, clerk):
    with pytest.raises(PermissionDenied):
        conclude(finding_id=finding.pk, conclusion="没事", actor=clerk)
