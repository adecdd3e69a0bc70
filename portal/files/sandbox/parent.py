"""Our side of the reading process: starts it, passes the file, gives up on it when it takes too long or dies."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from portal.core import fast_json
from portal.files.errors import refusal
from portal.files.limits import LIMITS, Limits

CHILD = Path(__file__).with_name("child.py")
# Neither addresses nor secrets: the reading process inherits nothing of ours.
ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
LONGEST_LINE = 64 << 20
READ = 1 << 16


def command(kind: str, limits: Limits, *more: str) -> list[str]:
    return [sys.executable, "-I", "-B", str(CHILD), kind, json.dumps(limits.as_dict()), *more]


def read(kind: str, source: IO[bytes], *, limits: Limits = LIMITS) -> Iterator[Any]:
    """The values of the child, one by one. Raises UploadRefused, also when the child was killed or stood still.

    `source` must have a file descriptor; it is read from its start.
    """
    source.seek(0)
    os.lseek(source.fileno(), 0, os.SEEK_SET)  # the child reads the descriptor, behind the back of any buffer
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
        command(kind, limits),
        stdin=source.fileno(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )
    complete = False
    try:
        for line in _lines(process, time.monotonic() + limits.wall_seconds):
            value = _value(line)
            if value is None:
                complete = True
                break
            if isinstance(value, dict) and "refused" in value:
                raise refusal(str(value["refused"]), limits)
            yield value
        if not complete:
            raise refusal("too_heavy", limits)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _value(line: bytes) -> Any:
    try:
        return fast_json.loads(line)
    except ValueError:
        return json.loads(line)  # a cell may hold NaN


def _lines(process: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    assert process.stdout is not None  # noqa: S101 - asked for above
    descriptor, rest = process.stdout.fileno(), bytearray()
    while True:
        ready, _write, _error = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(descriptor, READ) if ready else b""
        if not chunk or len(rest) > LONGEST_LINE:
            return
        rest += chunk
        *whole, last = bytes(rest).split(b"\n") if b"\n" in chunk else [bytes(rest)]
        if whole:
            yield from whole
            rest = bytearray(last)
