import ast
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.administration.services import departments
from portal.administration.wording import MATTERS
from portal.core.errors import DomainError
from portal.org.delegation import may_act_for_police
from portal.org.models import Delegation, Department
from residents.services.permits.applications import ACCEPT, DELIVER
from residents.services.permits.endorsements import ENDORSE
from tests.administration.conftest import COMMUNITY, COUNTY, OTHER, TOWNSHIP
from tests.factories.org import DepartmentFactory, StaffFactory

pytestmark = pytest.mark.django_db


def save(actor, areas, **changed):
    values = {"code": "zjj", "name": "住建局", "name_en": "Housing", "duties": ["housing"], "area": areas[COUNTY]}
    return departments.save_department(**values | changed, actor=actor)


def test_duties_decide_what_a_department_answers_for(sysadmin, areas):
    row = save(sysadmin, areas)
    save(sysadmin, areas, department_id=row.pk, duties=["housing", "office"])
    assert Department.objects.get(code="zjj").duties == ["housing", "office"]
    with pytest.raises(DomainError, match="已被使用"):
        save(sysadmin, areas)


def test_nobody_gives_duties_to_the_own_department(sysadmin, areas):
    own = sysadmin.department
    with pytest.raises(PermissionDenied):
        save(sysadmin, areas, department_id=own.pk, code=own.code, duties=["administration", "police"])


def test_a_security_administrator_leaves_departments_alone(secadmin, areas):
    with pytest.raises(PermissionDenied):
        save(secadmin, areas)


@pytest.fixture
def police(areas):
    return DepartmentFactory.create(code="police", area_code=COUNTY)


def delegate(actor, police, areas, **changed):
    values = {"delegator": police, "area": areas[TOWNSHIP], "matters": [ACCEPT], "basis": "委托书"}
    dates = {"valid_from": date(2026, 1, 1), "valid_to": None}
    return departments.add_delegation(**values | dates | changed, actor=actor)


def test_P12_stations_do_the_delegated_matters_there_and_nowhere_else(secadmin, police, areas, at):
    at("2026-11-20 09:00")
    clerk = StaffFactory.create(role="coadmin", area_code=COMMUNITY)
    row = delegate(secadmin, police, areas)
    assert may_act_for_police(clerk, matter=ACCEPT, at=COMMUNITY)
    assert not may_act_for_police(clerk, matter=DELIVER, at=COMMUNITY)
    assert not may_act_for_police(clerk, matter=ACCEPT, at=OTHER)
    departments.end_delegation(delegation_id=row.pk, reason="收回", actor=secadmin)
    assert not may_act_for_police(clerk, matter=ACCEPT, at=COMMUNITY)


def test_a_delegation_of_today_ends_at_once(secadmin, police, areas, at):
    at("2026-11-20 09:00")
    row = delegate(secadmin, police, areas, valid_from=date(2026, 11, 20))
    ended = departments.end_delegation(delegation_id=row.pk, reason="录错", actor=secadmin)
    assert ended.valid_to == date(2026, 11, 19)
    with pytest.raises(DomainError, match="已终止"):
        departments.end_delegation(delegation_id=row.pk, reason="录错", actor=secadmin)


def test_only_police_delegate_police_matters_in_their_own_area(secadmin, police, areas):
    with pytest.raises(DomainError, match="公安职责"):
        delegate(secadmin, DepartmentFactory.create(code="housing"), areas)
    station = DepartmentFactory.create(code="pcs", duties=["police"], area_code=OTHER)
    with pytest.raises(DomainError, match="不负责"):
        delegate(secadmin, station, areas)


def test_a_system_administrator_delegates_nothing(sysadmin, police, areas):
    with pytest.raises(PermissionDenied):
        delegate(sysadmin, police, areas)


def test_the_page_offers_exactly_the_matters_that_the_product_asks_for():
    assert set(MATTERS) == {ACCEPT, DELIVER, ENDORSE}
    asked = set()
    for path in Path("residents").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require_police_matter":
                asked |= {ast.unparse(word.value) for word in node.keywords if word.arg == "matter"}
    assert asked == {"ACCEPT", "DELIVER", "ENDORSE"}


def test_entering_and_ending_a_delegation_on_the_page(client, secadmin, police):
    client.force_login(secadmin)
    url = reverse("administration:delegations")
    values = {"delegator": police.pk, "area": TOWNSHIP, "matters": [ACCEPT], "valid_from": "2026-01-01"}
    assert client.post(url, values).status_code == 422
    assert client.post(url, values | {"basis": "委托书"}).status_code == 302
    row = Delegation.objects.get()
    assert "受理居住证申请" in client.get(url).content.decode()
    client.post(reverse("administration:delegation_end", args=[row.pk]), {"reason": "收回"})
    row.refresh_from_db()
    assert row.valid_to is not None


def test_a_department_is_changed_on_its_page(client, sysadmin, areas):
    row = save(sysadmin, areas)
    client.force_login(sysadmin)
    url = reverse("administration:department_edit", args=[row.pk])
    values = {"name": "住房和城乡建设局", "duties": ["housing"], "area": COUNTY}
    assert client.post(url, values).status_code == 302
    assert "住房和城乡建设局" in client.get(reverse("administration:departments")).content.decode()
