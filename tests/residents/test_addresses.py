"""One door, many ways to write it: expected keys are written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residents.services.addresses import address_key, building_key, floor_of, is_alike, number_of, split_key

DOOR = "锦绣花园3-2-501"


@pytest.mark.parametrize(
    "written",
    [
        "锦绣花园3幢2单元501室",
        "锦绣花园３幢２单元５０１室",
        "锦绣花园 3栋 2单元 501",
        "锦绣花园3号楼2单元501室",
        "锦绣花园3#2单元501",
        "锦绣花园3-2-501",
        "锦绣花园3－2－501",
        "锦绣花园 3 2 501",
        "锦绣花园三幢二单元501室",
        "锦绣花园三栋二单元五〇一室",
        "锦绣花园第三幢2单元0501室",
        "锦绣花园03幢02单元501",
    ],
)
def test_one_door_has_one_key_however_it_is_written(written):
    assert address_key(written) == DOOR


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("五一路12号", "五一路12"),
        ("三里村二号", "三里村2"),
        ("城南路一百零一号", "城南路101"),
        ("职工宿舍二十八幢十二室", "职工宿舍28-12"),
        ("锦绣花园A座1203", "锦绣花园a-1203"),
        ("十里铺十号", "十里铺10"),
        ("老供销社宿舍", "老供销社宿舍"),
        ("", ""),
    ],
)
def test_numerals_count_only_before_a_door_word(written, key):
    assert address_key(written) == key


@pytest.mark.parametrize(
    "other",
    [
        "锦绣花园3幢2单元502室",
        "锦绣花园3幢1单元501室",
        "锦绣花园13幢2单元501室",
        "锦秀花园3幢2单元501室",
        "锦绣花园3幢501室",
    ],
)
def test_another_door_has_another_key(other):
    assert address_key(other) != DOOR


@given(st.text(alphabet="锦绣花园路村一二三十百零0123456789幢栋号楼单元室#-－ ３Ａa第", max_size=30))
def test_a_key_of_a_key_is_the_key(text):
    key = address_key(text)
    assert address_key(key) == key


@given(st.integers(1, 99), st.integers(1, 9), st.integers(1, 33), st.integers(1, 20))
def test_every_writing_of_a_drawn_door_gives_its_numbers(building, unit, floor, flat):
    room = f"{floor}{flat:02d}"
    written = [
        f"望江苑{building}幢{unit}单元{room}室",
        f"望江苑{building}栋{unit}单元{room}",
        f"望江苑 {building}#{unit}-{room}",
        f"望江苑{building:02d}号楼{unit}单元{room}室",
    ]
    assert {address_key(one) for one in written} == {f"望江苑{building}-{unit}-{room}"}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("二十八", "28"),
        ("一百零一", "101"),
        ("五〇一", "501"),
        ("十", "10"),
        ("十二", "12"),
        ("三", "3"),
        ("一百二十", "120"),
    ],
)
def test_written_numbers_are_read_both_ways(written, number):
    assert number_of(written) == number


@pytest.mark.parametrize(
    ("room", "floor"),
    [("501", 5), ("1203", 12), ("101A", 1), ("3301", 33), ("12", None), ("东间", None), ("001", None)],
)
def test_the_room_number_names_its_floor(room, floor):
    assert floor_of(room) == floor


def test_name_and_numbers_part_at_the_first_number_of_the_door():
    assert (split_key(DOOR).name, split_key(DOOR).numbers) == ("锦绣花园", "3-2-501")
    assert building_key("锦绣花园", "三") == "锦绣花园3"


@pytest.mark.parametrize(("one", "other", "alike"), [("锦绣花园", "锦秀花园", True), ("锦绣花园", "望江苑", False)])
def test_names_that_share_most_signs_are_alike(one, other, alike):
    assert is_alike(one, other) is alike
