"""One export in a process of its own, so that its peak memory can be read. Prints one line of JSON."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from bench.county import COUNTY, exporter  # noqa: E402
from bench.figures import peak_megabytes  # noqa: E402
from portal.core import clock  # noqa: E402
from portal.exchange import sql  # noqa: E402
from portal.exchange.granted import as_granted  # noqa: E402
from portal.exchange.ledgers import LedgerParams, Query, Value, ledger_of  # noqa: E402
from portal.exchange.render import Purpose, render  # noqa: E402
from portal.exchange.services import Order, params_of  # noqa: E402


def subject() -> tuple[Any, LedgerParams, Query]:
    ledger = ledger_of("L1")
    day = clock.today()
    params = params_of(Order(code="L1", area_code=COUNTY, start=day, end=day), actor=exporter())
    query = ledger.source(params)
    assert isinstance(query, Query)  # noqa: S101
    return ledger, params, query


def values() -> Iterator[list[Value]]:
    """The same rows with the same masks as a file that nobody asked to have in full."""
    ledger, _params, query = subject()
    ledger = as_granted(ledger, full=False)
    return sql.rows(ledger.columns, query, sql.Readers(ledger.columns, masked=True))


def ours(path: Path) -> int:
    ledger, params, _query = subject()
    with path.open("w+b") as out:
        purpose = Purpose(reason="bench")
        return render(ledger, params, out, fmt="xlsx", purpose=purpose, progress=lambda _done, _total: None).rows


def csv(path: Path) -> int:
    ledger, params, _query = subject()
    with path.open("w+b") as out:
        purpose = Purpose(reason="bench")
        return render(ledger, params, out, fmt="csv", purpose=purpose, progress=lambda _done, _total: None).rows


def openpyxl(path: Path) -> int:
    """The peer: the same rows, decrypted and masked the same way, appended to a write-only workbook without styles."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("L1")
    done = 0
    for row in values():
        sheet.append(row)
        done += 1
    book.save(path)
    return done


def copy(path: Path) -> int:
    """The physical limit: the stored values as CSV, still encrypted, straight from PostgreSQL."""
    ledger, _params, query = subject()
    statement = sql.select_values(ledger.columns, query)
    with path.open("wb") as out, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)", out)
        return int(cursor.rowcount)


def compare(path: Path) -> int:
    """How many rows of the file differ from the database; the file is read by another library than wrote it."""
    import python_calamine  # noqa: PLC0415 - its memory must not count for the writers

    ledger, _params, _query = subject()
    sheets = python_calamine.load_workbook(str(path))
    read: list[Any] = []
    for name in sheets.sheet_names[:-1]:
        rows = sheets.get_sheet_by_name(name).to_python()
        read += rows[2 + ledger.header_depth : -3 if name == sheets.sheet_names[-2] else None]
    wrong = abs(len(read) - sum(1 for _row in values()))
    return wrong + sum(1 for found, stored in zip(read, values(), strict=False) if found != as_read(stored))


def as_read(row: list[Value]) -> list[Any]:
    return ["" if value is None else float(value) if isinstance(value, int) else value for value in row]


def main(what: str, path: Path) -> None:
    functions = {"ours": ours, "openpyxl": openpyxl, "copy": copy, "csv": csv, "compare": compare}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        began = perf_counter()
        result = functions[what](path)
        seconds = perf_counter() - began
    print(json.dumps({"result": result, "seconds": seconds, "peak_mb": peak_megabytes()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
