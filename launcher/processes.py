"""Starting, recognising and ending single processes."""

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher import credentials

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
LOG_LIMIT = 20 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    """`stop_signal` ends it cleanly; `tier` says when: lower tiers stop first.

    After every start it counts as ready when `ready` says so and its log has said `says`.
    `firm_signal` follows when it is still there after `patience` seconds, SIGKILL after `stop_seconds`.
    """

    name: str
    label: str
    command: list[str]
    log: Path
    tier: int
    stop_signal: signal.Signals
    stop_seconds: float
    ready: Callable[[], bool]
    says: str = ""
    firm_signal: signal.Signals | None = None
    patience: float = 10.0
    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    options: Mapping[str, object] = field(default_factory=dict)


def _dies_with_parent(stop_signal: int, parent: int) -> Callable[[], None]:
    """Even kill -9 of the supervisor ends the child in its own clean way."""

    def prepare() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def start(program: Program) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C in the terminal reaches the supervisor only."""
    with program.log.open("ab") as log:
        return subprocess.Popen(  # type: ignore[call-overload]
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=dict(program.environ),
            start_new_session=True,
            preexec_fn=_dies_with_parent(program.stop_signal, os.getpid()),  # noqa: PLW1509 - the launcher has one thread
            **program.options,
        )


def birth(pid: int) -> str | None:
    """Together with the id this names a process for good: ids are reused, start times in clock ticks are not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def keep_small(log: Path) -> None:
    """Children append, so the file can be emptied under them after a copy of it was set aside."""
    if size(log) > LOG_LIMIT:
        log.with_suffix(".log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)


def size(log: Path) -> int:
    return log.stat().st_size if log.is_file() else 0


def text_after(log: Path, offset: int) -> str:
    """What was written since the log had that size; all of it when the log was emptied in between."""
    with log.open("rb") as file:
        file.seek(offset if offset <= size(log) else 0)
        return file.read().decode("utf-8", "replace")


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.is_file() else ""


class Register:
    """The children of this DATA_DIR on disk, so that the next launcher can stop those of a killed one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, tuple[int, str, int]] = {}

    def add(self, program: Program, pid: int) -> None:
        self.rows[program.name] = (pid, birth(pid) or "", int(program.stop_signal))
        credentials.write_private(self.path, json.dumps(self.rows))

    def stop_orphans(self, seconds: float = 30) -> list[str]:
        """Ends what is still running from an earlier start; returns the names."""
        if not self.path.is_file():
            return []
        rows = json.loads(self.path.read_text("utf-8") or "{}")
        alive = {name: row for name, row in rows.items() if row[1] and birth(row[0]) == row[1]}
        for pid, _born, stop_signal in alive.values():
            os.kill(pid, stop_signal)
        deadline = time.monotonic() + seconds
        while any(birth(pid) == born for pid, born, _ in alive.values()) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid, born, _ in alive.values():
            if birth(pid) == born:
                kill_group(pid)
        self.path.unlink()
        return sorted(alive)
