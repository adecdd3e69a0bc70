"""Field tests 顺查 and 倒查: the draw can be repeated, and Q1–Q8 and Q14 are as counted by hand (digest §6.3)."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.urls import reverse

from portal.core.errors import DomainError
from portal.exchange.ledgers import LedgerParams, ledger_of
from portal.exchange.render import preview
from portal.exchange.services import default_order, params_of
from portal.org.models import Area
from portal.org.walls.context import scoped_transaction
from residents.choices import ChangeKind
from residents.ledgers.samples import sums_agree
from residents.models import (
    Dwelling,
    Person,
    Registration,
    RegistrationChange,
    SampleItem,
    SamplingCampaign,
    SamplingFrame,
)
from residents.services.sampling.campaigns import Finding, assign_sample, conduct, enter, is_reproducible, sample_size
from residents.services.sampling.draw import digest, draw
from residents.services.sampling.rates import field_rates, ledger_rates
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
COUNTY, HERE, THERE = "330822", "330822001001", "330822001002"


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")
    return at


@pytest.fixture
def police(staff):
    for code in (COUNTY, HERE, THERE):
        AreaFactory.create(code=code)
    user = staff(SamplingCampaign, "view", "conduct", at=COUNTY)
    staff(SampleItem, "view", "check", at=COUNTY, user=user)
    staff(Registration, "view", at=COUNTY, user=user)
    return staff(Dwelling, "view", at=COUNTY, user=user)


def hold(police, method="doors", **changes) -> SamplingCampaign:
    given: dict[str, Any] = {
        "name": "四季度抽查",
        "area_code": COUNTY,
        "starts_on": date(2026, 11, 20),
        "ends_on": date(2026, 11, 30),
    }
    return conduct(method=method, actor=police, **(given | changes))


def found(police, items, findings) -> None:
    for item, finding in zip(items, findings, strict=True):
        enter(item_id=item.pk, outcome="checked", found=finding, version=item.version, actor=police)


def rates_of(campaign, code="") -> dict[str, tuple[int, int, Decimal | None]]:
    return {rate.code: (rate.hits, rate.of, rate.percent) for rate in field_rates(campaign.items.all())[code]}


# --- the draw -------------------------------------------------------------------------------------------------------


def test_the_draw_is_the_first_of_the_keys_in_the_order_of_their_hashes():
    hashes = {key: hashlib.sha256(f"abc:{key}".encode()).hexdigest() for key in range(1, 8)}
    by_hand = sorted(hashes, key=hashes.__getitem__)
    assert draw([7, 6, 5, 4, 3, 2, 1], seed="abc", wanted=3) == by_hand[:3]
    assert draw([1, 2], seed="abc", wanted=5) == [key for key in by_hand if key in (1, 2)]
    assert draw(range(100), seed="abc", wanted=10) != draw(range(100), seed="abd", wanted=10)


def test_the_digest_tells_a_frame_that_was_touched():
    assert digest([3, 1, 2]) == hashlib.sha256(b"1,2,3").hexdigest()
    assert digest([1, 2]) != digest([1, 2, 3])


@pytest.mark.parametrize(
    ("people", "doors", "records"), [(0, 6, 5), (99, 6, 5), (100, 8, 10), (499, 8, 10), (500, 10, 20)]
)
def test_the_size_follows_from_the_class_of_the_community(people, doors, records):
    assert (sample_size("doors", people), sample_size("records", people)) == (doors, records)


def test_a_campaign_keeps_what_it_was_drawn_from_and_can_be_drawn_again(police):
    for _door in range(9):
        DwellingFactory.create(area_code=HERE)
    DwellingFactory.create(area_code=THERE)
    campaign = hold(police, seed="0f" * 16)
    drawn = list(campaign.items.filter(area_code=HERE).order_by("position").values_list("dwelling", flat=True))
    frame = campaign.frames.get(area_code=HERE)
    assert (len(drawn), frame.wanted, campaign.items.count()) == (6, 6, 7)
    assert drawn == draw(frame.keys, seed="0f" * 16, wanted=6)
    assert is_reproducible(campaign)
    swapped = campaign.items.filter(area_code=HERE).first()
    other = Dwelling.objects.filter(area_code=HERE).exclude(pk__in=drawn).first()
    SampleItem.objects.filter(pk=swapped.pk).update(dwelling=other)
    assert not is_reproducible(campaign)


def test_a_frame_that_was_touched_shows(police):
    DwellingFactory.create(area_code=HERE)
    campaign = hold(police)
    SamplingFrame.objects.update(keys=[1, 2, 3])
    assert not is_reproducible(campaign)


def test_nobody_chooses_the_seed_by_accident_and_nobody_draws_elsewhere(police, staff):
    DwellingFactory.create(area_code=HERE)
    assert hold(police).seed != hold(police).seed
    with pytest.raises(PermissionDenied):
        hold(staff(SamplingCampaign, "view", "conduct", at=THERE))


def test_an_empty_area_is_told(police):
    with pytest.raises(DomainError) as refusal:
        hold(police)
    assert refusal.value.field == "area_code"


def test_items_are_given_out_by_community_and_entered_until_the_last_day(police, staff, at):
    DwellingFactory.create(area_code=HERE)
    campaign = hold(police)
    walker = staff(SampleItem, "view", "check", at=HERE)
    assert assign_sample(campaign_id=campaign.pk, area_code=HERE, assignee_id=walker.pk, actor=police) == 1
    item = campaign.items.get()
    stranger = staff(SampleItem, "view", "check", at=THERE)
    with pytest.raises(ObjectDoesNotExist):
        enter(item_id=item.pk, outcome="checked", found=Finding(), version=1, actor=stranger)
    at("2026-12-01 09:00")
    with pytest.raises(DomainError) as refusal:
        enter(item_id=item.pk, outcome="checked", found=Finding(), version=1, actor=walker)
    assert refusal.value.code == "ended"


def test_a_part_larger_than_the_whole_is_refused(police):
    DwellingFactory.create(area_code=HERE)
    item = hold(police).items.get()
    with pytest.raises(DomainError) as refusal:
        enter(
            item_id=item.pk,
            outcome="checked",
            found=Finding(people_found=2, people_registered=3),
            version=1,
            actor=police,
        )
    assert refusal.value.field == "people_registered"


# --- the indicators, counted by hand --------------------------------------------------------------------------------


@pytest.fixture
def doors(police):
    """Four doors in one community and one in the other; two of them are registered as rentals."""
    homes = [DwellingFactory.create(area_code=HERE, rental_registered=number < 2) for number in range(4)]
    homes.append(DwellingFactory.create(area_code=THERE))
    campaign = hold(police)
    by_home = {item.dwelling_id: item for item in campaign.items.all()}
    return campaign, [by_home[home.pk] for home in homes]


@pytest.fixture
def checked(police, doors):
    """What was seen; the fourth door stayed shut.

    door  found registered here  left closed  let  rental registered  undertaking
    1     4     3          2     1    1       yes  yes                yes
    2     2     2          2     0    0       yes  yes                no
    3     3     1          1     2    0       yes  no                 -
    4     nobody opened
    5     1     1          1     0    0       no   no                 -
    """
    campaign, items = doors
    shut = items.pop(3)
    found(
        police,
        items,
        [
            Finding(4, 3, 2, 1, 1, is_rented=True, undertaking_signed=True),
            Finding(2, 2, 2, is_rented=True),
            Finding(3, 1, 1, 2, 0, is_rented=True, undertaking_signed=True),
            Finding(1, 1, 1),
        ],
    )
    enter(item_id=shut.pk, outcome="unreached", found=Finding(9, 9, 9), version=1, actor=police)
    return campaign


def test_Q1_registered_of_those_who_have_to_be(checked):
    assert rates_of(checked)["Q1"] == (7, 10, Decimal("70.0"))  # 3+2+1+1 of 4+2+3+1
    assert rates_of(checked, HERE)["Q1"] == (6, 9, Decimal("66.7"))
    assert rates_of(checked, THERE)["Q1"] == (1, 1, Decimal("100.0"))


def test_Q2_at_exactly_this_dwelling_of_those_registered(checked):
    assert rates_of(checked)["Q2"] == (6, 7, Decimal("85.7"))  # 2+2+1+1 of 3+2+1+1


def test_Q4_left_and_deregistered_of_those_who_left(checked):
    assert rates_of(checked)["Q4"] == (1, 3, Decimal("33.3"))  # 1+0 of 1+2


def test_Q7_rentals_registered_of_those_found_let(checked):
    assert rates_of(checked)["Q7"] == (2, 3, Decimal("66.7"))


def test_Q8_undertakings_signed_of_the_registered_rentals(checked):
    assert rates_of(checked)["Q8"] == (1, 2, Decimal("50.0"))  # the third door is no registered rental


def test_Q3_no_error_and_still_there_of_the_records_checked(police):
    for _record in range(5):
        RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    campaign = hold(police, method="records")
    items = list(campaign.items.order_by("position"))
    gone = items[3].registration
    gone.status, gone.left_on, gone.left_reason, gone.closed_on = "left", date(2026, 11, 20), "01", date(2026, 11, 20)
    gone.save()
    found(
        police,
        items,
        [
            Finding(is_there=True),
            Finding(is_there=True, wrong_items=("phone",)),
            Finding(),  # lives near by, at another address
            Finding(has_left=True),  # and was deregistered meanwhile
            Finding(has_left=True),
        ],
    )
    rates = rates_of(campaign)
    assert rates["Q3"] == (1, 5, Decimal("20.0"))
    assert rates["Q2"] == (2, 5, Decimal("40.0"))  # two of five at exactly the registered dwelling
    assert rates["Q4"] == (1, 2, Decimal("50.0"))
    assert rates["Q1"] == (0, 0, None)  # records say nothing of who is not registered


def line(kind, happened, recorded, *, by="person", **stay) -> RegistrationChange:
    made = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE), **stay)
    return RegistrationChange.objects.create(
        registration=made,
        person=made.person,
        area_code=HERE,
        kind=kind,
        happened_on=happened,
        recorded_on=recorded,
        discovered_by=by,
        actor=StaffFactory.create(),
    )


def ledger(police) -> dict[str, tuple[int, int]]:
    span = {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}
    return {rate.code: (rate.hits, rate.of) for rate in ledger_rates(police, area_code=COUNTY, **span)}


def test_Q5_cancelled_by_somebody_of_all_cancelled(police):
    monday = date(2026, 11, 2)
    for by in ("person", "visit", "landlord", "system", "system"):
        line("departure", monday, monday, by=by)
    line("departure", date(2026, 10, 30), date(2026, 10, 30))  # another period
    undone = line("departure", monday, monday)
    undone.undone_by = line("undo", monday, monday)
    undone.save()
    assert ledger(police)["Q5"] == (3, 5)


def test_Q6_entered_within_the_term_of_all_entered(police):
    monday = date(2026, 11, 2)
    line("arrival", monday, date(2026, 11, 5))  # the third working day
    line("arrival", monday, date(2026, 11, 6))  # the fourth
    line("arrival", date(2026, 11, 6), date(2026, 11, 11))  # over a weekend, the third
    line("address", monday, date(2026, 11, 12))  # the tenth day
    line("address", monday, date(2026, 11, 13))  # the eleventh
    line("departure", monday, date(2026, 11, 30))  # no term
    assert ledger(police)["Q6"] == (3, 5)


def test_Q14_reported_by_those_who_have_to_of_all_that_came_out(police):
    monday, thursday, friday = date(2026, 11, 2), date(2026, 11, 5), date(2026, 11, 6)
    line("arrival", monday, thursday, lodging="05", channel="lessor")  # in time
    line("arrival", monday, friday, lodging="05", channel="lessor")  # a working day late
    line("arrival", monday, monday, lodging="05", channel="window")  # nobody reported it
    line("arrival", monday, monday, lodging="03", channel="employer", workplace="常山县某厂")  # by the employer
    line("departure", monday, monday, by="landlord", lodging="05")
    line("departure", monday, monday, by="visit", lodging="05", channel="lessor")
    line("arrival", monday, monday, lodging="02", channel="window")  # nobody had to report
    assert ledger(police)["Q14"] == (3, 6)


def test_the_target_is_a_rule_and_Q14_has_none(checked):
    by_code = {rate.code: rate for rate in field_rates(checked.items.all())[""]}
    assert (by_code["Q1"].target, by_code["Q1"].is_short) == (95, True)
    assert (by_code["Q8"].target, by_code["Q8"].is_short) == (100, True)


# --- taken out as files ---------------------------------------------------------------------------------------------


@pytest.fixture
def exporter(police, staff):
    return staff(Person, "view", "export", at=COUNTY, user=police)


def ordered(code: str, user, campaign, area: str = COUNTY) -> LedgerParams:
    order = replace(default_order(ledger_of(code), actor=user), area_code=area, subject=str(campaign.pk))
    return params_of(order, actor=user)


def lines(code: str, user, campaign, area: str = COUNTY) -> list[list[Any]]:
    return preview(ledger_of(code), ordered(code, user, campaign, area)).rows


def test_L16_tells_every_drawn_door_with_what_was_found(exporter, checked, doors):
    hold(exporter, name="另一次抽查")
    rows = {row[5]: row for row in lines("L16", exporter, checked)}
    first, *_others, shut, last = (Dwelling.objects.get(pk=item.dwelling_id) for item in found_in_order(checked))
    assert len(rows) == 5
    assert rows[first.address][1:3] == ["四季度抽查", "顺查（由户到册）"]
    assert rows[first.address][6:18] == [None, None, "已核查", 4, 3, 2, 1, 1, "是", "是", "是", ""]
    assert rows[shut.address][8:18] == ["未见到人", *[None] * 8, ""]
    assert rows[last.address][9:18] == [1, 1, 1, 0, 0, "否", "否", "否", ""]


def found_in_order(campaign) -> list[SampleItem]:
    """As the doors were made, not as they were drawn."""
    return list(campaign.items.order_by("dwelling"))


def test_L16_tells_drawn_records_by_name_and_masked_number(exporter):
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    campaign = hold(exporter, method="records")
    found(exporter, campaign.items.all(), [Finding(is_there=True, wrong_items=("phone", "arrived_on"))])
    [row] = lines("L16", exporter, campaign)
    number = stay.person.document_number
    assert row[6:9] == [stay.person.name, number[:3] + "*" * 11 + number[-4:], "已核查"]
    assert row[9:18] == [1, 1, 1, 0, 0, None, None, None, "联系电话、入住日期"]


def test_S13_tells_the_indicators_by_community_and_in_all(exporter, checked):
    line(ChangeKind.DEPARTURE, date(2026, 11, 1), date(2026, 11, 1))
    line(ChangeKind.DEPARTURE, date(2026, 11, 1), date(2026, 11, 1), by="system")
    rows = lines("S13", exporter, checked)
    here, there, total = ({f"Q{n}": tuple(row[3 * n - 2 : 3 * n + 1]) for n in range(1, 9)} for row in rows)
    assert [row[0] for row in rows] == [*(Area.objects.get(code=code).name for code in (HERE, THERE)), "合计"]
    assert here["Q1"] == (6, 9, Decimal("0.667"))  # 3+2+1 of 4+2+3
    assert here["Q4"] == (1, 3, Decimal("0.333"))
    assert here["Q5"] == (1, 2, Decimal("0.5"))
    assert there["Q1"] == (1, 1, Decimal("1"))
    assert there["Q5"][:2] == (0, 0)
    assert total == {
        "Q1": (7, 10, Decimal("0.7")),
        "Q2": (6, 7, Decimal("0.857")),
        "Q3": (0, 0, None),
        "Q4": (1, 3, Decimal("0.333")),
        "Q5": (1, 2, Decimal("0.5")),
        "Q6": total["Q6"],
        "Q7": (2, 3, Decimal("0.667")),
        "Q8": (1, 2, Decimal("0.5")),
    }
    assert list(sums_agree(ordered("S13", exporter, checked), rows)) == []
    rows[0][1] += 1
    assert len(list(sums_agree(ordered("S13", exporter, checked), rows))) == 1


def test_a_file_holds_the_communities_one_may_export_and_no_other_campaign_can_be_asked_for(exporter, checked, staff):
    clerk = staff(Person, "view", "export", at=THERE)
    for model in (SamplingCampaign, SampleItem, Registration, Dwelling):
        staff(model, "view", at=THERE, user=clerk)
    with pytest.raises(PermissionDenied):
        ordered("L16", clerk, SamplingCampaign(pk=987654), THERE)
    with scoped_transaction(clerk):
        assert [row[9] for row in lines("L16", clerk, checked, THERE)] == [1]
        assert [row[0] for row in lines("S13", clerk, checked, THERE)][1:] == ["合计"]


def test_the_page_of_the_campaign_leads_to_both_files_for_who_may_export(client, exporter, staff, checked):
    client.force_login(exporter)
    page = reverse("residents:sampling_campaign", args=[checked.pk])
    text = client.get(page).content.decode()
    for code in ("L16", "S13"):
        address = f"{reverse('exports:centre')}?ledger={code}&subject={checked.pk}"
        assert address.replace("&", "&amp;") in text
        assert f'<option value="{checked.pk}" selected>' in client.get(address).content.decode()
    looker = staff(SamplingCampaign, "view", at=COUNTY)
    client.force_login(staff(SampleItem, "view", at=COUNTY, user=looker))
    assert "ledger=L16" not in client.get(page).content.decode()
