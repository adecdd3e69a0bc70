"""Photos and scans: what comes in is drawn anew, PDF is looked through; nothing else is taken."""

import base64
import re
import zlib
from dataclasses import dataclass
from typing import IO

from portal.files.errors import refusal
from portal.files.gate import PICTURES, FileType, check_size, type_of
from portal.files.limits import LIMITS, Limits
from portal.files.sandbox import parent

# What a scan has no use for, and an attacker has: programs, forms that send, embedded files, opening of addresses.
PROGRAMS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA|SubmitForm|ImportData|GoToE|OpenAction)\b")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"stream\r?\n")
INFLATED_LIMIT = 4 << 20
END_OF_PDF = b"%%EOF"
TAIL = 2048


@dataclass(frozen=True, slots=True)
class Evidence:
    """What will be stored; `content` is not the bytes that were sent."""

    content: bytes
    content_type: FileType
    width: int = 0
    height: int = 0


def read_evidence(source: IO[bytes], *, limits: Limits = LIMITS) -> Evidence:
    """Raises UploadRefused. Pictures come back as JPEG without metadata, at most `limits.edge` pixels a side."""
    check_size(source.seek(0, 2), limits)
    found = type_of(source)
    if found in PICTURES:
        [drawn] = parent.read("picture", source, limits=limits)
        return Evidence(base64.b64decode(drawn["jpeg"]), FileType.JPEG, drawn["width"], drawn["height"])
    if found is FileType.PDF:
        return Evidence(_harmless_pdf(source.read()), FileType.PDF)
    raise refusal("not_a_picture", limits)


def _harmless_pdf(content: bytes) -> bytes:
    if END_OF_PDF not in content[-TAIL:] or _has_programs(content):
        raise refusal("broken_pdf")
    return content


def _has_programs(content: bytes) -> bool:
    """Names may be spelled with #xx, and objects may lie in compressed streams: both are undone before looking."""
    plain = [content, *(_inflated(content[found.end() :]) for found in STREAM.finditer(content))]
    return any(PROGRAMS.search(ESCAPED.sub(_letter, part)) for part in plain)


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, INFLATED_LIMIT)
    except zlib.error:
        return b""


def _letter(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])
