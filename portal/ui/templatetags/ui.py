"""The components. Each is shown with its call on /styleguide/; markup lives in templates/ui/components/."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from math import pi
from typing import Any

import segno
from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.core import clock
from portal.ui.markup import html
from portal.ui.rows import table_rows

register = template.Library()

RING_LENGTH = 2 * pi * 7
AVATAR_TONES = ("", "k2", "k3", "k4", "k5")


# --- drawings -------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """An icon of the sprite (names in ui/icons.txt). Decorative: give the button an aria-label when it stands alone."""
    return _drawn(name, cls, _sprite(settings.STATIC_URL, settings.DEBUG))


@lru_cache(maxsize=16)
def _sprite(_base: str, _debug: bool) -> str:  # noqa: FBT001 - the key of what is kept
    """Kept for each way of serving files: its name changes with a deployment only, and every icon asks for it."""
    return static("build/icons.svg")


@lru_cache(maxsize=1024)
def _drawn(name: str, cls: str, sprite: str) -> SafeString:
    """Kept: a page of fifty rows draws the same few icons hundreds of times."""
    return html('<svg class="i {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', cls, sprite, name)


@register.simple_tag
def ring(percent: float) -> SafeString:
    """A small circle filled to `percent`."""
    filled = round(RING_LENGTH * min(max(float(percent), 0), 100) / 100, 1)
    return html(
        '<svg class="ring" viewBox="0 0 20 20" aria-hidden="true"><circle class="bgc" cx="10" cy="10" r="7"/>'
        '<circle class="fg" cx="10" cy="10" r="7" stroke-dasharray="{} 44"/></svg>',
        filled,
    )


@register.simple_tag
def spark(values: Sequence[float] | str) -> SafeString:
    """A line without axes, at least two numbers; a comma-separated text works too."""
    numbers = [float(value) for value in (values.split(",") if isinstance(values, str) else values)]
    low, high = min(numbers), max(numbers)
    step = 56 / max(len(numbers) - 1, 1)
    points = [
        f"{round(at * step, 1)} {round(20 - (value - low) / (high - low or 1) * 18, 1)}"
        for at, value in enumerate(numbers)
    ]
    line = "M" + " L".join(points)
    return format_html(
        '<svg class="spark" viewBox="0 0 56 22" aria-hidden="true"><path class="a" d="{} L56 22 L0 22 Z"/>'
        '<path d="{}"/></svg>',
        line,
        line,
    )


@register.simple_tag
def qr(text: str) -> str:
    """A QR code as inline SVG. Only opaque tokens and addresses of this portal belong in it, never an ID number."""
    code = segno.make(text, error="m", micro=False)
    drawing = code.svg_inline(omitsize=True, border=4, light=None, svgclass=None, lineclass=None)
    return SafeString(drawing)


# --- words with colour ----------------------------------------------------------------------------------------


@register.simple_tag
def badge(text: object, tone: str = "", icon_name: str = "") -> SafeString:
    """A status in words. Tones: brand, ok, warn, bad, info, vio, o (outline) or none."""
    drawn = icon(icon_name) if icon_name else ""
    return html('<span class="bdg {}">{}{}</span>', tone, drawn, text)


@register.simple_tag
def sla(words: str, tone: str = "ok", percent: float | None = None, **options: Any) -> SafeString:
    """A deadline in words with a ring. `seconds` left keeps the words right while the page is open;
    `paused=True` draws ‖; `title` is the due time."""
    seconds, paused, title = options.get("seconds"), options.get("paused"), options.get("title")
    if paused:
        drawn = icon("pause", "s")
    elif percent not in (None, ""):  # a template that has no number gives ""
        drawn = ring(float(percent or 0))
    else:
        drawn = icon("triangle-alert", "s") if tone == "bad" else SafeString("")
    return html(
        '<sla-clock class="sla {}"{}{}{}>{}<span data-words>{}</span></sla-clock>',
        tone,
        html(' data-left="{}"', seconds) if seconds is not None else "",
        SafeString(" data-paused") if paused else "",
        html(' title="{}"', title) if title else "",
        drawn,
        words,
    )


@register.inclusion_tag("ui/components/who.html")
def who(name: str, masked: str = "", href: str = "", size: str = "", note: str = "") -> dict[str, Any]:
    """Avatar, name and masked number. `masked` must come masked; this tag does not hide anything."""
    return {"name": name, "masked": masked, "href": href, "size": size, "note": note}


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    tone = AVATAR_TONES[sum(map(ord, name)) % len(AVATAR_TONES)]
    return html('<span class="ava {} {}" aria-hidden="true">{}</span>', tone, size, name[:1] or "?")


@register.inclusion_tag("ui/components/reveal.html")
def reveal(masked: str, url: str, label: str = "") -> dict[str, Any]:
    """A masked value with a button that shows it for 30 s. `url` takes a POST, answers plain text, writes the audit."""
    return {"masked": masked, "url": url, "label": label}


@register.inclusion_tag("ui/components/copy.html")
def copy(text: str, label: str = "") -> dict[str, Any]:
    return {"text": text, "label": label}


# --- controls -------------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/btn.html")
def btn(label: str, href: str = "", kind: str = "", **options: Any) -> dict[str, Any]:
    """A link that looks like a button, or a button. Options: icon, key (a letter shown and listened to), type, name,
    value, form, open (a dialog's selector), label_hidden, primary (Ctrl+Enter), cls, disabled."""
    return {"label": label, "href": href, "kind": kind, "type": options.pop("type", "button"), **options}


@register.inclusion_tag("ui/components/post_btn.html", takes_context=True)
def post_btn(context: template.Context, label: str, url: str, kind: str = "", **options: Any) -> dict[str, Any]:
    """A button that POSTs: its own small form, so it works without scripts. Options as for btn, plus `fields`, a dict
    of hidden values, and `confirm`, the id of a dialog to open instead."""
    return {
        "label": label,
        "url": url,
        "kind": kind,
        "csrf_token": context.get("csrf_token"),
        "fields": options.pop("fields", {}),
        **options,
    }


@register.inclusion_tag("ui/components/tabs.html")
def tabs(items: Iterable[dict[str, Any]], label: str, cls: str = "") -> dict[str, Any]:
    """`items`: dicts with label, url, current, and optionally count and tone."""
    return {"items": items, "label": label, "cls": cls}


@register.inclusion_tag("ui/components/chips.html")
def chips(items: Iterable[dict[str, Any]], clear_url: str = "") -> dict[str, Any]:
    """Active filters: dicts with label and url (the page without that filter)."""
    return {"items": list(items), "clear_url": clear_url}


@register.inclusion_tag("ui/components/seg.html")
def seg(items: Iterable[dict[str, Any]], label: str) -> dict[str, Any]:
    """A segmented switch of links: dicts with label, url, current."""
    return {"items": items, "label": label}


@register.simple_tag(takes_context=True)
def query_url(context: template.Context, name: str, value: object, *dropped: str) -> str:
    """The present query string with one parameter changed and others dropped; the names may be variables."""
    query = context["request"].GET.copy()
    for other in dropped:
        query.pop(other, None)
    query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def table_body(table: Any) -> SafeString:
    """The rows of a table (docs/adr/0016-table-rendering.md)."""
    return table_rows(table)


# --- blocks ---------------------------------------------------------------------------------------------------


@register.simple_block_tag
def card(content: str, title: str = "", sub: str = "", **options: Any) -> SafeString:
    """{% card title="…" %} … {% endcard %}. Options: more_url and more_label (link at the right), icon, cls, id,
    flush=True (no padding, for tables and lists), level (heading level, 2)."""
    inner = content if options.get("flush") else format_html('<div class="bd">{}</div>', content)
    level = int(options.get("level", 2))
    head = SafeString("")
    if title:
        more = SafeString("")
        if options.get("more_url"):
            more = format_html(
                '<div class="r"><a class="tgt" href="{}">{}</a></div>',
                options["more_url"],
                options.get("more_label") or _("Show all"),
            )
        drawn = icon(options["icon"]) if options.get("icon") else ""
        head = format_html(
            "<header>{}<h{level}>{}</h{level}>{}{}</header>",
            drawn,
            title,
            format_html('<span class="sub">{}</span>', sub) if sub else "",
            more,
            level=level,
        )
    ident = format_html(' id="{}"', options["id"]) if options.get("id") else ""
    return format_html('<section class="card {}"{}>{}{}</section>', options.get("cls", ""), ident, head, inner)


@register.simple_block_tag
def page_head(content: str, title: str = "", sub: str = "", crumbs: Sequence[tuple[str, str]] = ()) -> SafeString:
    """The only h1 of a page; what stands between the tags are its actions. `crumbs`: (label, url) pairs above it."""
    trail = SafeString("")
    if crumbs:
        chevron = icon("chevron-right", "s")
        links = format_html_join(chevron, '<a href="{}">{}</a>', ((url, label) for label, url in crumbs))
        trail = format_html(
            '<nav class="crumb desk" aria-label="{}">{}{}<span>{}</span></nav>', _("Position"), links, chevron, title
        )
    below = format_html('<p class="sub">{}</p>', sub) if sub else ""
    acts = format_html('<div class="acts">{}</div>', content) if content.strip() else ""
    return format_html('<div class="ph"><div>{}<h1>{}</h1>{}</div>{}</div>', trail, title, below, acts)


@register.simple_block_tag
def note(content: str, tone: str = "", icon_name: str = "") -> SafeString:
    """A remark inside a page. Tones: none (info), ok, warn, bad."""
    names = {"warn": "triangle-alert", "bad": "circle-alert", "ok": "circle-check"}
    drawn = icon(icon_name or names.get(tone, "info"))
    return format_html('<div class="note {}">{}<div>{}</div></div>', tone, drawn, content)


@register.simple_block_tag
def empty_state(content: str, text: str = "", icon_name: str = "inbox") -> SafeString:
    """Nothing here: the fact in `text`, the next step between the tags."""
    return format_html('<div class="empty"><p>{}</p><p>{}</p>{}</div>', icon(icon_name), text, content)


@register.inclusion_tag("ui/components/kpi.html")
def kpi(label: str, value: object, unit: str = "", **options: Any) -> dict[str, Any]:
    """One number. Options: href, delta, tone (of delta), note, spark (numbers), percent (draws a bar), icon."""
    return {"label": label, "value": value, "unit": unit, **options}


@register.inclusion_tag("ui/components/kv.html")
def kv(rows: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Label and value pairs; an empty value is left out, so pass "—" where its absence matters."""
    return {"rows": [(label, value) for label, value in rows if value not in (None, "")]}


@register.inclusion_tag("ui/components/timeline.html")
def timeline(items: Iterable[dict[str, Any]], big: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 – template tag
    """Dicts with title, and optionally note, at, by, icon, tone, url, state (done, now or nothing).
    `big` draws icons in two columns; an item with `year` is a divider."""
    return {"items": items, "big": big}


@register.inclusion_tag("ui/components/checklist.html")
def checklist(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Dicts with label, state (ok, warn, bad, wait) and note."""
    icons = {"ok": "circle-check", "warn": "triangle-alert", "bad": "circle-x", "wait": "clock"}
    return {"items": [{**item, "icon": icons.get(str(item.get("state")), "circle")} for item in items]}


@register.inclusion_tag("ui/components/steps.html")
def steps(labels: Sequence[str], current: int) -> dict[str, Any]:
    """The stages of a wizard; `current` counts from 1."""
    return {"steps": [{"label": text, "at": at} for at, text in enumerate(labels, 1)], "current": current}


@register.inclusion_tag("ui/components/progress.html")
def progress(value: float, label: str, maximum: float = 100, tone: str = "") -> dict[str, Any]:
    return {"value": value, "label": label, "maximum": maximum, "tone": tone}


@register.inclusion_tag("ui/components/chart_box.html")
def chart_box(kind: str, data: object, ident: str, label: str, **options: Any) -> dict[str, Any]:
    """A chart with its data table. Kinds: trend, bars, pyramid, sankey, treemap, ranked, pie (data shapes: charts.js).
    `label` is the sentence a screen reader gets; `columns` and `rows` make the table behind the chart; `size` is
    short, tall or xtall. The page must load build/charts.js in its `head` block."""
    return {"kind": kind, "data": data, "ident": ident, "label": label, **options}


# --- forms ----------------------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(*forms: Any, quiet: bool = False) -> dict[str, Any]:
    """All errors of the given forms, each leading to its field. Draws nothing when there are none.
    It takes the focus when the page opens, unless `quiet`."""
    lines: list[dict[str, str]] = []
    for form in forms:
        for one in getattr(form, "forms", [form]):
            if not one.is_bound:
                continue
            lines += [{"target": "", "label": "", "text": str(text)} for text in one.non_field_errors()]
            for field in one:
                target = getattr(field, "error_target", field.id_for_label)
                lines += [{"target": target, "label": field.label, "text": str(text)} for text in field.errors]
    return {"lines": lines, "quiet": quiet}


@register.inclusion_tag("ui/components/form_sections.html")
def form_sections(form: Any) -> dict[str, Any]:
    """The sections of a form with a LayoutMixin, on the grid of twelve."""
    return {"sections": list(form.layout()), "hidden": form.hidden_fields()}


# --- how values are written -----------------------------------------------------------------------------------


@register.filter
def day(value: date | datetime | None) -> str:
    """2026-11-18"""
    if value is None or value == "":
        return ""
    return (timezone.localtime(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


@register.filter
def moment(value: datetime | None) -> str:
    """11-18 10:22, with the year in front when it is not this one."""
    if not value:
        return ""
    local = timezone.localtime(value)
    return local.strftime("%m-%d %H:%M" if local.year == clock.today().year else "%Y-%m-%d %H:%M")


@register.filter
def spoken_day(value: date | None) -> str:
    """For sentences: 11 月 18 日 / 18 November."""
    if not value:
        return ""
    return _("%(month)s/%(day)s") % {"month": value.month, "day": value.day}


@register.filter
def weekday(value: date) -> str:
    return (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))[
        value.weekday()
    ]


@register.filter
def thousands(value: object) -> str:
    """23,552; anything that is no number is returned as it is."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


@register.filter
def percent(value: float | None) -> str:
    """A ratio (0–1) as 82.4%; nothing for None, because no data is not zero."""
    return "" if value is None else f"{float(value) * 100:.1f}%"


@register.filter
def dash(value: object) -> object:
    """— where a value is missing."""
    return "—" if value in (None, "") else value
