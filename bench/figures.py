"""One line a figure: name value unit ratio target ok|short. Ratios are taken within one run; machines differ."""

import json
import platform
import resource
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

RESULTS = Path(__file__).parent / "results"
LARGE = 1_000
KIBIBYTES_A_MEGABYTE = 1024
HEAD = f"{'name':<46}{'value':>12} {'unit':<7}{'ratio':>10} {'target':<9} verdict"


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` compares with a peer measured in the same run; `target` reads ">= 8" or "<= 150" and applies to the
    ratio, or to the value when there is none. Without a target the line is a reference."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    target: str = ""

    @property
    def verdict(self) -> str:
        if not self.target:
            return ""
        sign, limit = self.target.split()
        measured = self.value if self.ratio is None else self.ratio
        return "ok" if (measured >= float(limit) if sign == ">=" else measured <= float(limit)) else "short"

    def line(self) -> str:
        ratio = "" if self.ratio is None else written(self.ratio)
        return f"{self.name:<46}{written(self.value):>12} {self.unit:<7}{ratio:>10} {self.target:<9} {self.verdict}"


def written(value: float) -> str:
    """Three significant digits, never in powers of ten: 18,141 and 0.00214."""
    return f"{value:,.0f}" if abs(value) >= LARGE or value == int(value) else f"{float(f'{value:.3g}'):,}"


@dataclass(slots=True)
class Report:
    people: int
    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        self.figures.append(figure)
        print(figure.line(), flush=True)

    def save(self, name: str) -> Path:
        RESULTS.mkdir(exist_ok=True)
        at = datetime.now(UTC)
        content = {
            "at": at.isoformat(timespec="seconds"),
            "people": self.people,
            "python": platform.python_version(),
            "machine": platform.machine(),
            "figures": [asdict(figure) | {"verdict": figure.verdict} for figure in self.figures],
        }
        path = RESULTS / f"{name}-{self.people}.json"
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return path

    @property
    def is_short(self) -> bool:
        return any(figure.verdict == "short" for figure in self.figures)


def interleaved(runs: int, *functions: Callable[[], object]) -> list[float]:
    """The median milliseconds of each function, called in turn so that a busy moment hits all of them alike."""
    times: list[list[float]] = [[] for _function in functions]
    for function in functions:
        function()
    for _run in range(runs):
        for place, function in enumerate(functions):
            began = perf_counter()
            function()
            times[place].append((perf_counter() - began) * 1000)
    return [statistics.median(one) for one in times]


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]


def peak_megabytes() -> float:
    """Of this program alone: `ru_maxrss` would begin with the memory of the process that started it."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES_A_MEGABYTE
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / KIBIBYTES_A_MEGABYTE
