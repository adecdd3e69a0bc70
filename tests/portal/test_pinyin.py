"""Readings, and the memory they must not take from a process that reads nothing aloud."""

import subprocess
import sys

import pytest

from portal.core import pinyin


def test_a_text_is_read_syllable_by_syllable_without_tones():
    assert pinyin.syllables("常山县") == ["chang", "shan", "xian"]


def test_the_initials_are_lower_case_and_keep_digits():
    assert pinyin.initials("锦绣花园3号") == "jxhy3h"


def test_the_dictionary_is_not_loaded_by_starting_the_product():
    told = subprocess.run(
        [sys.executable, "-c", "import django, sys; django.setup(); print('pypinyin' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("letters", "wanted"),
    [
        ("zhangwei", ("zhang wei",)),
        ("zhangw", ("zhang w",)),
        ("zhang wei", ("zhang wei",)),
        ("xi'an", ("xi an", "xi a n")),
        ("xian", ("xian", "xi an", "xia n", "xi a n")),
        ("lvbu", ("lv bu",)),
        ("smith", ()),
        ("zw", ()),
        ("", ()),
    ],
)
def test_letters_are_read_as_syllables_in_every_way(letters, wanted):
    assert pinyin.readings(letters) == wanted


def test_a_long_row_of_letters_is_read_in_bounded_time():
    assert len(pinyin.readings("an" * 32)) == 6
