from datetime import date
from random import Random

import pytest
from stdnum.cn import ric

from demo.identity import CENTENARIANS, Numbers, check_digit, county_names, ethnicities, origins, resident_id
from demo.names import FEMALE, MALE
from demo.people import Cradle
from residents.choices import DocumentKind
from residents.services.names import MOBILE

TODAY = date(2026, 11, 22)


def people(seed: int, households: int = 400):
    rng = Random(seed)
    cradle = Cradle(rng, Numbers(rng))
    return [someone for _household in range(households) for someone in cradle.household(TODAY)]


@pytest.mark.parametrize(
    ("seventeen", "check"), [("11010519491231002", "X"), ("44052418800101001", "4"), ("52032219800101997", "0")]
)
def test_check_digit_is_the_one_of_gb_11643(seventeen, check):
    assert check_digit(seventeen) == check


def test_every_number_passes_the_checksum_and_none_is_dealt_twice():
    numbers = [one.number for one in people(1) if one.document_kind == DocumentKind.RESIDENT_ID]
    assert len(numbers) > 400
    assert all(ric.calc_check_digit(number) == number[-1] for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_order_codes_are_those_kept_for_people_over_a_hundred_and_tell_the_sex():
    for someone in people(2):
        if someone.document_kind == DocumentKind.RESIDENT_ID:
            order = someone.number[14:17]
            assert order in {"996", "997", "998", "999"}
            assert order in CENTENARIANS[someone.sex]
            assert int(order) % 2 == (someone.sex == MALE)


def test_birth_date_stands_in_the_number_unless_a_reason_is_given():
    for someone in people(3):
        if someone.document_kind == DocumentKind.RESIDENT_ID:
            assert (someone.number[6:14] == f"{someone.birth:%Y%m%d}") != bool(someone.mismatch)


def test_third_person_of_one_day_county_and_sex_gets_another_birth_date():
    numbers = Numbers(Random(0))
    born = date(1990, 5, 17)
    dealt = [numbers.resident_id("522422", born, FEMALE) for _person in range(3)]
    assert [number[14:17] for number, _birth in dealt[:2]] == ["996", "998"]
    assert dealt[0][1] == dealt[1][1] == born
    assert dealt[2][1] < born


def test_telephones_start_with_a_prefix_that_no_operator_has():
    phones = [one.phone for one in people(4) if one.phone]
    assert len(phones) > 300
    assert all(phone.startswith("154") and MOBILE.fullmatch(phone) for phone in phones)


def test_travel_documents_carry_the_99_of_the_demo():
    others = {DocumentKind.PASSPORT, DocumentKind.HK_MACAU_PERMIT, DocumentKind.TAIWAN_PERMIT}
    numbers = [one.number for one in people(5, 2_500) if one.document_kind in others]
    assert len(numbers) > 5
    assert all(number.lstrip("EZHM").startswith("99") for number in numbers)


def test_division_codes_exist_and_are_not_the_own_county():
    assert "330822" not in origins().items
    assert set(origins().items) <= set(county_names())


def test_resident_id_of_a_given_person_by_hand():
    assert resident_id("522422", date(1990, 5, 17), MALE, 0)[:17] == "52242219900517997"


def test_unknown_province_is_han():
    assert ethnicities("31").draw(Random(0)) == "01"
