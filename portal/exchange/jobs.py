from typing import IO

from portal.audit.services import access
from portal.exchange import services
from portal.exchange.ledgers import MASKED, ledger_of
from portal.exchange.render import Purpose, render
from portal.jobs.kinds import runs
from portal.jobs.models import Job


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
    access(
        actor=job.requested_by,
        action="export",
        purpose=f"ledger {ledger.code}"[:80],
        reason=f"{job.reason} {job.recipient}".strip(),
        fields=[column.key for column in ledger.columns if order.full and column.kind in MASKED],
        row_count=done.rows,
    )
