"""The register of what can run in the background. Departments fill it from `<app>/jobs.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import IO

from portal.jobs.models import Job
from portal.org.models import User

Runner = Callable[[Job, IO[bytes]], None]
Permit = Callable[[User, dict[str, object]], bool]


@dataclass(frozen=True, slots=True)
class JobKind:
    run: Runner
    title: str = ""
    filename: str = ""
    daily_at: time | None = None
    permit: Permit | None = None
    stepwise: bool = False
    quiet: bool = False


ATTEMPTS, ATTEMPTS_STEPWISE = 3, 30
_kinds: dict[str, JobKind] = {}


def runs(
    kind: str,
    *,
    title: str = "",
    filename: str = "",
    daily_at: time | None = None,
    permit: Permit | None = None,
    stepwise: bool = False,
    quiet: bool = False,
) -> Callable[[Runner], Runner]:
    """Register a runner `(job, out)`: it writes its file to `out` and calls `job.advance(done, total)` between chunks.

    `filename`: the name of the download (a runner may set `job.result_name` instead); empty: the job has no file.
    `daily_at`: also run once a day after that county time, as the system user, made up for when the beat was down.
    `permit`: asked again at run time; False refuses the job, whatever was true when it was asked for.
    Everything the runner does commits together with the state "done"; it may be started again after a crash.
    `stepwise`: the runner opens its own transactions (`scoped_transaction(job.requested_by)`), remembers in its own
    rows what is done, and goes on there after a crash; it is tried 30 times instead of 3.
    `quiet`: part of another task; nobody is shown it among their own.
    """

    def register(runner: Runner) -> Runner:
        _kinds[kind] = JobKind(runner, title, filename, daily_at, permit, stepwise, quiet)
        return runner

    return register


def kind_of(name: str) -> JobKind | None:
    return _kinds.get(name)


def attempts_of(name: str) -> int:
    """How often a job of this kind is started before it is given up."""
    found = _kinds.get(name)
    return ATTEMPTS_STEPWISE if found and found.stepwise else ATTEMPTS


def stepwise_kinds() -> list[str]:
    return [name for name, kind in _kinds.items() if kind.stepwise]


def quiet_kinds() -> list[str]:
    return [name for name, kind in _kinds.items() if kind.quiet]


def daily_kinds() -> dict[str, time]:
    return {name: kind.daily_at for name, kind in _kinds.items() if kind.daily_at is not None}
