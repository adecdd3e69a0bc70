from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.administration.services.codes import retire_item, save_item
from portal.core.errors import DomainError
from portal.policy import codes
from portal.policy.models import CodeItem

pytestmark = pytest.mark.django_db
TABLE = "occupation"


@pytest.fixture(autouse=True)
def today(at):
    at("2026-11-20 09:00")


def save(actor, **changed):
    words = {"code": "91", "name": "外卖骑手", "name_en": "Food courier", "bucket": "", "standard": "", "source": ""}
    days = {"valid_from": None, "valid_to": None}
    return save_item(**{"table": TABLE, "verified": True} | words | days | changed, actor=actor)


def test_a_new_entry_is_offered_at_once_and_stays_after_loading_the_pack(secadmin):
    row = save(secadmin)
    assert row.pack == ""
    assert ("91", "外卖骑手") in codes.choices(TABLE)


def test_an_entry_is_offered_within_its_days_alone(secadmin, at):
    save(secadmin, valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 31))
    for moment, offered in (("2026-11-30", False), ("2026-12-01", True), ("2026-12-31", True), ("2027-01-01", False)):
        at(f"{moment} 09:00")
        assert (("91", "外卖骑手") in codes.choices(TABLE)) is offered


def test_a_retired_entry_keeps_its_label_and_is_not_offered(secadmin):
    row = save(secadmin)
    retire_item(table=TABLE, item_id=row.pk, actor=secadmin)
    assert ("91", "外卖骑手") not in codes.choices(TABLE)
    assert codes.label(TABLE, "91") == "外卖骑手"
    with pytest.raises(DomainError, match="已停用"):
        retire_item(table=TABLE, item_id=row.pk, actor=secadmin)


def test_a_code_is_never_used_twice(secadmin):
    retire_item(table=TABLE, item_id=save(secadmin).pk, actor=secadmin)
    with pytest.raises(DomainError, match="不重复使用"):
        save(secadmin, name="别的")


def test_a_renamed_entry_keeps_its_history(secadmin):
    row = save(secadmin)
    save(secadmin, item_id=row.pk, name="配送员")
    assert codes.label(TABLE, "91") == "配送员"


def test_the_system_administrator_reads_and_changes_nothing(sysadmin):
    with pytest.raises(PermissionDenied):
        save(sysadmin)


def test_adding_changing_and_retiring_on_the_pages(client, secadmin):
    client.force_login(secadmin)
    new = reverse("administration:code_new", args=[TABLE])
    values = {"code": "91", "name": "外卖骑手", "name_en": "Food courier"}
    assert client.post(new, values | {"code": "九一"}).status_code == 422
    assert client.post(new, values | {"valid_from": "2026-12-01", "valid_to": "2026-11-01"}).status_code == 422
    assert client.post(new, values).status_code == 302
    row = CodeItem.objects.get(table=TABLE, code="91")
    edit = reverse("administration:code_edit", args=[TABLE, row.pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, values | {"name": "配送员", "verified": "on"}).status_code == 302
    assert "配送员" in client.get(reverse("administration:code_table", args=[TABLE])).content.decode()
    client.post(reverse("administration:code_retire", args=[TABLE, row.pk]))
    row.refresh_from_db()
    assert (row.name, row.active, row.verified) == ("配送员", False, True)
    assert client.get(reverse("administration:code_table", args=["no-table"])).status_code == 404
