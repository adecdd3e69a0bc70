from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.administration.services import policy as services
from portal.core.errors import DomainError
from portal.events.models import StoredEvent
from portal.policy.models import CalendarDay, PolicyRule
from portal.policy.services import due_on, rule
from portal.policy.working_days import is_provisional, is_workday
from residents.choices import ApplicationStatus
from residents.models import PermitApplication
from residents.services.permits.recount import recount_due_dates
from tests.factories.org import StaffFactory
from tests.factories.residents import RegistrationFactory

pytestmark = pytest.mark.django_db
COUNTY = "330822"


@pytest.fixture
def secadmin(staff):
    user = staff(CalendarDay, "view", "change", at=COUNTY, role="administration")
    return staff(PolicyRule, "view", "change", at=COUNTY, user=user)


def spring_festival(actor):
    """A made-up notice for 2027: 6 to 12 February off, Sunday 14 February worked."""
    services.set_days(
        first=date(2027, 2, 6), last=date(2027, 2, 12), kind="holiday", name="春节", basis="通知", actor=actor
    )
    services.set_days(
        first=date(2027, 2, 14), last=date(2027, 2, 14), kind="work", name="春节调休", basis="通知", actor=actor
    )


def test_an_entered_notice_changes_the_working_days(secadmin):
    assert is_workday(date(2027, 2, 8))
    spring_festival(secadmin)
    assert not is_workday(date(2027, 2, 8))
    assert is_workday(date(2027, 2, 14))
    assert CalendarDay.objects.count() == 8


def test_a_year_without_its_notice_is_provisional(secadmin):
    assert is_provisional(date(2027, 3, 1))
    services.set_days(
        first=date(2027, 10, 1), last=date(2027, 10, 7), kind="holiday", name="国庆节", basis="通知", actor=secadmin
    )
    assert not is_provisional(date(2027, 3, 1))


def test_open_due_dates_are_counted_again_and_the_change_is_listed(secadmin, at):
    at("2027-01-27 09:00")
    stay = RegistrationFactory.create()
    file = PermitApplication.objects.create(
        number="A1",
        person=stay.person,
        registration=stay,
        area_code=stay.area_code,
        ground="job",
        status=ApplicationStatus.ACCEPTED,
        submitted_on=date(2027, 1, 25),
        accepted_at="2027-01-25T02:00:00Z",
        due_on=due_on(date(2027, 1, 25), "permit.issue_days"),
        due_rule={"code": "permit.issue_days", "value": "15", "unit": "day"},
        registrar=StaffFactory.create(),
    )
    assert file.due_on == date(2027, 2, 9)
    spring_festival(secadmin)
    assert {event.payload["year"] for event in StoredEvent.objects.filter(name="administration.calendar_changed")} == {
        2027
    }
    # 9 February is a day off now; the festival ends on the 12th, the 13th is a Saturday, the 14th is worked
    assert recount_due_dates(year=2027, actor=secadmin) == [("A1", date(2027, 2, 9), date(2027, 2, 14))]
    file.refresh_from_db()
    assert file.due_on == date(2027, 2, 14)
    assert recount_due_dates(year=2027, actor=secadmin) == []


def test_only_a_grant_on_the_county_may_set_anything(staff):
    clerk = staff(CalendarDay, "change", at="330822001")
    with pytest.raises(PermissionDenied):
        spring_festival(clerk)
    assert not CalendarDay.objects.exists()


def test_turned_and_endless_spans_are_refused(secadmin):
    values = {"kind": "holiday", "name": "春节", "basis": "通知", "actor": secadmin}
    with pytest.raises(DomainError, match="结束日期早于开始日期"):
        services.set_days(first=date(2027, 2, 12), last=date(2027, 2, 6), **values)
    with pytest.raises(DomainError, match="最多录入 31 天"):
        services.set_days(first=date(2027, 1, 1), last=date(2027, 12, 31), **values)


def test_the_county_sets_its_own_value_within_the_law(secadmin, at):
    """R6: 15 days, and a local rule may go to 30 at most."""
    at("2026-11-20 09:00")
    row = PolicyRule.objects.get(code="permit.issue_days", area_code="")
    new = {"rule_id": row.pk, "basis": "县公安局通知", "verified": True, "note": "", "actor": secadmin}
    with pytest.raises(DomainError, match="30"):
        services.change_rule(value=31, effective_from=date(2026, 12, 1), **new)
    services.change_rule(value=20, effective_from=date(2026, 12, 1), **new)
    assert rule("permit.issue_days", on=date(2026, 11, 30)).value == 15
    assert rule("permit.issue_days", on=date(2026, 12, 1)).value == 20


def test_the_page_shows_errors_beside_the_field_and_keeps_the_rest(client, secadmin):
    client.force_login(secadmin)
    response = client.post(reverse("administration:calendar"), {"first": "昨儿", "kind": "holiday", "name": "春节"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "没看懂这个日期" in page
    assert 'value="春节"' in page


def test_entering_and_removing_a_day_on_the_page(client, secadmin):
    client.force_login(secadmin)
    values = {"first": "2027-05-03", "last": "", "kind": "holiday", "name": "劳动节", "basis": "通知"}
    assert client.post(reverse("administration:calendar"), values).status_code == 302
    row = CalendarDay.objects.get()
    assert "劳动节" in client.get(reverse("administration:calendar") + "?y=2027").content.decode()
    client.post(reverse("administration:calendar_forget", args=[row.pk]))
    assert not CalendarDay.objects.exists()
