"""The dashboard's figures in the shapes that the chart bundle draws (ui/js/charts.js), each with its table rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.reports.dashboard import Bar, ChildRow, Dashboard

RANKED_LINES = 10
TREEMAP_CELLS = 24


def cell(number: int | None) -> int | str:
    """What a table shows for a figure; a suppressed one says so."""
    return _("hidden") if number is None else number


def trend(found: Dashboard) -> dict[str, Any]:
    steps: Mapping[str, list[Any]] = found.trend
    people = _("people")
    return {
        "data": {
            "x": steps["labels"],
            "bars": [
                {"name": _("Arrivals"), "values": steps["arrivals"]},
                {"name": _("Departures"), "values": steps["departures"]},
            ],
            "line": {"name": _("People in residence"), "values": steps["residents"]},
            "unit": people,
        },
        "columns": [_("Date"), _("Arrivals"), _("Departures"), _("People in residence")],
        "rows": list(zip(steps["labels"], steps["arrivals"], steps["departures"], steps["residents"], strict=True))[
            ::-1
        ],
    }


def ranked(bars: Iterable[Bar], heading: str) -> dict[str, Any]:
    """Suppressed lines are left out of the drawing and named in the table."""
    lines = list(bars)
    drawn = [[bar.label, bar.number] for bar in lines if bar.number is not None][:RANKED_LINES]
    return {
        "data": {"items": drawn, "unit": _("people"), "name": heading},
        "columns": [heading, _("People"), _("Share")],
        "rows": [(b.label, cell(b.number), f"{b.share}%" if b.share is not None else "—") for b in lines],
    }


def pyramid(found: Dashboard) -> dict[str, Any]:
    return {
        "data": {
            "ages": [age for age, _men, _women in found.pyramid],
            "left": {"name": _("Men"), "values": [men or 0 for _age, men, _women in found.pyramid]},
            "right": {"name": _("Women"), "values": [women or 0 for _age, _men, women in found.pyramid]},
            "unit": _("people"),
        },
        "columns": [_("Age"), _("Men"), _("Women")],
        "rows": [(age, cell(men), cell(women)) for age, men, women in found.pyramid],
    }


def treemap(children: list[ChildRow]) -> dict[str, Any]:
    """Area is the number of people, colour the share verified in time."""
    shown = [row for row in children if row.residents][:TREEMAP_CELLS]
    verified = [None if row.stale_share is None else round(100 - row.stale_share, 1) for row in shown]
    return {
        "data": {
            "items": [[row.name, row.residents, rate] for row, rate in zip(shown, verified, strict=True)],
            "value": _("People in residence"),
            "rate": _("Verified in time"),
            "unit": _("people"),
        },
        "columns": [_("Area"), _("People in residence"), _("Verified in time")],
        "rows": [
            (row.name, row.residents, "—" if rate is None else f"{rate}%")
            for row, rate in zip(shown, verified, strict=True)
        ],
    }


def sankey(found: Dashboard) -> dict[str, Any]:
    links = sorted(found.origin_links, key=lambda link: link[2], reverse=True)
    left = list(dict.fromkeys(origin for origin, _child, _number in links))
    right = list(dict.fromkeys(child for _origin, child, _number in links))
    return {
        "data": {"left": left, "right": right, "links": links, "unit": _("people")},
        "columns": [_("Place of origin"), _("Area"), _("People")],
        "rows": links,
    }
