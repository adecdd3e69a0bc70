"""Inputs that nobody means well: mutated files, forms and headers, always the same ones for the same seed."""

import io
import json
import random
import struct
import zipfile
from collections.abc import Iterator

import xlsxwriter
from PIL import Image

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "\x00\xff",
    "'",
    "' OR 1=1--",
    "%s%n%x",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "\r\nSet-Cookie: a=b",
    "９９９９",
    "一" * 5_000,
    "😀" * 200,
    "\ud83d",
    "-1",
    "0",
    "9" * 400,
    "1e309",
    "NaN",
    "null",
    "true",
    "2026-02-30",
    "0000-00-00",
    "99999-12-31",
    "330822199002300010",
    "33082219900101123X",
    "\u202e\u200b\ufeff",
    "a" * 70_000,
    "[[[[",
    '{"a":',
    "1,2,3",
    "on",
    "__all__",
)
HEADERS = (
    "Accept-Language",
    "Content-Type",
    "Cookie",
    "Host",
    "HX-Current-URL",
    "HX-Request",
    "HX-Target",
    "HX-Trigger",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "User-Agent",
    "X-CSRFToken",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Request-ID",
)


def odd_text(dice: random.Random) -> str:
    text = dice.choice(ODD_TEXTS)
    if dice.random() < 0.4:  # noqa: PLR2004
        text += "".join(chr(dice.choice((dice.randrange(32, 127), dice.randrange(0x4E00, 0x9FFF)))) for _ in range(8))
    return text


def seeds() -> dict[str, list[bytes]]:
    """Good files to start from: (kind of the reading process) -> contents."""
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as written:
        sheet = written.add_worksheet("名单")
        for row in range(12):
            sheet.write_row(row, 0, ["王小明", 33, "2026-03-01", row * 1.5])
    pictures = []
    for kind, mode in (("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")):
        target = io.BytesIO()
        Image.effect_noise((48, 32), 60).convert("RGB").convert(mode).save(target, kind)
        pictures.append(target.getvalue())
    return {"rows": [book.getvalue(), unpacked(book.getvalue())], "picture": pictures}


def unpacked(book: bytes) -> bytes:
    """The same workbook without compression: mutations then reach the XML inside."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for entry in source.infolist():
            archive.writestr(entry.filename, source.read(entry))
    return target.getvalue()


def mutated(seed: bytes, dice: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(dice.choice((1, 1, 2, 4, 16, 64))):
        if not data:
            break
        place = dice.randrange(len(data))
        match dice.randrange(7):
            case 0:
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                data[place : place + 4] = struct.pack("<I", dice.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF)))
            case 2:
                del data[place : place + dice.randrange(1, 64)]
            case 3:
                data[place:place] = dice.randbytes(dice.randrange(1, 64))
            case 4:
                data[place:place] = data[place : place + dice.randrange(1, 256)]
            case 5:
                data[place : place + 8] = dice.choice((b'r="XFD9"', b"<!DOCTYP", b"&#65;&#6", b"\xff\xfe<\0?\0x"))
            case _:
                del data[place:]
    return bytes(data)


def framed(files: Iterator[bytes]) -> Iterator[bytes]:
    """As the reading process takes many files: each after its length."""
    for content in files:
        yield struct.pack(">I", len(content)) + content


def told(line: bytes) -> dict[str, object]:
    answer: dict[str, object] = json.loads(line)
    return answer
