"""Workbooks as people send them, made in the tests, and an import from the file to its end."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

from portal.imports import services
from portal.imports.models import BatchState, ImportBatch, ImportRow
from portal.jobs import worker
from portal.jobs.models import Job
from portal.org.models import User
from portal.org.walls.context import scoped_transaction

TITLES = ("姓名", "证件号码", "联系电话", "现住地址", "入住日期", "居住处所", "居住事由", "服务处所", "备注")
KEYS = ("name", "document_number", "phone", "address", "arrived_on", "lodging", "reason", "workplace", "remark")


def book(*sheets: Sequence[Sequence[Any]], shape: Callable[[Any, Any], None] | None = None) -> io.BytesIO:
    """One workbook; a cell that is a str is written as text. `shape(workbook, first sheet)` does the unusual."""
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"})
    first = None
    for number, rows in enumerate(sheets):
        sheet = workbook.add_worksheet(f"表{number + 1}")
        first = first or sheet
        for at, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(at, place, value)
                elif value is not None:
                    sheet.write(at, place, value)
    if shape and first is not None:
        shape(workbook, first)
    workbook.close()
    out.seek(0)
    return out


def arrivals(*rows: dict[str, Any], titles: Sequence[str] = TITLES) -> io.BytesIO:
    return book([titles, *([row.get(key, "") for key in KEYS] for row in rows)])


def work(user: User) -> None:
    """Run every waiting job of `user` as a worker would, one after the other."""
    while job := Job.objects.filter(requested_by=user, state="queued").order_by("created_at").first():
        worker.run(str(job.pk))
        job.refresh_from_db()
        assert job.state == "done", f"{job.kind}: {job.error} {job.error_detail}"


def uploaded(source: io.BytesIO, user: User, kind: str = "registrations") -> ImportBatch:
    with scoped_transaction(user):
        batch = services.upload(kind=kind, source=source, size=source.getbuffer().nbytes, actor=user)
    work(user)
    return fresh(batch)


def checked(source: io.BytesIO, user: User, kind: str = "registrations") -> ImportBatch:
    batch = uploaded(source, user, kind)
    with scoped_transaction(user):
        services.set_columns(
            batch_id=batch.pk, sheet=batch.sheet, header_row=batch.header_row, mapping=batch.mapping, actor=user
        )
    work(user)
    return fresh(batch)


def applied(source: io.BytesIO, user: User, kind: str = "registrations") -> ImportBatch:
    batch = checked(source, user, kind)
    with scoped_transaction(user):
        services.apply(batch_id=batch.pk, actor=user)
    work(user)
    return fresh(batch)


def undone(batch: ImportBatch, user: User) -> ImportBatch:
    with scoped_transaction(user):
        services.undo(batch_id=batch.pk, reason="选错了文件", actor=user)
    work(user)
    return fresh(batch)


def fresh(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.get(pk=batch.pk)


def rows_of(batch: ImportBatch) -> list[ImportRow]:
    return list(ImportRow.objects.filter(batch=batch).order_by("number"))


def only(batch: ImportBatch) -> ImportRow:
    [row] = rows_of(batch)
    return row


def codes_of(row: ImportRow) -> list[str]:
    return [one["code"] for one in row.problems]


__all__ = ["BatchState", "Job"]
