"""No English on a Chinese page, no Chinese in the words of an English one; ledgers and people's data stay."""

import re
from typing import Any

import pytest

from portal.exchange.ledgers import all_ledgers
from portal.imports.kinds import all_kinds
from portal.org.models import Area, AreaChange, Department, User
from portal.policy.models import CodeItem, Division, PolicyRule
from privacy.models import ProcessingActivity
from rentals.models import LandlordMessage, PenaltyReferral, RentalCampaign, TenancyReport
from residents.models import AddressLead, Building, DepartureRequest, Dwelling, Person, SamplingCampaign
from tests.e2e.pages import PAGES, PortalPage
from tests.e2e.visits import Visits

pytestmark = pytest.mark.browser

WORD = re.compile(r"[A-Za-z]{2,}")
HAN = re.compile(r"[\u3400-\u9fff]")
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,:;!?()][\u3400-\u9fff]")
# Names of keys, formats and standards that Chinese clerks write the same way.
SAME_IN_CHINESE = {
    "Alt", "CSV", "Ctrl", "Enter", "Esc", "Excel", "GB", "IC", "QR", "SHA", "Shift", "Tab", "XLSX", "ctrl", "xlsx",
    "csv", "Cookie", "English", "CHN", "KOR", "USA", "VNM", "Chrome", "Linux", "FIDO", "JPEG", "MB", "PDF", "PNG",
    "TOTP", "UKey", "WebP",
}  # fmt: skip
# The period of a ledger as its form words it.
OFFICIAL_PERIOD = r"\d{4}年(?:\d{1,2}月|第\d季度)"
# Shown to developers only, with the calls of the components.
FOR_DEVELOPERS = {"ui:styleguide"}
READ_BY_PEOPLE = [page for page in PAGES if page.url_name not in FOR_DEVELOPERS]
DATA = (
    (Area, ("name",)),
    (Department, ("name",)),
    (User, ("display_name", "title")),
    (Person, ("name", "native_address")),
    (Dwelling, ("address", "estate", "landlord_name")),
    (Division, ("name",)),
    (PolicyRule, ("text", "basis")),
    (CodeItem, ("name",)),
    (ProcessingActivity, ("name",)),
    (SamplingCampaign, ("name",)),
    (RentalCampaign, ("name",)),
    (LandlordMessage, ("text",)),
    (PenaltyReferral, ("reporter_name",)),
    (TenancyReport, ("reporter_name", "address")),
    (AddressLead, ("text",)),
    (DepartureRequest, ("explanation",)),
    (AreaChange, ("basis",)),
)
EVERY_PAGE = pytest.mark.parametrize("page", READ_BY_PEOPLE, ids=str)


NO_WORDS = re.compile(
    r"\{\w+\}"  # a place holder of a script
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{12,}\b"  # hashes
    r"|\b[0-9A-F]{6,}\b|\b[A-Z]{1,4}-?\d[\w-]*"  # codes, file numbers
    r"|\b[a-z_]+(?:\.[a-z_]+)+\b"  # codes of rules
    r"|^/[a-z\d/-]+/$"  # the address of a page
    r"|\b[a-z]+ \d+-\d+-\d+|\bjxhy\b"  # the example of a shorthand address: pinyin initials
)


def english_in(text: str, names: set[str]) -> list[str]:
    words = WORD.findall(NO_WORDS.sub(" ", text))
    return [word for word in words if word not in SAME_IN_CHINESE and word not in names]


@pytest.fixture(scope="module")
def proper_names(portal: Any) -> set[str]:
    """User names, and the words of foreigners' names."""
    people = " ".join(Person.objects.filter(name__regex="[A-Za-z]").values_list("name", flat=True))
    return set(User.objects.values_list("username", flat=True)) | set(WORD.findall(people))


@EVERY_PAGE
def test_a_chinese_page_has_no_english_words(visits: Visits, proper_names: set[str], page: PortalPage):
    found = [
        f"{one['kind']} “{one['text'][:120]}” in {one['place']}"
        for one in visits.of(page).texts
        if not one["code"] and not one["lang"].startswith("en") and english_in(one["text"], proper_names)
    ]
    assert not found, "\n".join(found)


@EVERY_PAGE
def test_chinese_text_has_full_width_punctuation(visits: Visits, page: PortalPage):
    found = [one["text"][:120] for one in visits.of(page).texts if HALF_WIDTH.search(one["text"])]
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def data_names(portal: Any) -> re.Pattern[str]:
    """Everything that is data, whatever the language: names of people, places, offices and official ledgers."""
    names = {"简体中文"}  # a language is named in itself
    names |= {str(house) for house in Building.objects.all()}
    names |= {str(text) for kind in all_kinds() for text in (kind.title, kind.about)}  # mapping files are data
    names |= {str(text) for kind in all_kinds() for column in kind.columns for text in (column.title, column.about)}
    for model, fields in DATA:
        for row in model._default_manager.values_list(*fields):
            names |= set(row)
    for ledger in all_ledgers():
        names |= {ledger.title, ledger.notes, ledger.about}
        names |= {text for column in ledger.columns for text in (column.title, *column.group)}
    ordered = sorted((re.escape(str(name)) for name in names if name and HAN.search(str(name))), key=len, reverse=True)
    return re.compile("|".join([OFFICIAL_PERIOD, *ordered]))


@EVERY_PAGE
def test_an_english_page_is_labelled_in_english(visits: Visits, data_names: re.Pattern[str], page: PortalPage):
    found = [
        f"{one['kind']} “{one['text'][:120]}” in {one['place']}"
        for one in visits.of(page, language="en").texts
        if (one["chrome"] or one["kind"] != "text")
        and not (one["own"] and one["lang"].startswith("zh"))
        and HAN.search(data_names.sub("", one["text"]))
    ]
    assert not found, "\n".join(found)
