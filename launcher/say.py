"""What the operator reads: progress lines, and refusals in Chinese and English."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class RefusedError(Exception):
    """The launcher stops with exit code 1 and shows exactly these two sentences, never a traceback."""

    def __init__(self, zh: str, en: str, detail: str = "") -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.detail = detail


def prepare_output() -> None:
    """Chinese text must not crash a terminal whose locale is plain C."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)


def line(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def refused(error: RefusedError) -> None:
    detail = f"\n{error.detail}\n" if error.detail else ""
    sys.stderr.write(f"{detail}无法继续：{error.zh}\nCannot go on: {error.en}\n")
    sys.stderr.flush()


@contextmanager
def step(zh: str, en: str) -> Iterator[list[str]]:
    """Prints one line with the seconds it took; what the body appends to the list is shown behind it."""
    started = time.monotonic()
    notes: list[str] = []
    yield notes
    note = f"  {'; '.join(notes)}" if notes else ""
    line(f"  ✓ {zh} · {en}  {time.monotonic() - started:.1f} s{note}")
