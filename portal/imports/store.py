"""Where the uploaded workbook lies, encrypted, until the import is over: DATA_DIR/media/imports/<id>. The rows of its
longest sheet lie beside it as they were read (<id>.rows), so that no worker has to read a large workbook again."""

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings

from portal.core import fast_json
from portal.files.memory import nameless
from portal.files.sheets import Block
from portal.imports.models import ImportBatch
from portal.vault import files
from portal.vault.cipher import decrypt_raw, encrypt_raw

FOLDER = "imports"
PRIVATE = 0o600
# Before each part: how many rows it has, how many bytes follow. Before the first: which sheet it is.
PART, SHEET = struct.Struct(">II"), struct.Struct(">I")


def path_of(batch: ImportBatch) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / str(batch.pk)


def write(batch: ImportBatch, content: bytes) -> None:
    with _replacing(path_of(batch)) as target:
        files.seal(BytesIO(content), target, aad=_binding(batch))


@contextmanager
def _replacing(final: Path) -> Iterator[IO[bytes]]:
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = final.with_name(f"{final.name}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(final)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def opened(batch: ImportBatch) -> Iterator[IO[bytes]]:
    """The plain workbook in a file without a name, which lives in memory only."""
    with path_of(batch).open("rb") as sealed:
        content = b"".join(files.unseal(sealed, aad=_binding(batch)))
    with nameless(content) as file:
        del content
        yield file


@dataclass(frozen=True, slots=True)
class Part:
    """A run of rows; `read` decrypts them."""

    rows: int
    read: Callable[[], Block]


def keep_rows(batch: ImportBatch, sheet: int, parts: Iterable[Block]) -> None:
    with _replacing(_rows_of(batch)) as target:
        target.write(SHEET.pack(sheet))
        for ordinal, part in enumerate(parts):
            sealed = encrypt_raw(fast_json.dumps(part), _place(batch, ordinal))
            target.write(PART.pack(len(part), len(sealed)) + sealed)


def kept_rows(batch: ImportBatch) -> Iterator[Part] | None:
    """The parts of the sheet that is imported; None when another sheet was kept."""
    path = _rows_of(batch)
    if not path.exists():
        return None
    with path.open("rb") as source:
        sheet = SHEET.unpack(source.read(SHEET.size))[0]
    return _parts(batch, path) if sheet == batch.sheet else None


def _parts(batch: ImportBatch, path: Path) -> Iterator[Part]:
    with path.open("rb") as source:
        source.seek(SHEET.size)
        ordinal = 0
        while head := source.read(PART.size):
            rows, size = PART.unpack(head)
            yield Part(rows, partial(_unsealed, source.read(size), _place(batch, ordinal)))
            ordinal += 1


def _unsealed(sealed: bytes, place: str) -> Block:
    block: Block = fast_json.loads(decrypt_raw(sealed, place))
    return block


def delete(batch: ImportBatch) -> None:
    path_of(batch).unlink(missing_ok=True)
    _rows_of(batch).unlink(missing_ok=True)


def _rows_of(batch: ImportBatch) -> Path:
    return path_of(batch).with_suffix(".rows")


def _place(batch: ImportBatch, ordinal: int) -> str:
    """Sealed to its place: a part that was moved does not decrypt."""
    return f"{_binding(batch)}:{ordinal}"


def _binding(batch: ImportBatch) -> str:
    return f"imports_importbatch:{batch.pk}"
