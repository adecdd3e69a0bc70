"""What is looked at before anything reads a file: size, real type, and the list of contents of an archive."""

import struct
import zipfile
import zlib
from enum import StrEnum
from typing import IO

from portal.files.errors import refusal
from portal.files.limits import LIMITS, Limits

ACTIVE = (
    "vbaproject",
    "externallinks/",
    "oleobject",
    "embeddings/",
    "activex",
    "macrosheets/",
    "customui",
    "connections.xml",
)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OSError,
)
HEAD_BYTES = 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOK = "xl/workbook.xml"


class FileType(StrEnum):
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    UNKNOWN = "application/octet-stream"


PICTURES = frozenset({FileType.JPEG, FileType.PNG, FileType.WEBP})


def type_of(source: IO[bytes]) -> FileType:
    """By content alone; the name and what the browser says do not count. Leaves `source` at its start."""
    source.seek(0)
    head = source.read(HEAD_BYTES)
    source.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return FileType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileType.WEBP
    if head.startswith(b"%PDF-"):
        return FileType.PDF
    return FileType.XLSX if head.startswith(b"PK\x03\x04") else FileType.UNKNOWN


def check_size(size: int, limits: Limits = LIMITS) -> None:
    if size > limits.bytes:
        raise refusal("too_large", limits)
    if size == 0:
        raise refusal("empty", limits)


def check_workbook(source: IO[bytes], limits: Limits = LIMITS) -> None:
    """By the list of contents, without unpacking: 0.5 MB that would become 400 MB are refused at once.

    The list may lie; the reading process counts again while it unpacks.
    """
    if type_of(source) is not FileType.XLSX:
        raise refusal("old_workbook" if source.read(len(OLD_OFFICE)) == OLD_OFFICE else "not_a_workbook", limits)
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
    except BROKEN as error:
        raise refusal("not_a_workbook", limits) from error
    if len(entries) > limits.entries:
        raise refusal("too_many_entries", limits)
    total = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if total > limits.unpacked or total / packed > limits.ratio:
        raise refusal("too_large_unpacked", limits)
    names = [entry.filename.lower().replace("\\", "/") for entry in entries]
    if any(part in name for name in names for part in ACTIVE):
        raise refusal("active_content", limits)
    if BOOK not in names or len(set(names)) < len(names):
        raise refusal("not_a_workbook", limits)
