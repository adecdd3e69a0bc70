"""An import in the browser, from the template to taking it back."""

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from portal.core import clock
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Person, Registration
from residents.services.identity import document_index
from tests.factories.residents import id_number
from tests.imports import books

pytestmark = pytest.mark.browser
_sequence = count(701, 2)


def row(door: Dwelling, name: str, **changes: Any) -> dict[str, Any]:
    number = id_number(born=date(1991, 7, 9), division="522325", sequence=next(_sequence))
    return {
        "name": name,
        "document_number": number,
        "phone": "13900007001",
        "address": door.address,
        "arrived_on": clock.today().isoformat(),
        "lodging": "租赁房屋",
        "reason": "务工",
    } | changes


def stay_of(number: str) -> Registration | None:
    person = Person.objects.filter(document_index=document_index(number)).first()
    return Registration.objects.filter(person=person, status=RegistrationStatus.ACTIVE).first() if person else None


def test_a_list_is_uploaded_matched_checked_corrected_imported_and_taken_back(
    portal: Any, page_as: Callable[..., Page]
):
    door = Dwelling.objects.filter(area_code__startswith="330822001001").order_by("pk")[0]
    good, wrong = row(door, "欧阳明月"), row(door, "司马清风", lodging="山洞")
    titles = ("人员姓名", "身份证号", "手机号", "居住地址", "入住日期", "居住处所", "居住事由")
    cells = [[one.get(key, "") for key in books.KEYS[:7]] for one in (good, wrong)]
    source = books.book([["东明社区名册"], [], titles, *cells])
    page = page_as("station")

    page.goto("/imports/")
    page.get_by_role("link", name="居住登记").first.click()
    upload: FilePayload = {"name": "名册.xlsx", "mimeType": "application/octet-stream", "buffer": source.getvalue()}
    page.locator("input[data-file]").set_input_files(upload)
    page.get_by_role("button", name="上传并读取").click()
    expect(page.get_by_role("heading", name="确认各列的含义")).to_be_visible()
    expect(page.get_by_label("证件号码")).to_have_value("1")
    expect(page.locator("main")).not_to_contain_text(good["document_number"])

    page.get_by_role("button", name="开始校验").click()
    expect(page.locator(".imp-tile.ok b")).to_have_text("1")
    expect(page.locator(".imp-tile.bad b")).to_have_text("1")
    page.get_by_role("link", name="修改").first.click()
    page.get_by_label("居住处所").fill("租赁房屋")
    page.get_by_role("button", name="重新校验这一行").click()
    expect(page.locator(".imp-tile.ok b")).to_have_text("2")

    page.get_by_role("button", name="导入 2 行").click()
    expect(page.get_by_role("heading", name="核对结果")).to_be_visible()
    expect(page.locator(".imp-sum")).to_contain_text("新增")
    assert stay_of(good["document_number"])
    assert stay_of(wrong["document_number"])

    page.get_by_label("撤回原因").fill("选错了文件")
    page.get_by_role("button", name="撤回本批导入").click()
    expect(page.locator(".imp-result")).to_contain_text("已撤回")
    assert not stay_of(good["document_number"])
    assert not Person.objects.filter(document_index=document_index(wrong["document_number"])).exists()
