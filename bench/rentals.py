"""An old ledger of rented homes of up to 50,000 rows: taken over, taken back, and taken over again."""

import os
import tempfile
from pathlib import Path

import xlsxwriter
from django.db.models import Count, Exists, OuterRef

from bench.county import COUNTY
from bench.figures import Figure, Report
from bench.imports import balance, child, differing, state
from rentals.models import RentalRegistration
from residents.models import Dwelling

ROWS = int(os.environ.get("RENTAL_ROWS") or 50_000)
TABLES = ("rentals_rentalregistration", "rentals_rentalstep", "residents_dwelling")
BAD_EVERY = 100  # of a hundred homes one was never approved for living
SAME = {
    "出租人": "陈国强",
    "证件号码": "330822196802030777",
    "联系电话": "13957000001",
    "产权性质": "私房",
    "产权证明": "不动产权证书",
    "房屋结构": "混合结构",
    "出租面积（m²）": 90,
    "总间数": 3,
    "出租方式": "整套",
    "出租起始": "2026-03-01",
    "燃气": "管道",
}


def run(report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(report, Path(folder) / "rentals.xlsx")


def measure(report: Report, file: Path) -> None:
    rows = write(file, ROWS)
    before = state(TABLES)
    first = child("ours", file)
    report.add(Figure("rental ledger: rows of the file", rows, "rows"))
    report.add(Figure("rental ledger: reading and checking", rows / first["checking"], "rows/s"))
    report.add(Figure("rental ledger: writing with history", first["written"] / first["writing"], "rows/s"))
    report.add(Figure("rental ledger: peak memory of the worker", first["import_peak_mb"], "MB", None, "<= 300"))
    off = abs(first["counts"]["created"] - (rows - rows // BAD_EVERY)) + balance(first["counts"])
    report.add(Figure("rental ledger: rows counted otherwise than made", off, "rows", None, "<= 0"))
    child("undo", file)
    report.add(
        Figure("rental ledger: tables that differ undone", differing(before, state(TABLES)), "tables", None, "<= 0")
    )
    again = child("ours", file)
    other = sum(again["counts"][name] != first["counts"][name] for name in first["counts"])
    report.add(Figure("rental ledger: counts that differ the second time", other, "counts", None, "<= 0"))
    child("undo", file)


def write(path: Path, most: int) -> int:
    """Homes of the county that nobody has registered, each at an address that no other community has."""
    doors = Dwelling.objects.standing().filter(county_code=COUNTY)
    once = doors.values("address").annotate(times=Count("pk")).filter(times=1).values("address")
    live = RentalRegistration.objects.live().filter(dwelling=OuterRef("pk"))
    free = doors.filter(~Exists(live), address__in=once).order_by("address")
    addresses = list(free.values_list("address", flat=True)[:most])
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("出租房屋")
    sheet.write_row(0, 0, ["房屋坐落", "证明编号", "规划用途", *SAME])
    for number, address in enumerate(addresses, start=1):
        use = "仓储" if number % BAD_EVERY == 0 else "住宅"
        sheet.write_row(number, 0, [address, f"浙（2019）常山县不动产权第{number:07d}号", use, *SAME.values()])
    book.close()
    return len(addresses)
