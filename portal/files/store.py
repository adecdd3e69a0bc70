"""Where the encrypted bytes of attachments lie: DATA_DIR/media/files/<two letters>/<id>, outside every web root."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from portal.files.models import Attachment
from portal.vault import files

FOLDER = "files"
PRIVATE = 0o600


def path_of(attachment: Attachment) -> Path:
    name = str(attachment.pk)
    return Path(settings.MEDIA_ROOT) / FOLDER / name[:2] / name


def write(attachment: Attachment, content: bytes) -> None:
    """Under a temporary name first: a file with its final name is whole."""
    final = path_of(attachment)
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = final.with_name(f"{final.name}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as target:
        files.seal(io.BytesIO(content), target, aad=_binding(attachment))
        target.flush()
        os.fsync(target.fileno())
    partial.replace(final)


def read(attachment: Attachment) -> Iterator[bytes]:
    with path_of(attachment).open("rb") as source:
        yield from files.unseal(source, aad=_binding(attachment))


def delete(attachment: Attachment) -> None:
    path_of(attachment).unlink(missing_ok=True)


def _binding(attachment: Attachment) -> str:
    return f"files_attachment:{attachment.pk}"
