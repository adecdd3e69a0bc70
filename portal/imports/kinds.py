"""What can be imported. A department registers its kinds in `<app>/imports/`; the platform knows none of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from django.db import models
from django.utils.functional import Promise

from portal.core.errors import DomainError
from portal.imports.models import Decision, ImportBatch
from portal.org.models import User
from portal.org.scoping import can

Text = str | Promise
Words = Callable[[], Mapping[str, str]]


class Reader:
    """How the cells of a column are read; the names of functions in `portal.imports.values`, or a code table."""

    TEXT, PLAIN, NUMBER, DAY, WHOLE, TRUTH, CODE = "text", "plain", "document", "day", "whole", "truth", "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the template. `title` is Chinese, as on the official ledgers; `synonyms` are titles that other
    systems and people use. `words` gives the code table of a CODE column: words and codes to codes."""

    key: str
    title: str
    synonyms: tuple[str, ...] = ()
    reads: str = Reader.PLAIN
    words: Words | None = None
    required: bool = False
    example: str = ""
    about: Text = ""
    width: int = 16
    secret: bool = False


@dataclass(slots=True)
class Given:
    """One row as it came, its cells read: `values` by key, and what could not be read."""

    number: int
    raw: dict[str, str]
    values: dict[str, Any]
    problems: list[dict[str, str]] = field(default_factory=list)
    force: bool = False


@dataclass(slots=True)
class Verdict:
    """What the check says of a row. `cleaned` is JSON and all that `apply` gets; `changes` are (title, before, after)
    of an update, kept with it. `problems` are {"column": key, "text": sentence, "code": …}."""

    decision: str
    key: bytes | None = None
    cleaned: dict[str, Any] | None = None
    problems: list[dict[str, str]] = field(default_factory=list)
    note: str = ""


@dataclass(slots=True)
class Effect:
    """A record that a row made (`before` None) or changed; `version` is the one it has now."""

    row_number: int
    table: str
    object_id: int
    version: int = 0
    before: dict[str, Any] | None = None


@dataclass(slots=True)
class Applied:
    """What `apply` says of one row; `outcome` is an entry of Outcome, `note` tells why a row was left out after all."""

    number: int
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """A checked row that is to be applied."""

    number: int
    decision: str
    cleaned: dict[str, Any]


class ImportKind:
    """One kind of import. `check` and `apply` get blocks of rows, so that they can ask the database once for all.

    `apply` runs in a transaction of its own for each block, after a crash again for the blocks that did not commit.
    `undo` takes effects back, newest first, and is only called when nothing stands in the way. `shared`: several
    workers may check and write one file at a time; rows must not depend on other rows of the file.
    """

    code: ClassVar[str]
    title: ClassVar[Text]
    about: ClassVar[Text]
    icon: ClassVar[str] = "file-spreadsheet"
    grant: ClassVar[tuple[type[models.Model], str]]
    columns: ClassVar[tuple[Column, ...]]
    rows_a_step: ClassVar[int] = 1_000
    shared: ClassVar[bool] = False
    is_offered: bool = True
    """False: nobody begins one any more, those begun go on and can be taken back."""

    def may(self, user: User) -> bool:
        return can(user, *self.grant)

    def checker(self, batch: ImportBatch, actor: User) -> "Checker":
        raise NotImplementedError

    def apply(
        self, batch: ImportBatch, rows: Sequence[Staged], actor: User
    ) -> tuple[Sequence[Applied], Sequence[Effect]]:
        raise NotImplementedError

    def finished(self, batch: ImportBatch, actor: User) -> None:
        """Called once, in the transaction in which the batch became DONE."""

    def obstacles(self, batch: ImportBatch, actor: User) -> list[dict[str, Any]]:
        raise NotImplementedError

    def undo(self, batch: ImportBatch, effects: Sequence[Effect], actor: User) -> None:
        raise NotImplementedError

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


class Checker:
    """Made once for a run over a file. Two rows with one key are told apart by nobody here: that the second is the
    first once more is found out when all rows are checked (`portal.imports.staging.mark_twins`)."""

    def check(self, rows: Sequence[Given]) -> Iterable[Verdict]:
        raise NotImplementedError


def problem(error: DomainError, column: str = "") -> dict[str, str]:
    return {"column": column or error.field or "", "text": str(error.message), "code": error.code}


def refused(*problems: dict[str, str], key: bytes | None = None) -> Verdict:
    return Verdict(Decision.ERROR, key, None, list(problems))


_kinds: dict[str, ImportKind] = {}


def register_kind(kind: ImportKind) -> ImportKind:
    """Registering the same code again replaces the kind, so that a reload is harmless."""
    _kinds[kind.code] = kind
    return kind


class KindSource(Protocol):
    """Kinds that come and go while the product runs."""

    def offered(self) -> Sequence[ImportKind]: ...

    def find(self, code: str) -> ImportKind | None:
        """Those that are not offered any more as well."""


_sources: list[KindSource] = []


def register_source(source: KindSource) -> None:
    """Asked again each time, after the kinds that are registered: their codes cannot be taken."""
    _sources.append(source)


def kind_of(code: str) -> ImportKind:
    """Raises DomainError for a kind that this installation does not have."""
    for found in (_kinds.get(code), *(source.find(code) for source in _sources if code not in _kinds)):
        if found is not None:
            return found
    raise DomainError(f"unknown kind of import: {code}", code="unknown_kind")


def kinds_for(user: User) -> list[ImportKind]:
    coming = (kind for source in _sources for kind in source.offered())
    return [kind for kind in (*_kinds.values(), *coming) if kind.may(user)]


def may_import(user: User) -> bool:
    """Whether there is anything to import, told without asking the sources: for the navigation of every page."""
    return any(kind.may(user) for kind in _kinds.values())


def all_kinds() -> list[ImportKind]:
    """Those that came with the product and its files."""
    return list(_kinds.values())
