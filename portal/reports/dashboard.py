"""What the leader's page says about one area. Two readings of maintained figures; nothing scans the register."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.core import clock
from portal.org.codes import COMMUNITY
from portal.org.models import Area
from portal.policy import codes
from portal.policy.divisions import division_name
from portal.policy.services import due_on, rule, shift
from portal.reports.counts import FIRST_DAY, LAST_DAY, Figure, by_part, moved, read, read_windows, total
from portal.reports.periods import Period
from portal.reports.suppression import suppressed
from residents.choices import ApplicationStatus, PermitStatus
from residents.verification import verify_interval_days

STOCK = ["residence", "residence.reason", "residence.lodging", "residence.origin", "quality.phone"]
BY_MONTH = ["residence.age", "residence.counts"]
ONE_DAY = timedelta(days=1)
BAND_YEARS = 5
OLDEST_BAND = 80
ORIGINS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a ranked chart; `number` None is a small cell that leaders do not see."""

    label: str
    number: int | None
    share: float | None = None
    url_code: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    arrivals: int
    departures: int

    @property
    def net(self) -> int:
        return self.arrivals - self.departures


@dataclass(slots=True)
class Dashboard:
    area: Area
    period: Period
    residents: int = 0
    flow: Flow = field(default_factory=lambda: Flow(0, 0))
    previous_flow: Flow = field(default_factory=lambda: Flow(0, 0))
    half_year: int = 0
    trend: dict[str, list[object]] = field(default_factory=dict)
    children: list["ChildRow"] = field(default_factory=list)
    origins: list[Bar] = field(default_factory=list)
    origin_links: list[tuple[str, str, int]] = field(default_factory=list)
    reasons: list[Bar] = field(default_factory=list)
    lodgings: list[Bar] = field(default_factory=list)
    pyramid: list[tuple[str, int | None, int | None]] = field(default_factory=list)
    permits: dict[str, int] = field(default_factory=dict)
    clocks: dict[str, int] = field(default_factory=dict)
    quality: dict[str, int] = field(default_factory=dict)
    small_cell: int = 0
    areas_then: bool = False


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One area below: what the drill-down table and the tree map show. None is a small cell."""

    code: str
    name: str
    residents: int | None
    arrivals: int | None
    departures: int | None
    permits: int | None
    overdue: int
    stale_share: float | None


def dashboard(*, area: Area, period: Period, small_cells_hidden: bool, areas_then: bool = False) -> Dashboard:
    """The same number of queries whatever the size of the county; none of them reads the register.

    `areas_then` counts arrivals and departures before a re-organisation in the areas of those days. Who lives where
    is always told by the areas of today.
    """
    found = Dashboard(area=area, period=period, areas_then=areas_then)
    today = clock.today()
    threshold = int(rule("statistics.small_cell").value) if small_cells_hidden else 0
    found.small_cell = threshold
    children = areas_below(area, since=period.first if areas_then else None)
    figures = _grouped([*read([area.code], STOCK), *read([area.code], BY_MONTH, by_day=True)])
    flows = read([area.code], ["flow"], first=period.previous_first, last=today, by_day=True)
    if areas_then:
        flows += moved([area.code], "flow", first=period.previous_first, last=today)
    found.residents = total(figures["residence"])
    found.flow = _flow(f for f in flows if period.first <= f.day <= period.last)
    found.previous_flow = _flow(f for f in flows if period.previous_first <= f.day < period.first)
    found.half_year = _reached_half_year(figures["residence.counts"], today)
    found.trend = _trend(flows, period, found.residents, today)
    found.reasons = _bars(by_part(figures["residence.reason"]), "stay_reason", threshold)
    found.lodgings = _bars(by_part(figures["residence.lodging"]), "dwelling_kind", threshold)
    found.pyramid = _pyramid(figures["residence.age"], today, threshold)
    found.origins = _origins(figures["residence.origin"], threshold)
    found.permits = _permits(area.code, today)
    found.clocks = _clocks(area.code, today, period)
    found.quality = _quality(area.code, figures, today)
    if children:
        codes_below = [child.code for child in children]
        below = read(codes_below, ["residence", "residence.origin"])
        found.children = _children(children, below, found, threshold)
        found.origin_links = _origin_links(children, below, found.origins, threshold)
    return found


def areas_below(area: Area, *, since: date | None = None) -> list[Area]:
    """The areas to compare; none below a community, because figures are kept down to communities.

    With `since` those as well that have ended after that day.
    """
    if len(area.code) >= COMMUNITY:
        return []
    in_use = Q(valid_to=None) if since is None else Q(valid_to=None) | Q(valid_to__gte=since)
    return list(Area.objects.filter(in_use, parent=area).order_by("code"))


def _grouped(figures: Iterable[Figure]) -> dict[str, list[Figure]]:
    grouped: dict[str, list[Figure]] = defaultdict(list)
    for figure in figures:
        grouped[figure.fact].append(figure)
    return grouped


def _flow(figures: Iterable[Figure]) -> Flow:
    parts = by_part(figures)
    return Flow(parts.get("arrival", 0), parts.get("departure", 0))


def _reached_half_year(figures: Iterable[Figure], today: date) -> int:
    """Counted by month of registration: a month counts once its last day has reached the half-year."""
    term = rule("permit.residence_months")
    latest = shift(today, -int(term.value), term.unit)
    return sum(f.number for f in figures if shift(f.day, 1, "month") - timedelta(days=1) <= latest)


def _trend(flows: list[Figure], period: Period, stock: int, today: date) -> dict[str, list[object]]:
    """Arrivals and departures a step, and the stock at the end of each step, counted back from today's."""
    arrivals: dict[int, int] = defaultdict(int)
    departures: dict[int, int] = defaultdict(int)
    after: dict[int, int] = defaultdict(int)
    steps = period.steps()
    for figure in flows:
        if figure.part not in {"arrival", "departure"}:
            continue
        sign = 1 if figure.part == "arrival" else -1
        step = next((i for i, (first, last) in enumerate(steps) if first <= figure.day <= last), None)
        if step is not None:
            (arrivals if sign == 1 else departures)[step] += figure.number
            after[step] += sign * figure.number
        elif steps and steps[-1][1] < figure.day <= today:
            stock -= sign * figure.number
    totals: list[object] = []
    for step in reversed(range(len(steps))):
        totals.append(stock)
        stock -= after[step]
    return {
        "labels": [period.label_of(first) for first, _last in steps],
        "arrivals": [arrivals[i] for i in range(len(steps))],
        "departures": [departures[i] for i in range(len(steps))],
        "residents": totals[::-1],
    }


def _bars(parts: dict[str, int], table: str, threshold: int) -> list[Bar]:
    whole = sum(parts.values())
    shown = suppressed(parts, threshold=threshold)
    ranked = sorted(shown, key=lambda code: parts[code], reverse=True)
    return [Bar(codes.label(table, code), shown[code], _share(shown[code], whole)) for code in ranked if parts[code]]


def _share(number: int | None, whole: int) -> float | None:
    return None if number is None or not whole else round(100 * number / whole, 1)


def _pyramid(figures: Iterable[Figure], today: date, threshold: int) -> list[tuple[str, int | None, int | None]]:
    """Men and women by five-year bands; a birthday within the month counts from the month's first day."""
    cells: dict[str, dict[str, int]] = {"1": defaultdict(int), "2": defaultdict(int)}
    for figure in figures:
        if figure.part in cells:
            age = today.year - figure.day.year - (today.month < figure.day.month)
            band = min(age // BAND_YEARS * BAND_YEARS, OLDEST_BAND)
            cells[figure.part][str(band)] += figure.number
    men, women = (suppressed(cells[sex], threshold=threshold) for sex in ("1", "2"))
    rows = []
    for band in range(0, OLDEST_BAND + 1, BAND_YEARS):
        label = f"{band}–{band + BAND_YEARS - 1}" if band < OLDEST_BAND else f"{OLDEST_BAND}+"
        rows.append((label, men.get(str(band), 0), women.get(str(band), 0)))
    return rows


def origin_label(code: str) -> str:
    special = {"HMT": _("Hong Kong, Macau and Taiwan"), "FOREIGN": _("Foreign countries"), "OTHER": _("Not known")}
    return str(special.get(code) or division_name(code) or code)


def _origins(figures: Iterable[Figure], threshold: int) -> list[Bar]:
    parts = by_part(figures)
    shown = suppressed(parts, threshold=threshold)
    whole = sum(parts.values())
    ranked = sorted(parts, key=lambda code: parts[code], reverse=True)
    return [Bar(origin_label(code), shown[code], _share(shown[code], whole), code) for code in ranked]


def _origin_links(
    children: list[Area], below: list[Figure], origins: list[Bar], threshold: int
) -> list[tuple[str, str, int]]:
    top = {bar.url_code: bar.label for bar in origins[:ORIGINS_SHOWN]}
    names = {child.code: child.name for child in children}
    sizes = _by_area(f for f in below if f.fact == "residence")
    shown = sorted(names, key=lambda code: sizes.get(code, 0), reverse=True)[:ORIGINS_SHOWN]
    cells: dict[tuple[str, str], int] = defaultdict(int)
    elsewhere, other_area = _("Other origins"), _("Other areas")
    for figure in below:
        if figure.fact == "residence.origin":
            origin = top.get(figure.part, elsewhere)
            child = names[figure.area_code] if figure.area_code in shown else other_area
            cells[origin, child] += figure.number
    least = max(threshold, 1)
    return [(origin, child, number) for (origin, child), number in sorted(cells.items()) if number >= least]


def _by_area(figures: Iterable[Figure]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for figure in figures:
        found[figure.area_code] += figure.number
    return found


def _permits(area_code: str, today: date) -> dict[str, int]:
    """`due`: the endorsement window is open; `in_time`: valid and the window not yet open."""
    window = rule("permit.endorsement_window_months")
    opens = shift(today, int(window.value), window.unit)
    spans = {"late": (FIRST_DAY, today), "due": (today + ONE_DAY, opens), "later": (opens + ONE_DAY, LAST_DAY)}
    parts = [by_part(figures) for figures in read_windows([area_code], "permit", spans).values()]
    late, due, later = parts
    return {
        "valid": sum(part.get(PermitStatus.ACTIVE, 0) for part in parts),
        "in_time": later.get(PermitStatus.ACTIVE, 0),
        "due": due.get(PermitStatus.ACTIVE, 0),
        "late": late.get(PermitStatus.ACTIVE, 0),
        "suspended": sum(part.get(PermitStatus.SUSPENDED, 0) for part in parts),
    }


OPEN_STATUSES = {ApplicationStatus.ACCEPTED, ApplicationStatus.REVIEWED}


def _running(figures: Iterable[Figure]) -> list[Figure]:
    """Files in hand; their day is the day they are due."""
    return [f for f in figures if f.part in OPEN_STATUSES and f.subpart == "open"]


def _clocks(area_code: str, today: date, period: Period) -> dict[str, int]:
    soon = due_on(today, "permit.due_soon_days")
    spans = {
        "overdue": (FIRST_DAY, today - ONE_DAY),
        "soon": (today, soon),
        "ever": (FIRST_DAY, LAST_DAY),
        "closed": (period.first, period.last),
    }
    figures = read_windows([area_code], "application", spans)
    everything, closed = figures["ever"], figures["closed"]
    in_time = total(f for f in closed if f.subpart == "in_time")
    done = total(f for f in closed if f.subpart in {"late", "in_time"})
    return {
        "open": total(_running(everything)),
        "overdue": total(_running(figures["overdue"])),
        "soon": total(_running(figures["soon"])),
        "returned": total(f for f in everything if f.part == ApplicationStatus.RETURNED),
        "done": done,
        "in_time_percent": round(100 * in_time / done) if done else 100,
    }


def _stale(areas: list[str], today: date) -> dict[str, int]:
    """People by area whose last verification is older than the interval for their kind of lodging."""
    intervals: dict[str, set[str]] = defaultdict(set)
    for lodging in codes.items("dwelling_kind"):
        intervals[str(verify_interval_days(lodging))].add(lodging)
    spans = {days: (FIRST_DAY, today - timedelta(days=int(days) + 1)) for days in intervals}
    late = read_windows(areas, "quality.verified", spans)
    return _by_area(f for days, figures in late.items() for f in figures if f.part in intervals[days])


def _quality(area_code: str, figures: dict[str, list[Figure]], today: date) -> dict[str, int]:
    people = max(total(figures["residence"]), 1)
    stale = _stale([area_code], today)[area_code]
    no_phone = by_part(figures["quality.phone"]).get("missing", 0)
    return {
        "stale": stale,
        "stale_percent": round(100 * stale / people),
        "no_phone": no_phone,
        "phone_percent": round(100 - 100 * no_phone / people),
    }


def _children(children: list[Area], below: list[Figure], found: Dashboard, threshold: int) -> list[ChildRow]:
    """Most people first. Overdue files are about offices, not persons, so they are never hidden."""
    today = clock.today()
    areas = [child.code for child in children]
    period = found.period
    flows = read(areas, ["flow"], first=period.first, last=period.last)
    if found.areas_then:
        flows += moved(areas, "flow", first=period.first, last=period.last)
    stock = _by_area(f for f in below if f.fact == "residence")
    arrivals = _by_area(f for f in flows if f.part == "arrival")
    departures = _by_area(f for f in flows if f.part == "departure")
    permits = _by_area(f for f in read(areas, ["permit"]) if f.part == PermitStatus.ACTIVE)
    overdue = _by_area(_running(read(areas, ["application"], last=today - ONE_DAY)))
    stale = _stale(areas, today)
    shown = {
        name: suppressed({code: cells.get(code, 0) for code in areas}, threshold=threshold)
        for name, cells in (("stock", stock), ("in", arrivals), ("out", departures), ("permits", permits))
    }
    return [
        ChildRow(
            code=child.code,
            name=child.name,
            residents=shown["stock"][child.code],
            arrivals=shown["in"][child.code],
            departures=shown["out"][child.code],
            permits=shown["permits"][child.code],
            overdue=overdue.get(child.code, 0),
            stale_share=_share(
                None if shown["stock"][child.code] is None else stale[child.code], stock.get(child.code, 0)
            ),
        )
        for child in sorted(children, key=lambda child: stock.get(child.code, 0), reverse=True)
    ]
