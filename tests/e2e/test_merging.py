"""A clerk of the township merges two files, finds what came later, and takes the merge back (issue 4, must show 5)."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.org.middleware import scoped_transaction
from portal.org.models import User
from residents.models import DuplicatePair, Person
from residents.services.identity import phone_index
from residents.services.merging.pairs import refresh_pairs
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, id_number

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)
COMMUNITY = "330822001001"


@pytest.fixture
def two_files(portal: Any) -> tuple[Person, Person]:
    clerk = User.objects.get(username="township")
    found = []
    with scoped_transaction(clerk):
        for number, phone in ((21, "13700000021"), (23, "13700000023")):
            person = PersonFactory.create(
                area_code=COMMUNITY,
                name="合并测试人",
                document_number=id_number(division="620322", sequence=number),
                phone=phone,
                phone_index=phone_index(phone),
            )
            home = DwellingFactory.create(area_code=COMMUNITY, room=f"{number}09", code=f"{COMMUNITY}9{number:05d}")
            RegistrationFactory.create(person=person, dwelling=home, registrar=clerk)
            found.append(person)
        refresh_pairs(person_ids=[found[0].pk])
    return found[0], found[1]


def test_merge_and_take_back(page_as: Callable[..., Page], two_files: tuple[Person, Person]):
    one, other = two_files
    page = page_as("township")
    page.goto("/duplicates/")
    expect(page.locator("h1")).to_have_text("疑似重复")
    page.locator("tr", has_text="合并测试人").first.locator("a").first.click()
    expect(page.get_by_text("证件号码仅差一处")).to_be_visible()
    page.locator(f"input[name=survivor][value='{one.pk}']").check()
    page.locator(f"input[name=value_phone][value='{one.pk}']").focus()
    page.keyboard.press("2")  # a digit picks the file, as everywhere
    assert page.locator(f"input[name=value_phone][value='{other.pk}']").is_checked()
    page.get_by_label("如何确认是同一人").fill("本人到场，两份档案系同一人")
    page.get_by_role("button", name="合并档案").first.click()
    page.locator("#dlg-merge").get_by_role("button", name="合并档案").click()
    expect(page.locator("toast-stack")).to_contain_text("已合并为一份档案")
    merged = page.url
    assert Person.objects.get(pk=one.pk).phone == "13700000023"
    page.goto(f"/people/{other.pk}/")
    assert page.url.endswith(f"/people/{one.pk}/")

    Person.objects.filter(pk=one.pk).update(education="31")
    page.goto(merged)
    expect(page.get_by_text("合并后新增或变更了 1 项")).to_be_visible()
    page.locator("input[name=route-0][value=absorbed]").check()
    page.get_by_label("为何要恢复为两份档案").fill("核对后系两人")
    page.get_by_role("button", name="撤销合并").click()
    expect(page.locator("toast-stack")).to_contain_text("已恢复为两份档案")
    first, second = Person.objects.get(pk=one.pk), Person.objects.get(pk=other.pk)
    assert (first.phone, first.education) == ("13700000021", "")
    assert (second.phone, second.education, second.merged_into_id) == ("13700000023", "31", None)
    assert DuplicatePair.objects.get(first=one, second=other).status == "not_same"
