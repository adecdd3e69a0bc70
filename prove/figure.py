"""What a promise is: a code, what it counts, and the run that measures it."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from prove import figures


@dataclass(frozen=True, slots=True)
class Result:
    """`text` names what was counted and the limit: `5 of 1000 evaluated (limit 5)`."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    code: str
    about: str
    run: Callable[[], Result]


_known: dict[str, Figure] = {}


def figure(code: str, about: str) -> Callable[[Callable[[], Result]], Callable[[], Result]]:
    """Marks the function that measures `code` (an id of the security design, §8). A code stands once."""

    def mark(run: Callable[[], Result]) -> Callable[[], Result]:
        if code in _known:
            raise ValueError(f"{code} is measured twice")
        _known[code] = Figure(code, about, run)
        return run

    return mark


def known() -> dict[str, Figure]:
    """Every figure by its code: H1, H2, … H14, by number."""
    for module in pkgutil.iter_modules(figures.__path__):
        importlib.import_module(f"prove.figures.{module.name}")
    return dict(sorted(_known.items(), key=lambda item: (int(item[0].strip("Habc")), item[0])))
