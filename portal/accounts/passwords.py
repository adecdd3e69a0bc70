"""What a new password must be like. `PASSWORD_PROFILE` chooses between two bodies of rules that contradict each other.

`djbh3` (the default): 等保 8.1.4.1 a wants a minimum of character classes, an end after 90 days and no password again.
`asvs`: OWASP ASVS 5.0 6.2.5 and 6.2.10 forbid composition rules and rotation. Length, the list of common passwords
and the words of the county hold in both. A password is never cut, never changed, and may be pasted.
"""

import re
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts import services
from portal.accounts.limits import is_djbh3, limit
from portal.core import pinyin
from portal.org.models import Area, Department, User

SHORTEST_WORD = 3
PRODUCT_WORDS = ("anju", "安居")
PERSONAL_NUMBERS = (
    re.compile(r"\d{17}[\dXx]"),
    re.compile(r"1[3-9]\d{9}"),
    re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"),
)
NOT_A_LETTER = re.compile(r"[\W\d_]+")


class LengthValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        least = limit("password.min_length")
        missing = least - len(password)
        if missing > 0:
            raise ValidationError(
                ngettext(
                    "The password is too short: please add at least %(missing)d character (%(least)d in all).",
                    "The password is too short: please add at least %(missing)d characters (%(least)d in all).",
                    missing,
                )
                % {"missing": missing, "least": least},
                code="too_short",
            )

    def get_help_text(self) -> str:
        return _("At least %(least)d characters; a sentence with spaces or Chinese is fine.") % {
            "least": limit("password.min_length")
        }


class ClassesValidator:
    """Capital letters, small letters, digits, everything else (Chinese counts there)."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not is_djbh3():
            return
        wanted = limit("password.classes")
        missing = [name for has, name in classes_of(password) if not has]
        if len(missing) > 4 - wanted:
            raise ValidationError(
                _("The password has too few kinds of characters: please add %(missing)s (%(wanted)d kinds are needed).")
                % {"missing": _(" or ").join(missing), "wanted": wanted},
                code="too_plain",
            )

    def get_help_text(self) -> str:
        if not is_djbh3():
            return ""
        return _("Characters of at least %(wanted)d kinds: capital letters, small letters, digits, symbols.") % {
            "wanted": limit("password.classes")
        }


def classes_of(password: str) -> list[tuple[bool, str]]:
    upper = any("A" <= one <= "Z" for one in password)
    lower = any("a" <= one <= "z" for one in password)
    digit = any("0" <= one <= "9" for one in password)
    other = any(not ("0" <= one <= "9" or "A" <= one <= "Z" or "a" <= one <= "z") for one in password)
    return [
        (upper, _("capital letters")),
        (lower, _("small letters")),
        (digit, _("digits")),
        (other, _("symbols")),
    ]


class CommonValidator:
    """The 20,000 most common passwords, also with digits and symbols around them (`Password@2026`)."""

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: User | None = None) -> None:
        letters = NOT_A_LETTER.sub("", password).lower()
        if password.lower().strip() in self.common or letters in self.common:
            raise ValidationError(
                _("Attackers try this password first. Please choose words that nobody would guess."),
                code="common",
            )

    def get_help_text(self) -> str:
        return _("Not a common password, even with digits added.")


class LocalWordsValidator:
    """No name of the person, the county or its bureaus, and no number that stands on an ID card."""

    def validate(self, password: str, user: User | None = None) -> None:
        lowered = password.lower()
        for word in local_words(user):
            if word in lowered and (len(word) >= SHORTEST_WORD or not word.isascii()):
                raise ValidationError(
                    _("The password contains “%(word)s”, which is easy to guess here. Please leave it out."),
                    code="local_word",
                    params={"word": word},
                )
        if any(pattern.search(password) for pattern in PERSONAL_NUMBERS):
            raise ValidationError(
                _("The password contains an ID number, a phone number or a birthday. Please leave it out."),
                code="personal_number",
            )

    def get_help_text(self) -> str:
        return _("Without your name, the names of the county and its bureaus, ID numbers, phones and birthdays.")


def local_words(user: User | None) -> Iterator[str]:
    """In lower case; Chinese names also as pinyin."""
    if user is not None:
        yield from (part for part in (user.username.lower(), *_both(user.display_name)) if part)
    yield from PRODUCT_WORDS
    county = Area.objects.filter(code=settings.COUNTY_CODE).values_list("name", flat=True).first()
    if county:
        yield from _both(county)
        yield from _both(county.removesuffix("县").removesuffix("区").removesuffix("市"))
    for name in Department.objects.filter(area_code=settings.COUNTY_CODE).values_list("name", flat=True):
        yield from _both(name)


def _both(name: str) -> tuple[str, ...]:
    if not name:
        return ()
    return name.lower(), "".join(pinyin.syllables(name)).lower()


class HistoryValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or not user.pk or not is_djbh3():
            return
        if services.was_used(user, password):
            raise ValidationError(
                _("You have used this password before. Please choose one that differs from your last %(count)d.")
                % {"count": limit("password.history")},
                code="used_before",
            )

    def get_help_text(self) -> str:
        if not is_djbh3():
            return ""
        return _("Not one of your last %(count)d passwords.") % {"count": limit("password.history")}
