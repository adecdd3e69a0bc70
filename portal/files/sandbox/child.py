"""The process that reads untrusted files. Run by path, never imported by the product: it knows no settings, no
database and no key, and inherits no environment.

Standard input is the file; standard output gets one JSON value a line. `child.py rows <limits>` answers with rows,
`child.py book <limits>` with one line a sheet and then the longest one in blocks, `child.py table <limits>` with blocks
of numbered rows, and `child.py picture <limits>` with one line about the picture followed by its bytes. A refusal is
`{"refused": "<code>"}`. With `many` as a third argument it reads one length-prefixed file after the other (for fuzzing)
and answers a line each.
"""

import base64
import io
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

CHUNK = 1 << 16
OVERLAP = 128
BLOCK = 250
HEAD_ROWS = 40
MOST_SHEETS = 20
PLAIN = frozenset({str, int, float, bool, type(None)})
# Each begins with a letter, which the engine finds many times faster than one of several characters; what has to stand
# before it is looked at afterwards.
REFERENCE = re.compile(rb"""r(?<=[\s:]r)\s*=\s*["']\s*([A-Za-z]{1,7})(\d{1,9})\s*["']""")
DIMENSION = re.compile(
    rb"""<[\w.:-]*dimension\b[^>]*?\bref\s*=\s*["']\s*(?:[A-Za-z]{1,7}\d{1,9}:)?([A-Za-z]{1,7})(\d{1,9})"""
)
ROW = re.compile(rb"""row\b[^<>]*?\br\s*=\s*["']\s*(\d{1,12})""")
ENTITY_REFERENCE = re.compile(rb"""r(?<=[\s:]r)(?:ef)?\s*=\s*["'][^"'<>]{0,40}&""")
ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']{1,40})["']""")


class Refused(Exception):  # noqa: N818 - what the reader is told, not what went wrong here
    pass


def confine(limits: dict[str, int]) -> None:
    """From here on: so much memory, so much time, no new file, socket or process, and no core dump."""
    megabytes = limits["memory_mb"] << 20
    resource.setrlimit(resource.RLIMIT_AS, (megabytes, megabytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"]))
    for name in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE):
        resource.setrlimit(name, (0, 0))


def rows(data: bytes, limits: dict[str, int]) -> Iterator[list[Any]]:
    for sheet in sheets(data, limits, [0]):
        for row in sheet.iter_rows():
            yield values_of(row)


def book(data: bytes, limits: dict[str, int]) -> Iterator[Any]:
    """Every visible sheet: its name, its size and its first rows; then {"longest": place} and the blocks of that one.
    Most files have one sheet that matters, which is read only once this way."""
    longest, at = None, 0
    for place, sheet in enumerate(sheets(data, limits, range(MOST_SHEETS))):
        first = [row for _number, row in filled(sheet, HEAD_ROWS)]
        yield {"name": sheet.name, "rows": sheet.total_height, "columns": sheet.total_width, "head": first}
        if longest is None or sheet.total_height > longest.total_height:
            longest, at = sheet, place
    if longest is not None:
        yield {"longest": at}
        yield from blocks(longest, limits)


def table(data: bytes, limits: dict[str, int]) -> Iterator[list[Any]]:
    """The rows of one sheet in blocks, each with its number in the sheet: [[7, [cells]], …]."""
    for sheet in sheets(data, limits, [limits["sheet"]]):
        yield from blocks(sheet, limits)


def blocks(sheet: Any, limits: dict[str, int]) -> Iterator[list[Any]]:
    block: list[Any] = []
    for numbered in filled(sheet, limits["rows"]):
        block.append(numbered)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block


def filled(sheet: Any, most: int) -> Iterator[tuple[int, list[Any]]]:
    """Rows with numbers from 1. What stands in the first of the cells merged downwards stands in all of them."""
    downwards: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or []:
        for below in range(top + 1, min(bottom, 1_048_576) + 1):
            downwards[below, left] = (top, left)
    kept: dict[tuple[int, int], Any] = {}
    sources = set(downwards.values())
    for number, cells in enumerate(sheet.iter_rows()):
        if number >= most:
            return
        row = values_of(cells)
        if downwards:
            for at in range(len(row)):
                if (number, at) in sources:
                    kept[number, at] = row[at]
                elif (number, at) in downwards and row[at] == "":
                    row[at] = kept.get(downwards[number, at], "")
        yield number + 1, row


def sheets(data: bytes, limits: dict[str, int], places: Any) -> Iterator[Any]:
    if not limits["scanned"]:
        scan(data, limits)
    import python_calamine  # noqa: PLC0415 - loaded before the process was confined

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        visible = [one.name for one in book.sheets_metadata if "Visible" in str(one.visible)]
        if not visible:
            raise Refused("no_sheet")
        for name in [name for at, name in enumerate(visible) if at in places]:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_width > limits["columns"] or sheet.total_height > limits["rows"]:
                raise Refused("too_many_cells")
            yield sheet
    except (python_calamine.CalamineError, ValueError, KeyError, IndexError, OSError) as error:
        raise Refused("not_a_workbook") from error


def values_of(cells: list[Any]) -> list[Any]:
    """Text, numbers and truth as they are; dates and times as {"date": "2026-01-31"}."""
    return [value if type(value) in PLAIN else dated(value) for value in cells]


def dated(value: Any) -> dict[str, Any]:
    return {type(value).__name__: value.total_seconds() if hasattr(value, "total_seconds") else value.isoformat()}


def scan(data: bytes, limits: dict[str, int]) -> None:
    """Unpacks everything once without keeping it: real sizes, no DTD, no cell far outside."""
    left = limits["unpacked"]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                with archive.open(entry) as member:
                    left -= scan_member(
                        member, limits, left, is_xml=entry.filename.lower().endswith((".xml", ".rels", ".vml"))
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError) as error:
        raise Refused("not_a_workbook") from error


def scan_member(member: Any, limits: dict[str, int], left: int, *, is_xml: bool) -> int:
    size, before = 0, b""
    while chunk := member.read(CHUNK):
        if size == 0 and is_xml:
            scan_head(chunk)
        size += len(chunk)
        if size > left:
            raise Refused("too_large_unpacked")
        if is_xml:
            before = scan_chunk(before + chunk, limits)
    return size


def scan_head(chunk: bytes) -> None:
    """Another encoding would hide everything else from this scan."""
    told = ENCODING.match(chunk.removeprefix(b"\xef\xbb\xbf"))
    if chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in chunk[:64]:
        raise Refused("not_a_workbook")
    if told and told[1].upper() not in {b"UTF-8", b"UTF8", b"US-ASCII", b"ASCII"}:
        raise Refused("not_a_workbook")


def scan_chunk(text: bytes, limits: dict[str, int]) -> bytes:
    """Returns the end of the chunk, to be looked at again together with the next one."""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or (b"&" in text and ENTITY_REFERENCE.search(text)):
        raise Refused("dtd")
    for word, pattern in ((b"r", REFERENCE), (b"dimension", DIMENSION)):
        found = pattern.findall(text) if word in text else []
        if any(column(letters) > limits["columns"] for letters in {letters for letters, _number in found}):
            raise Refused("too_many_cells")
        if any(int(number) > limits["rows"] for number in {number for _letters, number in found}):
            raise Refused("too_many_cells")
    if any(int(number) > limits["rows"] for number in ROW.findall(text)):
        raise Refused("too_many_cells")
    return text[-OVERLAP:]


def column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def picture(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    """Drawn anew: nothing of the original bytes is left, no place, no camera, no hidden content."""
    from PIL import UnidentifiedImageError  # noqa: PLC0415 - loaded before the process was confined

    try:
        drawn = redrawn(data, limits)
    except (Refused, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise Refused("not_a_picture") from error
    except Exception as error:
        raise Refused("broken_picture") from error
    target = io.BytesIO()
    drawn.save(target, "JPEG", quality=85)
    return {"width": drawn.width, "height": drawn.height, "jpeg": base64.b64encode(target.getvalue()).decode()}


def redrawn(data: bytes, limits: dict[str, int]) -> Any:
    from PIL import Image, ImageOps  # noqa: PLC0415 - loaded before the process was confined

    Image.MAX_IMAGE_PIXELS = None  # the check below is the stricter one
    found: Any = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    if found.width * found.height > limits["pixels"]:
        raise Refused("too_many_pixels")
    edge = (limits["edge"], limits["edge"])
    if found.format == "JPEG":
        found.draft("RGB", edge)
    turned = ImageOps.exif_transpose(found)
    turned.thumbnail(edge)
    if turned.mode in {"RGBA", "LA", "PA", "P"}:
        coloured = turned.convert("RGBA")
        turned = Image.new("RGB", coloured.size, "white")
        turned.paste(coloured, mask=coloured.getchannel("A"))
    return Image.frombytes("RGB", turned.size, turned.convert("RGB").tobytes())


def answer(kind: str, data: bytes, limits: dict[str, int]) -> Iterator[Any]:
    try:
        yield from READERS[kind](data, limits)
    except Refused as refusal:
        yield {"refused": str(refusal)}
    except MemoryError:
        yield {"refused": "too_heavy"}


READERS: dict[str, Any] = {
    "rows": rows,
    "book": book,
    "table": table,
    "picture": lambda data, limits: [picture(data, limits)],
}


def preload(kind: str) -> None:
    """Everything that is imported later on demand: a confined process cannot open the files of modules."""
    "".encode("cp437")
    import orjson  # noqa: F401, PLC0415 - see `line`

    if kind != "picture":
        import datetime  # noqa: F401, PLC0415 - the reader asks for it at the first date

        import python_calamine  # noqa: F401, PLC0415

        return
    from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401, PLC0415  # noqa: F401, PLC0415

    Image.preinit()


def files() -> Iterator[bytes]:
    while head := sys.stdin.buffer.read(4):
        yield sys.stdin.buffer.read(struct.unpack(">I", head)[0])


def main(kind: str, told: str, *rest: str) -> None:
    limits: dict[str, int] = json.loads(told)
    preload(kind)
    confine(limits)
    if rest:
        out = sys.stdout
        for data in files():
            count = last = 0
            for last in answer(kind, data, limits):  # noqa: B007
                count += 1
            out.write(
                json.dumps({"rows": count, "refused": last.get("refused", "") if isinstance(last, dict) else ""}) + "\n"
            )
            out.flush()
        return
    for value in answer(kind, sys.stdin.buffer.read(limits["bytes"] + 1), limits):
        sys.stdout.buffer.write(line(value))
    sys.stdout.buffer.write(b"null\n")


def line(value: Any) -> bytes:
    """A tenth of the time of the standard library, which is left what the fast one refuses."""
    import orjson  # noqa: PLC0415 - loaded before the process was confined

    try:
        return orjson.dumps(value) + b"\n"
    except TypeError:
        return json.dumps(value).encode() + b"\n"


if __name__ == "__main__":
    main(*sys.argv[1:])
