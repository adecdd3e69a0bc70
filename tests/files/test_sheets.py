"""Uploaded workbooks (security design §5.6, ASVS C7, C17): read by a process that may die, never by ours."""

import os
import struct
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from portal.files import gate
from portal.files.limits import LIMITS, Limits
from portal.files.sandbox import parent
from portal.files.sheets import UploadRefused, read_rows
from tests.files import books

HALF_PAST_NINE = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 - what stands in a cell has no time zone


@pytest.fixture
def stored(tmp_path):
    def store(content: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return path

    return store


def refusal(path: Path, limits: Limits = LIMITS) -> str:
    with pytest.raises(UploadRefused) as told:
        list(read_rows(path, limits=limits))
    assert told.value.field == "file"
    assert "请" in told.value.message
    return told.value.code


def test_rows_come_back_as_typed(stored):
    content = books.workbook(["姓名", "来本地日期", "人数"], ["王小明", date(2026, 3, 1), 3], ["", HALF_PAST_NINE, 1.5])
    assert list(read_rows(stored(content))) == [
        ["姓名", "来本地日期", "人数"],
        ["王小明", date(2026, 3, 1), 3.0],
        ["", HALF_PAST_NINE, 1.5],
    ]


def test_a_file_may_have_as_many_rows_as_the_limit_and_no_more(stored):
    few = Limits(rows=3)
    assert len(list(read_rows(stored(books.workbook([1], [2], [3])), limits=few))) == 3
    assert refusal(stored(books.workbook([1], [2], [3], [4])), few) == "too_many_cells"


@pytest.mark.parametrize(
    "sheet",
    [
        '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
        "<sheetData><row><c r='XFD1'><v>1</v></c></row></sheetData>",
        '<sheetData><row r="50001"><c><v>1</v></c></row></sheetData>',
        '<dimension ref="A1:XFD1048576"/><sheetData/>',
        "<x:dimension ref='A1:ZZ9'/><sheetData/>",
        '<sheetData><row r="1"><c\n r="GS1"><v>1</v></c></row></sheetData>',
    ],
)
def test_a_cell_far_outside_is_refused_before_it_is_read(stored, sheet):
    assert refusal(stored(books.raw(sheet))) == "too_many_cells"


def test_column_200_is_the_last_one(stored):
    assert (
        len(list(read_rows(stored(books.raw('<sheetData><row r="1"><c r="GR1"><v>1</v></c></row></sheetData>'))))) == 1
    )


def test_a_reference_across_two_pieces_of_the_scan_is_seen(stored):
    padding = "<!--" + "x" * (65_536 - 150) + "-->"
    sheet = padding + '<sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert refusal(stored(books.raw(sheet)), Limits(ratio=100_000)) == "too_many_cells"


@pytest.mark.parametrize(
    "sheet",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>',
        b'<worksheet><sheetData><row r="1"><c r="&#88;FD1"><v>1</v></c></row></sheetData></worksheet>',
    ],
)
def test_C7_declarations_of_types_and_entities_are_refused(stored, sheet):
    assert refusal(stored(books.raw(sheet))) == "dtd"


def test_another_encoding_cannot_hide_anything(stored):
    hidden = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><worksheet/>'.encode("utf-16")
    assert refusal(stored(books.raw(hidden))) == "not_a_workbook"
    assert refusal(stored(books.raw(head='<?xml version="1.0" encoding="UTF-7"?>'))) == "not_a_workbook"


@pytest.mark.parametrize(
    "part",
    ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin", "xl\\VBAPROJECT.bin"],
)
def test_macros_links_and_embedded_objects_are_refused(stored, part):
    assert refusal(stored(books.raw(more={part: b"x"}))) == "active_content"


def test_C17_a_small_file_that_unpacks_to_much_is_refused_by_its_list(stored):
    assert refusal(stored(books.raw(more={"xl/big.bin": bytes(60 << 20)}))) == "too_large_unpacked"
    assert refusal(stored(books.raw(more={"xl/ratio.bin": bytes(5 << 20)}))) == "too_large_unpacked"


def test_C17_a_list_that_lies_is_noticed_while_unpacking(stored):
    honest = books.raw(more={"xl/big.bin": os.urandom(1 << 20) * 60})
    lying = honest.replace(struct.pack("<I", 60 << 20), struct.pack("<I", 1 << 20))
    path = stored(lying)
    with path.open("rb") as opened:
        gate.check_workbook(opened, Limits(bytes=100 << 20, ratio=1 << 20))
    assert refusal(path, Limits(bytes=100 << 20, ratio=1 << 20)) in {"too_large_unpacked", "not_a_workbook"}


def test_C17_two_hundred_parts_are_enough(stored):
    assert refusal(stored(books.raw(more={f"xl/{number}.xml": b"<a/>" for number in range(200)}))) == "too_many_entries"


def test_size_is_looked_at_first(stored):
    assert refusal(stored(bytes((10 << 20) + 1))) == "too_large"
    assert refusal(stored(b"")) == "empty"


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90", b"PK\x03\x04" + b"\0" * 100, b"a,b\n1,2\n", b"<html>"],
)
def test_C18_what_is_not_a_workbook_by_content_is_refused(stored, content):
    assert refusal(stored(content)) == "not_a_workbook"


def test_C18_a_workbook_of_old_is_told_by_its_content_and_how_to_save_it_anew(stored):
    assert refusal(stored(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100)) == "old_workbook"


CONFINED = """
import json, sys
sys.path.insert(0, {folder!r})
import child
child.preload("rows")
child.confine({limits!r})
{attempt}
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "open('/etc/passwd')",
        "open('/dev/null', 'w')",
        "import os; os.pipe()",
        "x = bytearray(600 << 20)",
    ],
)
def test_the_reading_process_reaches_no_file_no_network_and_little_memory(attempt):
    code = CONFINED.format(folder=str(parent.CHILD.parent), limits=LIMITS.as_dict(), attempt=attempt)
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert any(word in done.stderr for word in ("Too many open files", "MemoryError"))


def test_the_reading_process_inherits_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    seen = {}

    class StartedError(Exception):
        pass

    def popen(arguments, **options):
        seen.update(options, arguments=arguments)
        raise StartedError

    monkeypatch.setattr(parent.subprocess, "Popen", popen)
    with pytest.raises(StartedError), Path(__file__).open("rb") as source:
        list(parent.read("rows", source))
    assert seen["env"] == {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    assert seen["close_fds"]
    assert "-I" in seen["arguments"]


@pytest.mark.parametrize("program", ["import os; os.abort()", "while True: pass", "print('[1]')"])
def test_a_process_that_dies_or_stands_still_becomes_a_sentence(stored, monkeypatch, program):
    monkeypatch.setattr(parent, "command", lambda *_more: [sys.executable, "-c", program])
    assert refusal(stored(books.workbook([1])), Limits(wall_seconds=1)) == "too_heavy"


def test_no_process_is_left_when_the_reader_stops_early(stored):
    reader = read_rows(stored(books.workbook(*[[number] for number in range(5_000)])))
    assert next(reader) == [0.0]
    reader.close()
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    assert [pid for pid in children if b"child.py" in Path(f"/proc/{pid}/cmdline").read_bytes()] == []
