"""What may be wrong with a mapping file, each told in a sentence that the administrator can act on."""

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.imports.kinds import Column, Reader
from residents.imports.columns import ARRIVAL

LARGEST = 64 * 1024
CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")
LONGEST = {"title": 60, "about": 200}
PARTS = ("code", "title", "about", "columns", "words", "fixed")
COLUMNS: dict[str, Column] = {column.key: column for column in ARRIVAL}
AT_LINE = re.compile(r"at line (\d+)")


def told_in(content: bytes) -> tuple[str, dict[str, Any]]:
    """The text and what it says. Raises DomainError at the field "file"."""
    if len(content) > LARGEST:
        raise wrong(_("A mapping file is a small text of at most %(size)s kB."), size=LARGEST // 1024)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise wrong(_("The file is no text in UTF-8. Please save it as UTF-8 and choose it again.")) from None
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = AT_LINE.search(str(error))
        if line is None:
            raise wrong(_("The file breaks off. Please look whether a quote or a bracket is missing.")) from None
        message = _("Line %(line)s cannot be read. Please look at the quotes, brackets and equals signs there.")
        raise wrong(message, line=line[1]) from None
    for check in CHECKS:
        check(told)
    return text, told


def wrong(message: str, **values: Any) -> DomainError:
    return DomainError(message % values if values else message, field="file", code="mapping_wrong")


def _head(told: Mapping[str, Any]) -> None:
    strange = [name for name in told if name not in PARTS]
    if strange:
        message = _("“%(names)s” has no meaning here. A mapping file has %(parts)s.")
        raise wrong(message, names="、".join(strange), parts="、".join(PARTS))
    if not CODE.fullmatch(str(told.get("code", ""))):
        raise wrong(
            _("Please give a code of 2 to 40 small Latin letters, digits and hyphens, as in code = 'police-2'.")
        )
    if not isinstance(told.get("title"), str) or not told["title"].strip():
        raise wrong(_("Please give a title, as people will see it: title = '…'."))
    for name, most in LONGEST.items():
        if not isinstance(told.get(name, ""), str) or len(told.get(name, "")) > most:
            raise wrong(_("“%(name)s” has to be a text of at most %(most)s characters."), name=name, most=most)


def _tables(told: Mapping[str, Any]) -> None:
    for name in ("columns", "words", "fixed"):
        if not isinstance(told.get(name, {}), dict):
            raise wrong(
                _("“%(name)s” has to be a section of its own: a line [%(name)s], the entries below."), name=name
            )
        strange = [key for key in told.get(name, {}) if key not in COLUMNS]
        if strange:
            message = _("[%(name)s]: the register has no column “%(strange)s”. Those it has are listed on the page.")
            raise wrong(message, name=name, strange="、".join(strange))
    if not told.get("columns"):
        raise wrong(_("Please say under [columns] which titles of the other platform stand for which column."))


def _titles(told: Mapping[str, Any]) -> None:
    seen: dict[str, str] = {}
    for key, titles in told["columns"].items():
        if not isinstance(titles, list) or not titles or not all(isinstance(one, str) and one for one in titles):
            raise wrong(_("[columns]: the titles of “%(name)s” have to be a list of texts, as in ['XM']."), name=key)
        if key in told.get("fixed", {}):
            message = _("“%(name)s” stands under [columns] and under [fixed]. Please keep one of the two.")
            raise wrong(message, name=key)
        for title in titles:
            if seen.setdefault(title, key) != key:
                message = _("[columns]: the title “%(title)s” stands for “%(first)s” and for “%(second)s”.")
                raise wrong(message, title=title, first=seen[title], second=key)


def _words(told: Mapping[str, Any]) -> None:
    for key, words in told.get("words", {}).items():
        if COLUMNS[key].reads != Reader.CODE:
            raise wrong(_("“%(name)s” holds no codes. Please take [words.%(name)s] out."), name=key)
        if not isinstance(words, dict):
            raise wrong(_("[words.%(name)s]: please write one line for each code, as in '11' = '05'."), name=key)
        for theirs, ours in words.items():
            if not isinstance(ours, str) or ours not in _codes(key):
                message = _("[words.%(name)s]: “%(theirs)s” leads to “%(ours)s”, which our code table does not have.")
                raise wrong(message, name=key, theirs=theirs, ours=ours)


def _fixed(told: Mapping[str, Any]) -> None:
    for key, value in told.get("fixed", {}).items():
        if not isinstance(value, str) or not value:
            raise wrong(_("[fixed]: the value of “%(name)s” has to be a text in quotes."), name=key)
        if COLUMNS[key].reads == Reader.CODE and value not in _codes(key):
            message = _("[fixed]: our code table of “%(name)s” does not have “%(value)s”.")
            raise wrong(message, name=key, value=value)


def _codes(key: str) -> set[str]:
    """What the other platform's codes may lead to: codes, not words."""
    words = COLUMNS[key].words
    return set(words().values()) if words else set()


CHECKS: tuple[Callable[[Mapping[str, Any]], None], ...] = (_head, _tables, _titles, _words, _fixed)
"""In the order in which somebody reads the file; the first that is wrong is told."""
