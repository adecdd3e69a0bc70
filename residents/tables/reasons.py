"""Why two files look like one person, in words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from residents.services.merging import keys

OK, WARN, BAD = "ok", "warn", "bad"
WORDS: dict[str, tuple[Promise, str]] = {
    keys.SAME_DOCUMENT: (_("Same document number"), OK),
    keys.NEAR_DOCUMENT: (_("Document numbers differ in one place"), OK),
    keys.SAME_PHONE: (_("Same phone number"), OK),
    keys.SAME_NAME: (_("Same name"), OK),
    keys.SAME_PINYIN: (_("Names sound the same"), WARN),
    keys.SAME_BIRTH: (_("Same birth date"), OK),
    keys.NEAR_BIRTH: (_("Birth dates nearly the same"), WARN),
    keys.SAME_NATIVE: (_("Same native county"), WARN),
    keys.SAME_DWELLING: (_("Lives at the same address"), OK),
    keys.NAMED: (_("Named by a member of staff"), OK),
    keys.OTHER_NUMBER: (_("Both ID numbers are valid and differ"), BAD),
    keys.OTHER_SEX: (_("The sex differs"), BAD),
}


def told_reasons(codes: Iterable[str]) -> list[tuple[Promise, str]]:
    """(words, tone), what speaks for it first."""
    known = [WORDS[code] for code in codes if code in WORDS]
    return sorted(known, key=lambda one: one[1] == BAD)
