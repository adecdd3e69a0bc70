"""H8, first part: files, forms and headers that were mutated."""

import gc
import logging
import random
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from portal.files.errors import UploadRefused
from portal.files.gate import check_size, check_workbook
from portal.files.limits import LIMITS
from portal.files.sandbox import parent
from portal.org.models import User
from prove import canaries, fuzzing
from prove.figure import Result, figure

FILES, REQUESTS = 96_000, 4_000
BATCH = 4_000
LIMIT_MB = 512
ROLES = ("police", "coadmin", "secadmin")


@dataclass
class Count:
    inputs: int = 0
    broken: int = 0
    dead: int = 0
    where: list[str] = field(default_factory=list)


@figure("H8a", "mutated uploads, forms and headers: answers of 500, dead processes, memory")
def fuzz() -> Result:
    count = Count()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="anju-h8-") as folder:
        settings.MEDIA_ROOT = Path(folder)
        settings.ALLOWED_HOSTS = ["*"]
        files(count)
        forms_and_headers(count)
    logging.disable(logging.NOTSET)
    for place in sorted(set(count.where))[:20]:
        print(f"  {place}", file=sys.stderr)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    ok = count.inputs >= FILES + REQUESTS and not count.broken and not count.dead and max(own, child) <= LIMIT_MB
    text = f"{count.inputs} inputs: {count.broken} × 500, {count.dead} dead processes (limit 0)"
    return Result(ok, f"{text}, {own} MB web and {child} MB reader at most (limit {LIMIT_MB})")


def files(count: Count) -> None:
    """Through the gate in this process, and what passes it through the confined reader, many files a process."""
    for kind, share in (("rows", 0.7), ("picture", 0.3)):
        for first in range(0, int(FILES * share), BATCH):
            dice = random.Random(f"{kind}{first}")
            seeds = fuzzing.seeds()[kind]
            batch = [fuzzing.mutated(dice.choice(seeds), dice) for _ in range(min(BATCH, int(FILES * share) - first))]
            count.inputs += len(batch)
            passed = [content for content in batch if kind == "picture" or through_the_gate(content, count)]
            read_many(kind, passed, count)


def through_the_gate(content: bytes, count: Count) -> bool:
    try:
        check_size(len(content))
        with tempfile.SpooledTemporaryFile(1 << 24) as source:
            source.write(content)
            check_workbook(source)
    except UploadRefused:
        return False
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        count.broken += 1
        count.where.append(f"gate: {type(error).__name__}")
        return False
    return True


def read_many(kind: str, contents: list[bytes], count: Count) -> None:
    process = subprocess.Popen(
        parent.command(kind, LIMITS, "many"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=parent.ENVIRONMENT,
    )
    sender = threading.Thread(target=send, args=(process, fuzzing.framed(iter(contents))), daemon=True)
    sender.start()
    answers = sum(1 for _line in process.stdout or ())
    sender.join()
    if process.wait() or answers < len(contents):
        count.dead += 1
        count.where.append(f"reader of {kind} died after {answers} of {len(contents)} files: {process.returncode}")


def send(process: subprocess.Popen[bytes], frames: Iterator[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for above
    try:
        for frame in frames:
            process.stdin.write(frame)
        process.stdin.close()
    except BrokenPipeError:
        return


def forms_and_headers(count: Count) -> None:
    """Every address with odd fields, odd headers and odd files; nothing of it is kept."""
    paths = list(canaries.addresses())
    names = list(field_names())
    clients = [logged_in(role) for role in ROLES]
    dice = random.Random(8)
    for number in range(REQUESTS):
        path = paths[number % len(paths)]
        with transaction.atomic():
            status = asked(dice.choice(clients), path, dice, names)
            transaction.set_rollback(True)
        count.inputs += 1
        if status == 500:  # noqa: PLR2004
            count.broken += 1
            count.where.append(path)
        if number % 500 == 0:
            gc.collect()


def asked(client: Client, path: str, dice: random.Random, names: list[str]) -> int:
    headers = {name: header(dice) for name in dice.sample(fuzzing.HEADERS, dice.randrange(4))}
    words = {dice.choice(names): fuzzing.odd_text(dice) for _ in range(dice.randrange(12))}
    if "Host" in headers:
        headers["Host"] = "testserver"
    cookies = headers.pop("Cookie", None)
    if cookies is not None:
        headers["X-Cookie"] = cookies
    try:
        if dice.random() < 0.5:  # noqa: PLR2004
            return client.get(path, {key: safe(value) for key, value in words.items()}, headers=headers).status_code
        files = {"file": SimpleUploadedFile("x.jpg", dice.randbytes(64), "image/jpeg")} if dice.random() < 0.2 else {}  # noqa: PLR2004
        data = {key: safe(value) for key, value in words.items()} | files
        return client.post(path, data, headers=headers).status_code
    finally:
        if connection.needs_rollback:
            connection.set_rollback(False)
            transaction.set_rollback(True)


def header(dice: random.Random) -> str:
    """What a server lets through: no line breaks, Latin-1 only."""
    return (
        fuzzing.odd_text(dice).encode("latin-1", "ignore").decode("latin-1").replace("\r", "").replace("\n", "")[:4_000]
    )


def safe(text: str) -> str:
    """A lone surrogate cannot be sent; everything else can."""
    return text.encode("utf-8", "replace").decode()


def field_names() -> Iterator[str]:
    """Every field of every form and every column of the product's own models (ASVS A10)."""
    from django.apps import apps  # noqa: PLC0415

    yield from (
        *canaries.FIELDS,
        "kind",
        "papers",
        "page",
        "sort",
        "t",
        "area",
        "ids",
        "version",
        "field",
        "reason_text",
    )
    for model in apps.get_models():
        if model.__module__.startswith(("portal", "residents", "privacy")):
            yield from (one.name for one in model._meta.fields)


def logged_in(role: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=role))
    return client
