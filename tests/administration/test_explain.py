"""Why somebody can or cannot see a record: the answer has to name the step that decides, and leak nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal.administration.services.explain import Target, explain, explain_own, find_target
from portal.audit.models import AuditEntry
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import AreaUserGrant, User
from portal.org.services import grant_to_user
from residents.models import Dwelling
from tests.administration.conftest import COMMUNITY, COUNTY, OTHER, TOWNSHIP
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dwelling(areas):
    return DwellingFactory.create(area_code=COMMUNITY)


def asked(person, dwelling, actor, action="view"):
    target = Target(Dwelling, action, dwelling.area_code, dwelling.pk)
    return explain(person=User.objects.get(pk=person.pk), target=target, actor=actor)


def labels(told, state):
    return " ".join(f"{step.label} {step.note}" for step in told.steps if step.state == state)


def test_access_that_is_given_names_the_grant_the_area_and_both_walls(secadmin, clerk, dwelling, areas):
    grant_to_user(clerk, Dwelling, ["view"], at=areas[TOWNSHIP], granted_by=secadmin)
    told = asked(clerk, dwelling, secadmin)
    assert told.given
    assert "授予本人" in labels(told, "ok")
    assert secadmin.display_name in labels(told, "ok")
    assert "第二道：以此人身份查询数据库 可见该记录" in labels(told, "ok")


def test_a_missing_grant_is_named_with_who_can_give_it(secadmin, clerk, dwelling):
    told = asked(clerk, dwelling, secadmin)
    assert not told.given
    assert "居住处所·查看" in told.missing
    assert told.givers == [secadmin]


def test_a_grant_that_ended_is_shown_with_the_day(secadmin, clerk, dwelling, areas):
    grant_to_user(clerk, Dwelling, ["view"], at=areas[TOWNSHIP])
    grant = AreaUserGrant.objects.get(user=clerk)
    grant.valid_to = clock.now() - timedelta(days=3)
    grant.save()
    told = asked(clerk, dwelling, secadmin)
    assert not told.given
    assert "到期" in labels(told, "bad")


def test_a_grant_elsewhere_does_not_reach_the_record(secadmin, clerk, dwelling, areas):
    grant_to_user(clerk, Dwelling, ["view"], at=areas[OTHER])
    told = asked(clerk, dwelling, secadmin)
    assert "上述权限都不覆盖这个区域" in labels(told, "bad")


def test_a_disabled_account_is_the_first_thing_said(secadmin, clerk, dwelling, areas):
    grant_to_user(clerk, Dwelling, ["view"], at=areas[COUNTY])
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    told = asked(clerk, dwelling, secadmin)
    assert told.steps[0].state == "bad"
    assert "系统管理员" in told.missing


def test_a_lent_right_whose_lender_lost_it_says_so(secadmin, clerk, dwelling, areas):
    lender = StaffFactory.create(area_code=COMMUNITY, display_name="钱转授")
    grant_to_user(clerk, Dwelling, ["view"], at=areas[COMMUNITY], valid_to=clock.now() + timedelta(days=3))
    grant = AreaUserGrant.objects.get(user=clerk)
    grant.delegated_from = lender
    grant.save()
    told = asked(clerk, dwelling, secadmin)
    assert "钱转授" in labels(told, "bad")


def test_the_look_is_recorded(secadmin, clerk, dwelling):
    asked(clerk, dwelling, secadmin)
    entry = AuditEntry.objects.get(action="access_explained")
    assert (entry.actor, entry.details["area"]) == (secadmin, COMMUNITY)


def test_a_link_is_read_whatever_host_stands_before_it(dwelling):
    path = reverse("residents:dwelling_detail", args=[dwelling.pk])
    for text in (path, f"https://anju.example{path}?tab=1"):
        target = find_target(text=text)
        assert (target.model, target.pk, target.area_code) == (Dwelling, dwelling.pk, COMMUNITY)


def test_a_link_that_leads_nowhere_and_no_record_read_the_same(dwelling):
    missing = reverse("residents:dwelling_detail", args=[dwelling.pk + 1000])
    for text in (missing, "/no/such/page/", "ZZ-没有这个编号"):
        with pytest.raises(DomainError, match="没有找到") as refused:
            find_target(text=text)
        assert refused.value.field == "record"


class TestPages:
    def send(self, client, person, **values):
        return client.post(reverse("administration:why"), {"person": person.pk, "action": "view"} | values)

    def test_a_security_administrator_sees_no_records_and_still_explains(
        self, client, secadmin, clerk, dwelling, areas
    ):
        grant_to_user(clerk, Dwelling, ["view"], at=areas[COMMUNITY])
        client.force_login(secadmin)
        record = reverse("residents:dwelling_detail", args=[dwelling.pk])
        page = self.send(client, clerk, record=record)
        assert page.status_code == 200
        assert "可以访问" in page.content.decode()
        assert dwelling.address not in page.content.decode()
        assert client.get(record).status_code == 403

    def test_a_record_outside_the_administrators_areas_is_as_if_there_were_none(
        self, client, township_secadmin, clerk, areas
    ):
        foreign = DwellingFactory.create(area_code=AreaFactory.create(code="330822002001").code)
        client.force_login(township_secadmin)
        pages = [
            self.send(client, clerk, record=reverse("residents:dwelling_detail", args=[pk]))
            for pk in (foreign.pk, foreign.pk + 1000)
        ]
        assert [page.status_code for page in pages] == [422, 422]
        errors = [page.context["form"].errors["record"] for page in pages]
        assert errors[0] == errors[1]

    def test_a_kind_and_an_area_can_be_asked_without_a_record(self, client, secadmin, clerk):
        client.force_login(secadmin)
        page = self.send(client, clerk, model="residents.Dwelling", area=COMMUNITY)
        assert page.status_code == 200
        assert "缺少权限" in page.content.decode()
        assert self.send(client, clerk).status_code == 422

    def test_an_id_number_is_not_taken(self, client, secadmin, clerk):
        client.force_login(secadmin)
        assert self.send(client, clerk, record="330822199001011234").status_code == 422

    def test_ones_own_reason_is_the_same_for_a_foreign_record_and_for_none(self, client, clerk, dwelling, areas):
        foreign = DwellingFactory.create(area_code=OTHER)
        grant_to_user(clerk, Dwelling, ["view"], at=areas[COMMUNITY])
        client.force_login(clerk)

        def why(pk):
            path = reverse("residents:dwelling_detail", args=[pk])
            missing = client.get(path)
            assert missing.status_code == 404
            assert "/why/?page=" in missing.content.decode()
            return [(step.state, step.label) for step in explain_own(user=clerk, path=path)]

        assert why(foreign.pk) == why(foreign.pk + 1000)
        page = client.get(reverse("administration:own_why"), {"page": "/dwellings/7/"})
        assert page.status_code == 200
        assert "居住处所·查看" in page.content.decode()
