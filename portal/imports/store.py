"""Where the uploaded workbook lies, encrypted, until the import is over: DATA_DIR/media/imports/<id>."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings

from portal.files.memory import nameless
from portal.imports.models import ImportBatch
from portal.vault import files

FOLDER = "imports"
PRIVATE = 0o600


def path_of(batch: ImportBatch) -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / str(batch.pk)


def write(batch: ImportBatch, content: bytes) -> None:
    final = path_of(batch)
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = final.with_name(f"{final.name}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as target:
        files.seal(BytesIO(content), target, aad=_binding(batch))
        target.flush()
        os.fsync(target.fileno())
    partial.replace(final)


@contextmanager
def opened(batch: ImportBatch) -> Iterator[IO[bytes]]:
    """The plain workbook in a file without a name, which lives in memory only."""
    with path_of(batch).open("rb") as sealed:
        content = b"".join(files.unseal(sealed, aad=_binding(batch)))
    with nameless(content) as file:
        del content
        yield file


def delete(batch: ImportBatch) -> None:
    path_of(batch).unlink(missing_ok=True)


def _binding(batch: ImportBatch) -> str:
    return f"imports_importbatch:{batch.pk}"
