"""Weighted lots over data files. Everything random in the demo county comes from one seeded `random.Random`."""

import csv
import tomllib
from bisect import bisect
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

T = TypeVar("T")
DATA = Path(__file__).parent / "data"


class Lot(Generic[T]):
    """A bag drawn from with replacement; the weights need not add up to anything."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        entries = [(item, weight) for item, weight in pairs if weight > 0]
        if not entries:
            raise ValueError("an empty lot")
        self.items = [item for item, _weight in entries]
        self._steps = list(accumulate(weight for _item, weight in entries))

    def draw(self, rng: Random) -> T:
        return self.items[bisect(self._steps, rng.random() * self._steps[-1])]


def later(rng: Random, day: date, band: tuple[int, int], latest: date) -> date:
    """A day within the band (in days) after `day`, never after `latest`. What would lie beyond is drawn again in
    between, so that nothing piles up on `latest`."""
    found = day + timedelta(days=rng.randint(*band))
    return found if found <= latest else day + timedelta(days=rng.randint(0, max(0, (latest - day).days)))


def table(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def settings_file(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
