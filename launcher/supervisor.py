"""Keeps a handful of programs running: notices a death, starts again with back-off, stops everything in order."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from launcher import processes, say
from launcher.processes import Program, Register
from launcher.say import RefusedError

TICK = 0.1
FIRST_DELAY = 0.3
LONGEST_DELAY = 15.0
STEADY_SECONDS = 30.0
MOST_DEATHS = 12


class Stopped(BaseException):
    """SIGINT or SIGTERM arrived. Not an Exception: nothing may swallow it on the way to the clean stop."""


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes] = field(init=False)
    started: float = 0.0
    delay: float = FIRST_DELAY
    restart_at: float | None = None
    ready: bool = False
    log_from: int = 0
    deaths: int = 0

    def launch(self) -> None:
        processes.keep_small(self.program.log)
        self.log_from = processes.size(self.program.log)
        self.process = processes.start(self.program)
        self.started = time.monotonic()
        self.restart_at = None

    def asks_ready(self) -> bool:
        said = not self.program.says or self.program.says in processes.text_after(self.program.log, self.log_from)
        return said and self.program.ready()


class Supervisor:
    def __init__(self, register: Path) -> None:
        self.register = Register(register)
        self.children: dict[str, Child] = {}
        self.stopping = False
        self.impatient = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    @staticmethod
    def unlisten() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, _number: int, _frame: object) -> None:
        if self.stopping:
            self.impatient = True
            return
        self.stopping = True
        raise Stopped

    def start(self, program: Program) -> None:
        child = Child(program)
        child.launch()
        self.children[program.name] = child
        self.register.add(program, child.process.pid)

    def wait_ready(self, name: str, seconds: float) -> None:
        """A program that dies while starting is started again (a database in recovery does that), until time is up."""
        child = self.children[name]
        deadline = time.monotonic() + seconds
        deaths = 0
        while not child.ready:
            if child.restart_at is None and child.process.poll() is not None:
                deaths += 1
            self.tick(quiet=True)
            if time.monotonic() > deadline or deaths > MOST_DEATHS:
                raise RefusedError(
                    f"{child.program.label} 未能启动，日志见 {child.program.log}。",
                    f"{child.program.label} did not start; its log is {child.program.log}.",
                    processes.tail(child.program.log),
                )
            time.sleep(0.02)

    def tick(self, *, quiet: bool = False) -> None:
        for child in self.children.values():
            if child.restart_at is not None:
                self._restart_when_due(child)
            elif child.process.poll() is not None:
                self._note_death(child, quiet=quiet)
            elif not child.ready and child.asks_ready():
                child.ready = True
                if not quiet:
                    news = "已恢复 · is running again" if child.deaths else "已就绪 · is running"
                    say.line(f"  ✓ {child.program.label} {news}")
            elif child.ready and time.monotonic() - child.started > STEADY_SECONDS:
                child.delay = FIRST_DELAY

    def _note_death(self, child: Child, *, quiet: bool) -> None:
        # What the dead parent left of its group would keep its port or finish its work a second time.
        processes.kill_group(child.process.pid)
        child.ready = False
        child.deaths += 1
        child.restart_at = time.monotonic() + child.delay
        if not quiet:
            code = child.process.returncode
            say.line(
                f"  ! {child.program.label} 意外停止（{code}），{child.delay:.1f} 秒后重启"
                f" · stopped unexpectedly ({code}), starting again in {child.delay:.1f} s"
            )
        child.delay = min(child.delay * 2, LONGEST_DELAY)

    def _restart_when_due(self, child: Child) -> None:
        if child.restart_at is None or time.monotonic() < child.restart_at:
            return
        child.launch()
        self.register.add(child.program, child.process.pid)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        next_log_check = time.monotonic()
        while not until():
            self.tick()
            if time.monotonic() > next_log_check:
                next_log_check = time.monotonic() + 60
                for child in self.children.values():
                    processes.keep_small(child.program.log)
            time.sleep(TICK)

    def stop(self) -> None:
        """Tier by tier: first web, worker and beat, then the broker, last the database."""
        self.stopping = True
        for tier in sorted({child.program.tier for child in self.children.values()}):
            group = [child for child in self.children.values() if child.program.tier == tier]
            for child in group:
                if child.process.poll() is None:
                    child.process.send_signal(child.program.stop_signal)
            for child in group:
                self._await_end(child)
        self.children.clear()
        self.register.path.unlink(missing_ok=True)

    def _await_end(self, child: Child) -> None:
        asked = time.monotonic()
        deadline = asked + child.program.stop_seconds
        firm = child.program.firm_signal
        while child.process.poll() is None:
            if firm and time.monotonic() > asked + child.program.patience:
                child.process.send_signal(firm)
                firm = None
            hurried = self.impatient and child.program.tier == 0
            if hurried or time.monotonic() > deadline:
                child.process.kill()
            time.sleep(0.02)
        processes.kill_group(child.process.pid)
