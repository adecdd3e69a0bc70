import hashlib
from collections import Counter
from datetime import date
from random import Random

import pytest

from demo.draws import Lot, later
from demo.identity import Numbers
from demo.names import FEMALE, MALE, given_name, name_of, rare_characters, surnames
from demo.people import CHILD, SPOUSE, Cradle
from residents.services.names import LONGEST_NAME, check_name, normalise_name

TODAY = date(2026, 11, 22)


def households(seed: int, number: int = 600):
    rng = Random(seed)
    cradle = Cradle(rng, Numbers(rng))
    return [cradle.household(TODAY) for _household in range(number)]


def fingerprint(seed: int) -> str:
    told = "|".join(f"{one.name}{one.number}{one.phone}" for people in households(seed, 200) for one in people)
    return hashlib.sha256(told.encode()).hexdigest()


def test_same_seed_makes_the_same_people_and_another_seed_others():
    assert fingerprint(7) == fingerprint(7)
    assert fingerprint(7) != fingerprint(8)


def test_an_empty_lot_is_refused():
    with pytest.raises(ValueError, match="empty"):
        Lot([("never", 0)])


def test_a_lot_follows_its_weights():
    drawn = Counter(Lot([("often", 9), ("seldom", 1)]).draw(Random(number)) for number in range(2_000))
    assert 0.85 < drawn["often"] / 2_000 < 0.95


def test_late_reports_do_not_pile_up_on_the_last_day():
    rng, day, latest = Random(1), date(2026, 11, 1), date(2026, 11, 11)
    drawn = [later(rng, day, (140, 150), latest) for _draw in range(1100)]
    assert set(drawn) == {date(2026, 11, number) for number in range(1, 12)}
    assert drawn.count(latest) < 150
    assert later(rng, day, (3, 3), latest) == date(2026, 11, 4)
    assert later(rng, latest, (1, 1), latest) == latest


def test_every_name_is_accepted_by_the_register():
    for people in households(1):
        for someone in people:
            assert normalise_name(someone.name) == someone.name
            check_name(someone.name)
            assert len(someone.name) <= LONGEST_NAME


def test_commonest_surnames_are_the_commonest():
    drawn = Counter(surnames().draw(Random(number)) for number in range(6_000))
    assert {name for name, _count in drawn.most_common(5)} <= {"王", "李", "张", "刘", "陈", "杨"}


def test_minority_names_of_the_form_with_a_dot_occur():
    names = [name_of(Random(number), sex=MALE, birth_year=1990, ethnicity="05") for number in range(40)]
    assert sum("·" in name for name in names) > 30


def test_rare_characters_occur():
    names = [given_name(Random(number), sex=FEMALE, birth_year=1995) for number in range(3_000)]
    assert any(set(name) & set(rare_characters()) for name in names)


def test_children_are_born_after_their_parents_were_of_age():
    for people in households(2):
        for child in (one for one in people if one.part == CHILD):
            parents = [one for one in people if one.part != CHILD and one.relation not in ("51", "52")]
            assert all(child.birth.year - parent.birth.year >= 17 for parent in parents)


def test_children_bear_the_fathers_surname():
    for people in households(3):
        fathers = [one for one in people if one.sex == MALE and one.part in ("head", SPOUSE) and "·" not in one.name]
        for child in (one for one in people if one.part == CHILD and "·" not in one.name):
            assert not fathers or "·" in people[0].name or child.name[0] == fathers[0].name[0]


def test_shares_of_origin_sex_and_households():
    people = [one for group in households(4, 3_000) for one in group]
    provinces = Counter(one.native_code[:2] for one in people if one.native_code)
    total = len(people)
    assert provinces.most_common(1)[0][0] in ("36", "52")
    assert 0.14 < provinces["52"] / total < 0.26
    assert 0.05 < provinces["33"] / total < 0.16
    assert 0.48 < sum(one.sex == MALE for one in people) / total < 0.62
    assert sum(one.nationality != "CHN" or one.native_code[:2] in ("81", "82", "83") for one in people) / total > 0.002
    assert 1.4 < total / 3_000 < 2.1


def test_one_person_under_two_documents_occurs():
    people = [one for group in households(5, 3_000) for one in group]
    seen = Counter((one.name, one.birth) for one in people)
    assert sum(count > 1 for count in seen.values()) >= 5
