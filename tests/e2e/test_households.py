"""A family is split on a phone, the new household changes its head there, and the split's page prints."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from residents.models import HEAD, Household, HouseholdMember, Registration
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.browser
TOWN = "330822001001"


@pytest.fixture
def family(portal: object) -> Household:
    """诸葛明 with his wife, his grown-up son and his sister at one door."""
    door = DwellingFactory.create(area_code=TOWN, code="330822001001990002", room="8808")

    def living(name: str, sex: str, **more: object) -> Registration:
        person = PersonFactory.create(area_code=TOWN, name=name, sex=sex)
        stay: Registration = RegistrationFactory.create(person=person, dwelling=door, **more)
        return stay

    head = living("诸葛明", "1")
    living("黄月", "2", head=head, relation="12")
    living("诸葛瞻", "1", head=head, relation="20")
    living("诸葛铃", "2", head=head, relation="77")
    return Household.objects.get(head=head.person)


def told(book: Household) -> dict[str, str]:
    lines = HouseholdMember.objects.active().filter(household=book).select_related("person")
    return {line.person.name: line.relation for line in lines}


def test_split_and_change_of_head_on_a_phone(page_as: Callable[..., Page], family: Household):
    page = page_as("coadmin", phone=True)
    page.goto(family.get_absolute_url())
    page.get_by_role("link", name="分户").click()
    page.locator("main label", has_text="黄月（妻").click()
    page.locator("main label", has_text="诸葛瞻（子").click()
    page.locator("[data-primary]").click()
    expect(page.locator("main")).to_contain_text("与户主黄月的关系")
    expect(page.locator("main select").first).to_have_value("20")
    page.locator("[data-primary]").click()
    page.wait_for_url(re.compile(r"/households/\d+/$"))
    assert told(family) == {"诸葛明": HEAD, "诸葛铃": "77"}
    new = Household.objects.get(head__name="黄月", ended_on=None)
    assert told(new) == {"黄月": HEAD, "诸葛瞻": "20"}

    page.goto(new.get_absolute_url())
    page.get_by_role("link", name="变更户主").click()
    page.locator("main label", has_text="诸葛瞻（子").click()
    page.locator("[data-primary]").click()
    expect(page.locator("main select").first).to_have_value("52")  # the mother of the new head
    page.locator("[data-primary]").click()
    page.wait_for_url(re.compile(r"/households/\d+/$"))
    assert told(new) == {"黄月": "52", "诸葛瞻": HEAD}
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0
    page.goto(f"{new.get_absolute_url()}print/")
    expect(page.locator("main.sheet")).to_contain_text("诸葛瞻")
