from collections.abc import Iterator
from typing import IO

from portal.audit.services import access
from portal.exchange import services, sql
from portal.exchange.ledgers import MASKED, Ledger, LedgerParams, Query, ledger_of
from portal.exchange.models import ProvisionRecord
from portal.exchange.provisions import digest_of, record_provision
from portal.exchange.render import Purpose, render
from portal.jobs.kinds import runs
from portal.jobs.models import Job

BATCH = 1_000


@runs(services.KIND, permit=services.may_still_export)
def write_ledger(job: Job, out: IO[bytes]) -> None:
    """The file, and in the same transaction the trace of it: without the trace there is no file."""
    order = services.Order.from_json(job.params)
    ledger = ledger_of(order.code)
    params = services.params_of(order, actor=job.requested_by)
    purpose = Purpose(reason=job.reason, recipient=job.recipient, full=order.full)
    done = render(ledger, params, out, fmt=order.format, purpose=purpose, progress=job.advance)
    job.rows = done.rows
    job.result_name = services.file_name(ledger, params, order.format)
    for people in _people_in(ledger, params):
        access(
            actor=job.requested_by,
            action="export",
            purpose=f"ledger {ledger.code}"[:80],
            reason=f"{job.reason} {job.recipient}".strip(),
            fields=[column.key for column in ledger.columns if order.full and column.kind in MASKED],
            person_ids=people,
            row_count=len(people) or done.rows,
        )
    _record(job, ledger, digest_of(out), done.rows, full=order.full)


def _people_in(ledger: Ledger, params: LedgerParams) -> Iterator[list[int]]:
    """Whose data the file holds, a thousand at a time; one empty list for a ledger that names nobody."""
    source = ledger.source(params)
    if not ledger.person or not isinstance(source, Query):
        yield []
        return
    found = sorted(set(sql.keys(source, ledger.person)))
    yield from (found[start : start + BATCH] for start in range(0, max(len(found), 1), BATCH))


def _record(job: Job, ledger: Ledger, digest: str, rows: int, *, full: bool) -> None:
    outward = bool(job.params.get("is_outward"))
    record_provision(
        form=ProvisionRecord.Form.FILE,
        title=ledger.title,
        recipient_kind=ProvisionRecord.Recipient.OUTSIDE if outward else ProvisionRecord.Recipient.INSIDE,
        recipient=job.recipient,
        purpose=job.reason,
        legal_basis=ledger.law,
        data_kinds=[column.title for column in ledger.columns],
        row_count=rows,
        full_numbers=full,
        sha256=digest,
        reference=str(job.pk),
        actor=job.requested_by,
    )
