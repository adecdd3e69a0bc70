"""Counters that all processes of one web server share: they lie in memory made before the workers are forked.

Names are fixed here: a counter whose name comes from a request could hold somebody's data and grow without end.
"""

import multiprocessing

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATUSES = ("2xx", "3xx", "4xx", "5xx")
EVENTS = (
    "login",
    "logout",
    "login_failed",
    "locked_out",
    "refused",
    "reveal",
    "export",
    "grant_change",
    "config_change",
    "policy_report",
)
NAMES = (
    *(f"request:{status}" for status in STATUSES),
    *(f"seconds:{bound}" for bound in BUCKETS),
    "seconds:sum_microseconds",
    *(f"event:{name}" for name in EVENTS),
)
PLACES = {name: place for place, name in enumerate(NAMES)}
_values = multiprocessing.Array("Q", len(NAMES))


def add(name: str, amount: int = 1) -> None:
    """KeyError for a name that is not listed."""
    place = PLACES[name]
    with _values.get_lock():
        _values[place] += amount


def request_took(seconds: float, status: int) -> None:
    """One answered request. Buckets are cumulative, as the Prometheus format wants them."""
    with _values.get_lock():
        _values[PLACES[f"request:{STATUSES[min(max(status // 100, 2), 5) - 2]}"]] += 1
        _values[PLACES["seconds:sum_microseconds"]] += int(seconds * 1_000_000)
        for bound in BUCKETS:
            if seconds <= bound:
                _values[PLACES[f"seconds:{bound}"]] += 1


def snapshot() -> dict[str, int]:
    with _values.get_lock():
        return dict(zip(NAMES, _values[:], strict=True))
