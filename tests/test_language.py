"""Every text of the product has exactly one Chinese entry; see `manage.py messages` for stubs."""

import re

import pytest
from django.conf import settings

from portal.core.translations import catalogues, check

PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def findings():
    return check(settings.BASE_DIR)


def test_every_text_has_its_chinese(findings):
    assert findings.missing == {}


def test_no_text_is_translated_in_two_rooms(findings):
    assert findings.double == {}


def test_no_catalogue_keeps_texts_that_nobody_uses(findings):
    assert findings.unused == {}


def entries():
    for room, catalogue in catalogues(settings.BASE_DIR).items():
        for message in catalogue:
            if message.id:
                ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
                strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
                yield room, ids, strings


def test_translations_keep_the_places_for_values():
    """A place that the English text does not have would fail on the page; one left out would lose the value."""
    wrong = []
    for room, ids, strings in entries():
        wanted = {name for text in ids for found in PLACE.findall(text) for name in found if name}
        for text in strings:
            given = {name for found in PLACE.findall(text) for name in found if name}
            if given - wanted or (len(ids) == 1 and wanted - given):
                wrong.append(f"{room}: {ids[0]} → {text}")
    assert wrong == []


def test_english_texts_hold_no_chinese():
    assert [ids[0] for _room, ids, _strings in entries() if HAN.search("".join(ids))] == []
