"""The tree: positional codes, archived instead of deleted, and never while something stands on it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.administration.services import areas as service
from portal.audit.models import AuditEntry
from portal.core.errors import DomainError
from portal.org.models import Area
from tests.administration.conftest import COMMUNITY, COUNTY, OTHER, TOWNSHIP
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 12, 31)


def add(areas, actor, code, parent=TOWNSHIP, name="锦绣社区"):
    return service.add_area(parent=areas[parent], code=code, name=name, valid_from=date(2026, 1, 1), actor=actor)


def test_a_new_area_carries_its_level_and_initials(sysadmin, areas):
    area = add(areas, sysadmin, "330822001099")
    assert (area.level, area.initials, area.parent) == ("community", "jxsq", areas[TOWNSHIP])


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("330822002099", "开头"),
        ("33082200109", "位数"),
        (COMMUNITY, "已被使用"),
        ("33082200109x", "开头"),
    ],
)
def test_a_code_says_where_it_belongs(sysadmin, areas, code, words):
    with pytest.raises(DomainError, match=words) as refused:
        add(areas, sysadmin, code)
    assert refused.value.field == "code"


def test_only_whoever_changes_the_tree_there_adds_to_it(secadmin, areas):
    with pytest.raises(PermissionDenied):
        add(areas, secadmin, "330822001099")


def test_a_renamed_area_keeps_its_code_and_its_history(sysadmin, areas):
    service.rename_area(area_id=areas[COMMUNITY].pk, name="东明社区", reason="民政批复", actor=sysadmin)
    assert Area.objects.get(code=COMMUNITY).name == "东明社区"
    assert AuditEntry.objects.get(action="area_renamed").details["before"] == f"区域{COMMUNITY}"


def archive(areas, actor, code=OTHER, successor=TOWNSHIP):
    return service.archive_area(
        area_id=areas[code].pk, last_day=DAY, successor=areas[successor], reason="撤并", actor=actor
    )


def test_an_empty_area_is_archived_with_its_successor_and_stays_in_the_tree(sysadmin, areas):
    archive(areas, sysadmin)
    area = Area.objects.get(code=OTHER)
    assert (area.valid_to, area.successor) == (DAY, areas[TOWNSHIP])
    with pytest.raises(DomainError, match="已撤销"):
        archive(areas, sysadmin)
    with pytest.raises(DomainError, match="已撤销"):
        add(areas, sysadmin, "330822002001", parent=OTHER)


def test_an_area_with_people_records_or_areas_below_says_what_stands_on_it(sysadmin, areas):
    AreaFactory.create(code="330822002001", parent=areas[OTHER])
    StaffFactory.create(area_code="330822002001")
    DwellingFactory.create(area_code="330822002001")
    with pytest.raises(DomainError) as refused:
        archive(areas, sysadmin)
    for words in ("下级区域 1", "使用中的账号 1", "居住处所 1"):
        assert words in refused.value.message


def test_an_area_with_rights_in_force_is_not_archived(sysadmin, areas, housing_group):
    with pytest.raises(DomainError, match="有效的用户组权限 1"):
        archive(areas, sysadmin, code=TOWNSHIP, successor=OTHER)


def test_the_successor_lies_outside(sysadmin, areas):
    with pytest.raises(DomainError, match="本区域以外"):
        archive(areas, sysadmin, code=TOWNSHIP, successor=COMMUNITY)


def test_the_tree_is_searched_by_code_name_and_initials(client, sysadmin, areas):
    add(areas, sysadmin, "330822001099")
    client.force_login(sysadmin)
    for text in ("锦绣", "jxs", "330822001099"):
        rows = client.get(reverse("administration:areas"), {"q": text}).context["rows"]
        assert [row.name for row in rows] == ["锦绣社区"]
    assert list(client.get(reverse("administration:areas"), {"q": "没有"}).context["rows"]) == []


def test_the_database_counts_records_for_whoever_may_change_the_area_alone(client, sysadmin, secadmin, areas):
    """The system administrator sees no dwelling, and is still told that one is there."""
    DwellingFactory.create(area_code="330822002001")
    values = {"last_day": "2026-12-31", "successor": TOWNSHIP, "reason": "撤并"}
    url = reverse("administration:area_archive", args=[areas[OTHER].pk])
    client.force_login(sysadmin)
    page = client.post(url, values)
    assert page.status_code == 422
    assert "居住处所 1" in page.content.decode()
    colleague = Client()
    colleague.force_login(secadmin)
    assert colleague.post(url, values).status_code == 403


def test_one_and_forty_areas_take_the_same_queries(client, sysadmin, areas):
    client.force_login(sysadmin)
    url = reverse("administration:areas") + f"?at={COUNTY}"
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(10, 50):
        AreaFactory.create(code=f"3308220{number}", parent=areas[COUNTY])
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
