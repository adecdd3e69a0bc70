"""Readings, and the memory they must not take from a process that reads nothing aloud."""

import subprocess
import sys

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
