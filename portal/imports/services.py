"""The steps of an import as acts of its owner; whatever takes time becomes a job."""

import hashlib
from typing import IO, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.files import limits, memory, scan
from portal.files.errors import refusal
from portal.files.gate import check_size, check_workbook
from portal.files.sheets import Sheet, read_book
from portal.imports import staging, store, undoing
from portal.imports.applying import TO_DO
from portal.imports.guessing import Guess, guess, guess_sheet
from portal.imports.kinds import Checker, ImportKind, Verdict, kind_of
from portal.imports.models import BatchState, Decision, ImportBatch, ImportRow
from portal.jobs.services import enqueue
from portal.org.models import User

READ, CHECK, APPLY, UNDO = "imports.read", "imports.check", "imports.apply", "imports.undo"
STANDING = (BatchState.UNDONE, BatchState.DISCARDED)


@transaction.atomic
def upload(*, kind: str, source: IO[bytes], size: int, actor: User) -> ImportBatch:
    """Take a workbook in and read its head in the background.

    Raises UploadRefused beside "file"; DomainError(code="same_file", context={"batch"}) for a file that this person
    imports or has imported already and not taken back.
    """
    wanted = kind_of(kind)
    if not wanted.may(actor) or not wanted.is_offered:
        raise PermissionDenied
    check_size(size, limits.IMPORT_LIMITS)
    content = source.read()
    with memory.nameless(content) as file:
        check_workbook(file, limits.IMPORT_LIMITS)
        scan.scan(memory.path_of(file))
    digest = hashlib.sha256(content).hexdigest()
    _refuse_known(kind, digest, actor)
    batch = ImportBatch(owner=actor, kind=kind, sha256=digest, size=len(content))
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        _refuse_known(kind, digest, actor)
        raise
    store.write(batch, content)
    audit.record(actor=actor, action="import.uploaded", target=batch, kind=kind, number=batch.number, size=batch.size)
    _start(batch, BatchState.READING, READ, actor)
    return batch


def read_head(batch: ImportBatch) -> Guess:
    """The first rows of every sheet and a guess at the columns; the longest sheet is kept as it was read. Raises
    UploadRefused."""
    kind = kind_of(batch.kind)
    with store.opened(batch) as file:
        book = read_book(file, limits=limits.IMPORT_LIMITS)
        sheets = book.sheets
        if not any(sheet.head for sheet in sheets):
            raise refusal("empty", limits.IMPORT_LIMITS)
        store.keep_rows(batch, book.longest, staging.in_parts(book.blocks))
    found = guess(sheets, kind.columns)
    batch.sample = [
        {"name": sheet.name[:60], "rows": sheet.rows, "head": [_texts(row) for row in sheet.head]} for sheet in sheets
    ]
    batch.sheet, batch.header_row, batch.mapping = found.sheet, found.header_row, found.mapping
    batch.state, batch.job = BatchState.MAPPING, None
    batch.save()
    return found


def guessed(batch: ImportBatch, sheet: int, header_row: int | None = None) -> Guess:
    """A new guess for another sheet, or for another row of titles (from 1; 0: the file has none)."""
    kind = kind_of(batch.kind)
    heads = batch.sample or []
    head = heads[sheet]["head"] if sheet < len(heads) else []
    if header_row is None:
        return guess_sheet(sheet, head, kind.columns)
    found = guess_sheet(sheet, head[header_row - 1 :] if header_row else [[], *head], kind.columns)
    found.header_row = header_row
    return found


@transaction.atomic
def set_columns(*, batch_id: UUID, sheet: int, header_row: int, mapping: dict[str, int], actor: User) -> ImportBatch:
    """The user's word on the columns; the check starts. Raises DomainError beside the column that is missing."""
    batch = _locked(batch_id, actor, BatchState.MAPPING, BatchState.CHECKED)
    kind = kind_of(batch.kind)
    heads = batch.sample or []
    if not 0 <= sheet < len(heads):
        raise DomainError(_("Please choose a sheet of the file."), field="sheet")
    taken: dict[int, str] = {}
    for key, at in mapping.items():
        if at in taken:
            message = _("One column of the file cannot be two things: %(one)s and %(other)s.")
            titles = {"one": kind.column(taken[at]).title, "other": kind.column(key).title}
            raise DomainError(message % titles, field=key)
        taken[at] = key
    missing = [column for column in kind.columns if column.required and column.key not in mapping]
    if missing:
        names = "、".join(column.title for column in missing)
        raise DomainError(_("The file needs these columns: %(names)s") % {"names": names}, field=missing[0].key)
    batch.sheet, batch.header_row, batch.mapping = sheet, header_row, mapping
    batch.save()
    staging.wipe(batch)
    _start(batch, BatchState.CHECKING, CHECK, actor)
    return batch


@transaction.atomic
def correct_row(*, batch_id: UUID, number: int, raw: dict[str, str], actor: User) -> ImportRow:
    """A row corrected on the page, judged again by the very rules of the check."""
    batch = _locked(batch_id, actor, BatchState.CHECKED)
    row = ImportRow.objects.select_for_update().get(batch=batch, number=number)
    kind = kind_of(batch.kind)
    given = staging.RowReader(kind.columns).typed(number, raw)
    if given is None:
        raise DomainError(_("The row is empty. Leave it out instead."), code="empty")
    verdict = _judged(batch, kind, [given], actor, row)
    _count(batch, row.decision, -1)
    row.raw, row.cleaned, row.key = given.raw, verdict.cleaned, verdict.key
    row.decision, row.problems, row.note, row.force = verdict.decision, verdict.problems, verdict.note[:300], False
    row.save()
    _count(batch, row.decision, 1)
    batch.save(update_fields=["found"])
    return row


def _judged(batch: ImportBatch, kind: ImportKind, given: list[Any], actor: User, row: ImportRow) -> Verdict:
    checker: Checker = kind.checker(batch, actor)
    verdict = next(iter(checker.check(given)))
    others = ImportRow.objects.filter(TO_DO, batch=batch, key=verdict.key).exclude(pk=row.pk)
    twin = others.values_list("number", flat=True).first() if verdict.key else None
    if twin is not None and verdict.decision in {Decision.CREATE, Decision.UPDATE}:
        verdict.decision, verdict.note = Decision.DUPLICATE, staging.same_as_row(twin)
        verdict.cleaned = None
    return verdict


@transaction.atomic
def decide(*, batch_id: UUID, number: int, force: bool, actor: User) -> ImportRow:
    """Import a likely duplicate all the same, or leave it out again. Only for duplicates that may be written."""
    batch = _locked(batch_id, actor, BatchState.CHECKED)
    row = ImportRow.objects.select_for_update().get(batch=batch, number=number)
    if row.decision != Decision.DUPLICATE or row.cleaned is None:
        raise DomainError(_("This row cannot be imported as it is."), code="wrong_state")
    row.force = force
    row.save(update_fields=["force"])
    audit.record(actor=actor, action="import.decided", target=batch, number=batch.number, row=number, force=force)
    return row


@transaction.atomic
def apply(*, batch_id: UUID, actor: User) -> ImportBatch:
    """Start writing, or go on where an interrupted import stopped."""
    batch = _locked(batch_id, actor, BatchState.CHECKED, BatchState.APPLYING)
    if not kind_of(batch.kind).may(actor):
        raise PermissionDenied
    if not ImportRow.objects.filter(TO_DO, batch=batch).exists():
        raise DomainError(_("There is no row to import. Correct the errors first."), code="nothing")
    audit.record(actor=actor, action="import.started", target=batch, kind=batch.kind, number=batch.number)
    _start(batch, BatchState.APPLYING, APPLY, actor)
    return batch


@transaction.atomic
def undo(*, batch_id: UUID, reason: str, actor: User) -> ImportBatch:
    """Ask for the whole batch to be taken back; whether something stands in the way is told by the job."""
    batch = _locked(batch_id, actor, BatchState.DONE)
    undoing.require_undoable(batch)
    if not reason.strip():
        raise DomainError(_("Please say why the import is taken back."), field="reason")
    _start(batch, BatchState.UNDOING, UNDO, actor, reason=reason.strip()[:200])
    return batch


@transaction.atomic
def discard(*, batch_id: UUID, actor: User) -> ImportBatch:
    """Give an import up before anything was written: its rows and its file go."""
    batch = _locked(batch_id, actor, BatchState.READING, BatchState.MAPPING, BatchState.CHECKED)
    forget(batch)
    batch.state, batch.job = BatchState.DISCARDED, None
    batch.save()
    audit.record(actor=actor, action="import.discarded", target=batch, kind=batch.kind, number=batch.number)
    return batch


def forget(batch: ImportBatch) -> None:
    """What a batch keeps of people goes; the counts stay. It cannot be taken back afterwards."""
    staging.wipe(batch)
    batch.effects.all().delete()
    batch.sample = None
    transaction.on_commit(lambda: store.delete(batch))


def _start(batch: ImportBatch, state: str, kind: str, actor: User, *, reason: str = "") -> None:
    job = enqueue(kind=kind, actor=actor, title=str(kind_of(batch.kind).title), reason=reason, batch=str(batch.pk))
    batch.state, batch.job, batch.obstacles = state, job.pk, []
    batch.save()


def _locked(batch_id: UUID, actor: User, *states: str) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id, owner=actor)
    if batch.state not in states:
        message = _("This step is over: the import is “%(state)s” now.")
        raise DomainError(message % {"state": batch.get_state_display()}, code="wrong_state")
    return batch


def _refuse_known(kind: str, digest: str, actor: User) -> None:
    known = ImportBatch.objects.filter(owner=actor, kind=kind, sha256=digest).exclude(state__in=STANDING).first()
    if known is not None:
        message = _("This very file is import %(number)s already. Open that one, or take it back first.")
        context = {"batch": str(known.pk)}
        raise DomainError(message % {"number": known.number}, field="file", code="same_file", context=context)


def _count(batch: ImportBatch, decision: str, by: int) -> None:
    batch.found[decision] = batch.found.get(decision, 0) + by


def _texts(row: list[Any]) -> list[str]:
    return [staging.values.text(cell)[:60] for cell in row]


def sheets_of(batch: ImportBatch) -> list[Sheet]:
    return [
        Sheet(one["name"], one["rows"], max((len(row) for row in one["head"]), default=0), one["head"])
        for one in batch.sample or []
    ]
