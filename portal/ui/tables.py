"""Columns and the base table. A column is declared once and serves the page (`render`) and the export (`value`)."""

from collections.abc import Callable, Mapping
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.ui.markup import html
from portal.ui.templatetags import ui as tags

IN_LINE = {"td": {"class": "in1"}}


class PortalTable(tables.Table):
    """Set `Meta.preview` to a URL name taking a pk to open rows in the pane beside the list."""

    class Meta:
        template_name = "ui/table.html"
        attrs = {"class": "tbl stack"}
        empty_text = _("Nothing matches these filters.")
        row_attrs: Mapping[str, Any] = {"id": lambda record: f"r{getattr(record, 'pk', '')}"}


class ViewerTable(PortalTable):
    """A table that knows who looks at it, for what may be shown, and which row the pane shows."""

    def __init__(self, *args: Any, viewer: User, current: int = 0, **kwargs: Any) -> None:
        self.viewer = viewer
        self.current = current
        super().__init__(*args, **kwargs)


def preview_rows(url_name: str, *, full: str = "") -> dict[str, Callable[[Any], str]]:
    """`row_attrs` for a table whose rows open in the preview pane; `full` is the URL name of the whole page."""
    attrs: dict[str, Callable[[Any], str]] = {
        "id": lambda record: f"r{record.pk}",
        "data-href": lambda record: reverse(url_name, args=[record.pk]),
    }
    if full:
        attrs["data-full"] = lambda record: reverse(full, args=[record.pk])
    return attrs


class SelectColumn(tables.Column):
    """A tick box per row for the bulk bar; its name is `ids`. `label` names the row for screen readers."""

    empty_values = ()

    def __init__(self, *, label: Callable[[Any], str] = str, **kwargs: Any) -> None:
        self.label = label
        attrs = {"td": {"class": "hide"}, "th": {"class": "hide"}}
        super().__init__(accessor="pk", orderable=False, exclude_from_export=True, attrs=attrs, **kwargs)

    @property
    def header(self) -> SafeString:
        return html('<input type="checkbox" class="cb" data-all aria-label="{}">', _("Choose all rows"))

    def render(self, value: Any, record: Any) -> SafeString:
        return html(
            '<input type="checkbox" class="cb" name="ids" value="{}" aria-label="{}">',
            value,
            _("Choose %(name)s") % {"name": self.label(record)},
        )


def who_cell(name: str, masked: str = "", url: str = "") -> SafeString:
    """Avatar, name and masked number of a table cell; the name is a link when there is somewhere to go."""
    shown = html('<a href="{}">{}</a>', url, name) if url else html("<b>{}</b>", name)
    small = html('<small class="mono">{}</small>', masked) if masked else ""
    return html('<span class="who">{}<span>{}{}</span></span>', tags.avatar(name), shown, small)


class WhoColumn(tables.Column):
    """Avatar, name and masked number. `masked` and `href` take the record; `masked` must already hide the middle."""

    def __init__(
        self,
        *,
        masked: Callable[[Any], str] | None = None,
        href: Callable[[Any], str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.masked = masked
        self.href = href
        kwargs.setdefault("attrs", {"td": {"class": "main"}})
        super().__init__(**kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        masked = self.masked(record) if self.masked else ""
        return who_cell(str(value), masked, self.href(record) if self.href else "")

    def value(self, value: Any) -> str:
        return str(value)


class LinkColumn(tables.Column):
    """The first column of a table that is not about a person: a bold link, whole width on a phone."""

    def __init__(self, *, href: Callable[[Any], str], note: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        self.href = href
        self.note = note
        kwargs.setdefault("attrs", {"td": {"class": "main"}})
        super().__init__(**kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        below = html("<small>{}</small>", self.note(record)) if self.note else ""
        return html('<span class="who"><span><a href="{}">{}</a>{}</span></span>', self.href(record), value, below)

    def value(self, value: Any) -> str:
        return str(value)


class BadgeColumn(tables.Column):
    """A choice field as a coloured word: `tones` maps stored values to tones, `icons` to icon names."""

    def __init__(
        self, *, tones: Mapping[str, str] | None = None, icons: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.tones = dict(tones or {})
        self.icons = dict(icons or {})
        kwargs.setdefault("attrs", IN_LINE)
        super().__init__(**kwargs)

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        raw = str(bound_column.accessor.resolve(record, quiet=True))
        return tags.badge(value, self.tones.get(raw, ""), self.icons.get(raw, ""))

    def value(self, value: Any) -> str:
        return str(value)


class SlaColumn(tables.Column):
    """A deadline. `describe(record)` returns the keyword arguments of the `sla` tag: words, tone, percent, seconds …"""

    empty_values = ()

    def __init__(self, *, describe: Callable[[Any], Mapping[str, Any] | None], **kwargs: Any) -> None:
        self.describe = describe
        kwargs.setdefault("attrs", {"td": {"class": "corner"}})
        super().__init__(**kwargs)

    def render(self, record: Any) -> SafeString | str:
        told = self.describe(record)
        return tags.sla(**told) if told else ""

    def value(self, record: Any) -> str:
        told = self.describe(record)
        return str(told["words"]) if told else ""


class DayColumn(tables.Column):
    """2026-11-18"""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "num nowrap"}})
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return tags.day(value)

    def value(self, value: Any) -> str:
        return tags.day(value)


class MomentColumn(tables.Column):
    """11-18 10:22"""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "num mut nowrap"}})
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return tags.moment(value)

    def value(self, value: Any) -> Any:
        return value


class NumberColumn(tables.Column):
    """Right-aligned, with thousands separators on the page and the bare number in the export."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "n"}, "th": {"class": "n"}})
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return tags.thousands(value)

    def value(self, value: Any) -> Any:
        return value
