"""How an address is written and compared: one key for every way of writing the same door.

    锦绣花园３栋二单元０501室, 锦绣花园 3#2单元501 and 锦绣花园三幢2-501 all give 锦绣花园3-2-501 or what is left of it.

Numerals are read only where a door word follows them: 五一路 and 三里村 keep their names.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

DIGITS = "零一二三四五六七八九"
DIGIT_OF = {sign: str(at) for at, sign in enumerate(DIGITS)} | {"〇": "0", "两": "2", "○": "0"}
PLACES = {"十": 10, "百": 100}
NUMERAL = "".join([*DIGIT_OF, *PLACES])
DOOR_WORD = r"号楼|单元|[#号幢栋座弄室楼层户房]"
WRITTEN_OUT = re.compile(rf"([{NUMERAL}]+)(?={DOOR_WORD})")
TAIL = re.compile(rf"(?<=[0-9a-z])(?:{DOOR_WORD}|[-—–―‐_/、,.·])+|[-—–―‐_/]+")
SPACES = re.compile(r"\s+")
SPACE_IN_NUMBERS = re.compile(r"(?<=[0-9a-z])\s+(?=[0-9a-z])")
ORDINAL = re.compile(rf"第(?=[0-9]+(?:{DOOR_WORD}))")
DASHES = re.compile(r"-+")
AFTER_NAME = re.compile(r"(?<=[^0-9a-z-])-(?=[0-9a-z])")
ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
NUMBERS = re.compile(r"[0-9a-z][0-9a-z-]*$")
FLOOR_AND_FLAT = re.compile(r"(\d{1,2})(\d{2})\D?")
ALIKE = 0.6
"""Names of estates that share this much of their signs are shown to the clerk as possibly the same."""


@dataclass(frozen=True, slots=True)
class Key:
    """`name` is the estate or road, `numbers` what follows: ("锦绣花园", "3-2-501")."""

    name: str
    numbers: str

    def __str__(self) -> str:
        return self.name + self.numbers


def address_key(text: str) -> str:
    """For storing and comparing; at most 160 signs. Empty text gives an empty key."""
    plain = SPACES.sub("", SPACE_IN_NUMBERS.sub("-", unicodedata.normalize("NFKC", text).lower()))
    plain = ORDINAL.sub("", WRITTEN_OUT.sub(lambda found: number_of(found[1]), plain))
    joined = DASHES.sub("-", TAIL.sub("-", plain)).strip("-")
    return ZEROS.sub("", AFTER_NAME.sub("", joined))[:160]


def split_key(key: str) -> Key:
    found = NUMBERS.search(key)
    return Key(key[: found.start()], found[0]) if found else Key(key, "")


def building_key(estate: str, number: str) -> str:
    return address_key(f"{estate}{number}幢")


def number_of(written: str) -> str:
    """二十八 → 28, 一百零一 → 101, 五〇一 → 501."""
    if not any(sign in PLACES for sign in written):
        return "".join(DIGIT_OF[sign] for sign in written)
    total, digit = 0, 0
    for sign in written:
        if sign in PLACES:
            total += (digit or 1) * PLACES[sign]
            digit = 0
        else:
            digit = int(DIGIT_OF[sign])
    return str(total + digit)


def is_alike(one: str, other: str) -> bool:
    """Do two names of estates look like one name written twice?"""
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def floor_of(room: str) -> int | None:
    """501 → 5, 1203 → 12, 1203a → 12; None where the number does not tell."""
    found = FLOOR_AND_FLAT.fullmatch(unicodedata.normalize("NFKC", room).strip().lower())
    return int(found[1]) if found and int(found[1]) else None
