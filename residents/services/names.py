"""Names and phone numbers as they are stored, and the pinyin that people search by."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _

from portal.core import pinyin
from portal.core.errors import DomainError

LONGEST_NAME = 50
INITIALS_LENGTH = 50
MIDDLE_DOT = "·"
# Dots that input methods, old systems and other scripts write between the parts of a name.
DOTS = re.compile(r"\s*[\u00b7\u2022\u2027\u2219\u22c5\u2e31\u2e33\u30fb\uff65\u16eb\u0387]\s*")
# A full stop between Chinese characters is meant as the dot; in "J. R. Smith" it is a full stop.
DOT_BETWEEN_HAN = re.compile(r"(?<=[^\x00-\u02ff])\s*[.\uff0e]\s*(?=[^\x00-\u02ff])")
# Nothing to put right and nothing to refuse: nearly every name.
PLAIN = re.compile(f"[\u4e00-\u9fff]{{1,{LONGEST_NAME}}}")
HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
BETWEEN_HAN = re.compile(f"(?<={HAN.pattern})\\s+(?={HAN.pattern})")
PUNCTUATION = " '’-.,·"

# Surnames whose reading differs from the everyday one of the character.
SURNAMES = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "盖": "ge", "区": "ou", "朴": "piao",
    "任": "ren", "华": "hua", "翟": "zhai", "员": "yun", "折": "she", "种": "chong", "纪": "ji", "缪": "miao",
    "乐": "yue", "召": "shao", "尉": "wei", "卜": "bu", "那": "na", "洗": "xian", "佴": "nai", "葛": "ge",
    "瞿": "qu", "应": "ying", "覃": "qin", "宓": "mi", "秘": "bi", "隗": "wei", "黑": "he", "祭": "zhai",
    "便": "pian", "薄": "bo", "逯": "lu", "么": "yao", "车": "che", "石": "shi", "都": "du", "訾": "zi",
    "重": "chong", "相": "xiang", "繁": "po", "冼": "xian", "燕": "yan", "哈": "ha", "郇": "xun", "阚": "kan",
    "牟": "mu", "宁": "ning", "过": "guo", "殷": "yin", "臧": "zang", "藏": "zang", "令": "ling", "钭": "tou",
    "褚": "chu", "柏": "bai", "贲": "ben", "谌": "chen", "郗": "xi", "隽": "juan", "长": "zhang", "行": "xing",
    "句": "gou", "能": "nai", "颉": "xie", "笮": "ze", "於": "yu", "逄": "pang", "幺": "yao", "吕": "lv",
}  # fmt: skip
COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"), "澹台": ("tan", "tai"),
    "长孙": ("zhang", "sun"), "令狐": ("ling", "hu"), "乐正": ("yue", "zheng"), "鲜于": ("xian", "yu"),
    "宰父": ("zai", "fu"), "濮阳": ("pu", "yang"), "亓官": ("qi", "guan"), "夏侯": ("xia", "hou"),
    "皇甫": ("huang", "fu"), "相里": ("xiang", "li"), "第五": ("di", "wu"), "呼延": ("hu", "yan"),
}  # fmt: skip
# Characters of personal names that the pinyin dictionary does not hold.
RARE = {"𠮷": "ji", "㛃": "jie", "䶮": "yan", "𬭚": "chun", "𬭎": "hong", "𫍯": "xiao", "𫘝": "jue", "㑇": "zhou"}
RARE_ONES = frozenset(RARE)

MOBILE = re.compile(r"1\d{10}")
LANDLINE = re.compile(r"(0\d{2,3})?[2-9]\d{6,7}")
COUNTRY_CODE = re.compile(r"(\+|00)?86(?=1\d{10}$)")


def normalise_name(raw: str) -> str:
    """Half-width Latin letters, one kind of middle dot (U+00B7), no blanks between Chinese characters, single blanks
    between Latin words. Chinese characters are never replaced by lookalikes: a name is written as on the document."""
    if PLAIN.fullmatch(raw):
        return raw
    text = "".join(_half_width(character) for character in unicodedata.normalize("NFC", raw))
    text = " ".join(text.split())
    text = DOTS.sub(MIDDLE_DOT, text)
    text = DOT_BETWEEN_HAN.sub(MIDDLE_DOT, text)
    return BETWEEN_HAN.sub("", text)


def check_name(name: str, *, field: str = "name") -> str:
    """Takes a normalised name. Raises DomainError for an empty one, more than 50 characters, digits or symbols."""
    if PLAIN.fullmatch(name):
        return name
    if not name:
        raise DomainError(_("Please enter the name."), field=field)
    if len(name) > LONGEST_NAME:
        raise DomainError(_("A name has at most 50 characters."), field=field)
    if not all(_is_letter(character) or character in PUNCTUATION for character in name) or not any(
        _is_letter(character) for character in name
    ):
        raise DomainError(_("A name consists of letters or Chinese characters, with · between its parts."), field=field)
    return name


def pinyin_of(name: str) -> tuple[str, str]:
    """Syllables with blanks between them and their initials: 曾小单 → ("zeng xiao dan", "zxd").

    The first part of a Chinese name is read as a surname; names with a middle dot have none.
    """
    surname = () if MIDDLE_DOT in name else _surname(name)
    syllables = [*surname, *_read(name[len(surname) :])]
    initials = "".join(syllable[0] for syllable in syllables)
    return " ".join(syllables)[:200], initials[:INITIALS_LENGTH]


def normalise_phone(raw: str) -> str:
    """Digits only; a Chinese country code before a mobile number is dropped. Empty stays empty."""
    if raw.isascii() and raw.isdigit():
        return COUNTRY_CODE.sub("", raw)
    text = re.sub(r"[\s\-‐‑–—−()]", "", unicodedata.normalize("NFKC", raw))
    return COUNTRY_CODE.sub("", text)


def check_phone(phone: str, *, field: str = "phone") -> str:
    """Takes a normalised number: 11 digits starting with 1, or a landline with or without area code."""
    if phone and not MOBILE.fullmatch(phone) and not LANDLINE.fullmatch(phone):
        raise DomainError(_("Please enter an 11-digit mobile number, or a landline with its area code."), field=field)
    return phone


def _surname(name: str) -> tuple[str, ...]:
    if name[:2] in COMPOUND_SURNAMES:
        return COMPOUND_SURNAMES[name[:2]]
    return (SURNAMES[name[0]],) if name[:1] in SURNAMES else ()


@lru_cache(maxsize=50_000)
def _read(text: str) -> tuple[str, ...]:
    """Rare characters are read one by one, the rest together, so that the dictionary sees whole words."""
    for rare in RARE_ONES.intersection(text):
        text = text.replace(rare, f" {RARE[rare]} ")
    syllables = pinyin.syllables(text)
    if all(one.isalpha() for one in syllables):
        return tuple(one.lower() for one in syllables)
    words = re.sub(r"[^\w]|_", " ", " ".join(syllables).lower()).split()
    return tuple(word for word in words if word)


def _half_width(character: str) -> str:
    return unicodedata.normalize("NFKC", character) if "\uff01" <= character <= "\uff5e" else character


def _is_letter(character: str) -> bool:
    return bool(HAN.match(character)) or unicodedata.category(character)[0] in "LM"
