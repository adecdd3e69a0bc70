"""The body of a table, written in Python: the same columns and the same HTML as a template, at a tenth of the time.

What stays equal for every row (classes, labels, which arguments a column wants) is worked out once a table.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from inspect import signature
from operator import attrgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.template.defaultfilters import striptags
from django.utils.formats import localize
from django.utils.hashable import make_hashable
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, localtime

from portal.ui.markup import html, joined

Reader = Callable[[Any], Any]
NOTHING_THERE = (AttributeError, KeyError, IndexError, TypeError, ValueError, ObjectDoesNotExist)


def table_rows(table: Any) -> SafeString:
    """`<tbody>` of the rows on the present page."""
    rows = list(table.paginated_rows)
    cells = [_Cells(table, column, rows[0].record) for column in table.columns] if rows else []
    attributes = _RowAttributes(table)
    lines = (html("<tr{}>{}</tr>", attributes.of(row), joined(cell.of(row) for cell in cells)) for row in rows)
    return html("<tbody>{}</tbody>", joined(lines))


def attributes_of(values: Mapping[str, Any]) -> SafeString:
    """` name="value"` each: True stands alone, False and None leave the attribute out."""
    if not values:
        return SafeString("")
    return joined(
        html(" {}", name) if value is True else html(' {}="{}"', name, value)
        for name, value in values.items()
        if value is not False and value is not None
    )


class _RowAttributes:
    """`Meta.row_attrs`: values, or functions of any of record and table."""

    def __init__(self, table: Any) -> None:
        self.fixed = {name: value for name, value in table.row_attrs.items() if not callable(value)}
        self.asked = {
            name: (value, _wanted(value, ("record", "table")))
            for name, value in table.row_attrs.items()
            if callable(value)
        }

    def of(self, row: Any) -> SafeString:
        offered = {"record": row.record, "table": row.table}
        values = dict(self.fixed)
        for name, (function, names) in self.asked.items():
            values[name] = function(**{key: offered[key] for key in names})
        values["class"] = f"{values.get('class') or ''} {row.get_even_odd_css_class()}".strip()
        return attributes_of(values)


class _Cells:
    """One column, ready to be asked for each row."""

    OFFERED = ("value", "record", "column", "bound_column", "bound_row", "table")

    def __init__(self, table: Any, bound: Any, example: Any) -> None:
        self.column = bound.column
        self.read = _reader(bound, example)
        self.render = bound.render
        same = {"column": self.column, "bound_column": bound, "table": table}
        wanted = _wanted(self.render, self.OFFERED)
        self.fixed = {name: same[name] for name in wanted if name in same}
        self.asked = tuple(name for name in wanted if name not in same)
        self.default = bound.default
        css = bound.attrs["td"]["class"]
        opening = html('<td{} data-l="{}">', html(' class="{}"', css) if css else "", striptags(bound.header))
        self.template = opening.replace("{", "{{").replace("}", "}}") + "{}</td>"

    def of(self, row: Any) -> SafeString:
        try:
            value = self.read(row.record)
        except NOTHING_THERE:
            value = None
        shown = self.default if value in self.column.empty_values else self._rendered(row, value)
        return html(self.template, _written(shown, self.column.localize))

    def _rendered(self, row: Any, value: Any) -> Any:
        offered = {"value": value, "record": row.record, "bound_row": row}
        return self.render(**self.fixed, **{name: offered[name] for name in self.asked})


def _wanted(function: Callable[..., Any], offered: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments that `function` takes, of those offered; all of them when it has `**kwargs`."""
    parameters = signature(function).parameters.values()
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return offered
    return tuple(one.name for one in parameters if one.name in offered)


def _reader(bound: Any, example: Any) -> Reader:
    """How a record gives the value: a field with choices its words, everything else itself."""
    accessor = bound.accessor
    if not isinstance(example, Model):
        return accessor.resolve
    steps = accessor.bits
    if not hasattr(type(example), steps[0]) and steps[0] not in example.__dict__:
        return lambda _record: None
    if _has_words(accessor, example):
        return _words(steps)
    plain = attrgetter(".".join(steps))

    def read(record: Any) -> Any:
        try:
            value = plain(record)
        except AttributeError:
            return accessor.resolve(record)
        return value() if callable(value) else value

    return read


def _words(steps: Sequence[str]) -> Reader:
    """The words of a choice, asked once a page for each stored value: Django flattens all choices every time."""
    stored, words = attrgetter(".".join(steps)), attrgetter(".".join([*steps[:-1], f"get_{steps[-1]}_display"]))
    known: dict[Any, Any] = {}

    def read(record: Any) -> Any:
        value = make_hashable(stored(record))
        if value not in known:
            known[value] = words(record)()
        return known[value]

    return read


def _has_words(accessor: Any, example: Model) -> bool:
    field = accessor.get_field(example)
    return getattr(field, "name", "") == accessor.bits[-1] and bool(getattr(field, "choices", None))


def _written(value: Any, localized: bool | None) -> str:  # noqa: FBT001 - the three states of Column.localize
    """As a template writes it: dates and numbers in the language of the page; markup is escaped by the caller."""
    if isinstance(value, datetime) and is_aware(value):
        value = localtime(value)
    return value if isinstance(value, str) else str(localize(value, use_l10n=localized))
