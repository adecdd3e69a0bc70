"""The wizard: one page for a batch that shows the step it stands at, and its acts as small POSTs."""

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.audit.services import access
from portal.core.errors import DomainError
from portal.files.gate import FileType
from portal.imports import services, shown, undoing, workbooks
from portal.imports.forms import ColumnsForm, RowForm, UndoForm, UploadForm, batch_head
from portal.imports.kinds import ImportKind, kind_of, kinds_for
from portal.imports.models import BatchState, Decision, ImportBatch, ImportRow
from portal.jobs.models import FINAL, Job
from portal.ui.http import StaffRequest
from portal.ui.paging import CappedPaginator
from portal.ui.views import UNPROCESSABLE, add_domain_error, say

PER_PAGE = 50
SHOWN = 30
STOP_POLLING = 286
WORKING = {BatchState.READING, BatchState.CHECKING, BatchState.APPLYING, BatchState.UNDOING}


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """The kinds that may be imported, and one's own batches."""
    kinds = _kinds(request)
    batches = list(ImportBatch.objects.filter(owner=request.user).defer("sample").order_by("-created_at")[:SHOWN])
    known = {kind.code: kind for kind in kinds}
    rows = [
        {
            "batch": batch,
            "title": known[batch.kind].title if batch.kind in known else batch.kind,
            "tone": shown.STATE_TONES.get(BatchState(batch.state), "brand"),
        }
        for batch in batches
    ]
    return render(request, "imports/home.html", {"title": _("Imports"), "kinds": kinds, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: StaffRequest, code: str) -> HttpResponse:
    kind = _kind(request, code)
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                batch = services.upload(kind=kind.code, source=sent, size=sent.size, actor=request.user)
                return redirect(batch)
            except DomainError as error:
                add_domain_error(form, error)
                form.known = error.context.get("batch")  # type: ignore[attr-defined]
    context = {"title": kind.title, "kind": kind, "form": form, "crumbs": _crumbs(), "steps": shown.steps()}
    return render(request, "imports/upload.html", context, status=status)


@require_safe
def template(request: StaffRequest, code: str) -> HttpResponse:
    kind = _kind(request, code)
    out = BytesIO()
    workbooks.template(kind, out)
    return _file(out, f"{kind.title}-{_('template')}.xlsx")


@require_safe
def batch(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The step that the batch stands at."""
    row = _batch(request, pk)
    return _page(request, row)


@require_safe
def progress(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The fragment that polls itself; once the work has ended the whole page is read anew."""
    row = _batch(request, pk)
    job = _job(row)
    if row.state not in WORKING or job is None or job.state in FINAL:
        response = HttpResponse(status=STOP_POLLING)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "imports/_progress.html", {"batch": row, "job": job})


@require_POST
def columns(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _batch(request, pk)
    kind = kind_of(row.kind)
    sheet, header = _number(request.POST.get("sheet")), _number(request.POST.get("header_row"))
    form = ColumnsForm(request.POST, kind=kind, head=batch_head(row, sheet), header_row=header)
    if form.is_valid():
        try:
            services.set_columns(
                batch_id=row.pk, sheet=sheet, header_row=header, mapping=form.mapping(), actor=request.user
            )
            return redirect(row)
        except DomainError as error:
            add_domain_error(form, error)
    return _page(request, row, columns_form=form, status=UNPROCESSABLE)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, pk: UUID, number: int) -> HttpResponse:
    """One row in full, to be corrected. The look is written down: the numbers stand in the clear here."""
    row = _batch(request, pk)
    line = get_object_or_404(ImportRow, batch=row, number=number)
    kind = kind_of(row.kind)
    form = RowForm(request.POST or None, kind=kind, row=line)
    if request.method == "POST" and form.is_valid():
        try:
            line = services.correct_row(batch_id=row.pk, number=number, raw=form.raw(), actor=request.user)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(row)
        if line.decision != Decision.ERROR:
            say(request, _("Row %(number)s is in order now.") % {"number": number})
            return redirect(f"{row.get_absolute_url()}?d={Decision.ERROR}")
        form = RowForm(kind=kind, row=line)
        return render(request, "imports/row.html", _row_context(row, kind, line, form), status=UNPROCESSABLE)
    access(actor=request.user, action="open", purpose="import_row", fields=["raw"], row_count=1)
    return render(request, "imports/row.html", _row_context(row, kind, line, form))


@require_POST
def decide(request: StaffRequest, pk: UUID, number: int) -> HttpResponse:
    row = _batch(request, pk)
    get_object_or_404(ImportRow, batch=row, number=number)
    force = request.POST.get("force") == "1"
    return _act(request, row, lambda: services.decide(batch_id=row.pk, number=number, force=force, actor=request.user))


@require_POST
def apply(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _batch(request, pk)
    return _act(request, row, lambda: services.apply(batch_id=row.pk, actor=request.user))


@require_POST
def discard(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _batch(request, pk)
    return _act(request, row, lambda: services.discard(batch_id=row.pk, actor=request.user))


@require_POST
def undo(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = _batch(request, pk)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return _page(request, row, undo_form=form, status=UNPROCESSABLE)
    reason = form.cleaned_data["reason"]
    return _act(request, row, lambda: services.undo(batch_id=row.pk, reason=reason, actor=request.user))


@require_safe
def errors(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Everything that was not or will not be imported, in the shape of the template."""
    row = _batch(request, pk)
    kind = kind_of(row.kind)
    left = ImportRow.objects.filter(batch=row).exclude(decision__in=(Decision.UNCHANGED,))
    left = left.filter(decision__in=(Decision.ERROR, Decision.DUPLICATE), force=False) | left.filter(
        outcome__in=("skipped", "rejected")
    )
    out = BytesIO()
    count = workbooks.not_imported(kind, list(row.mapping), left.order_by("number").iterator(500), out)
    access(actor=request.user, action="export", purpose="import_errors", row_count=count)
    return _file(out, f"{kind.title}-{row.number}-{_('not imported')}.xlsx")


def _page(request: StaffRequest, row: ImportBatch, *, status: int = 200, **forms: Any) -> HttpResponse:
    kind, job = kind_of(row.kind), _job(row)
    context = {
        "title": f"{kind.title} {row.number}",
        "batch": row,
        "kind": kind,
        "job": job,
        "steps": shown.steps(),
        "step": shown.STEPS.get(BatchState(row.state), 1),
        "crumbs": _crumbs(),
        "facts": shown.facts(row, kind),
        "working": row.state in WORKING and job is not None and not job.is_final,
        "stalled": row.state in WORKING and (job is None or job.is_final),
    }
    if row.state == BatchState.MAPPING:
        context |= _columns_context(request, row, kind, forms.get("columns_form"))
    elif row.state == BatchState.CHECKED:
        context |= _rows_context(request, row, kind)
    elif row.state in {BatchState.DONE, BatchState.UNDONE}:
        context |= {
            "result": shown.reconciliation(row),
            "undoable": undoing.undoable(row),
            "undo_form": forms.get("undo_form") or UndoForm(),
            "left_out": row.skipped + row.rejected,
        }
    return render(request, "imports/batch.html", context, status=status)


def _columns_context(request: StaffRequest, row: ImportBatch, kind: ImportKind, form: Any) -> dict[str, Any]:
    sheet, header, mapping, twice = row.sheet, row.header_row, row.mapping, []
    if form is not None:
        sheet, header = _number(form.data.get("sheet")), _number(form.data.get("header_row"))
    elif request.GET:
        sheet = _number(request.GET.get("sheet"))
        asked = request.GET.get("header")
        same = sheet == _number(request.GET.get("was"))
        found = services.guessed(row, sheet, _number(asked) if asked and same else None)
        header, mapping, twice = found.header_row, found.mapping, found.twice
    head = batch_head(row, sheet)
    if form is None:
        initial = {"sheet": sheet, "header_row": header} | {column.key: -1 for column in kind.columns} | mapping
        form = ColumnsForm(initial=initial, kind=kind, head=head, header_row=header)
    return {
        "form": form,
        "lines": form.lines(),
        "sheets": [(at, one["name"], one["rows"]) for at, one in enumerate(row.sample or [])],
        "sheet": sheet,
        "header": header,
        "headers": [(at + 1, shown.without_numbers(line)) for at, line in enumerate(head[:20])],
        "twice": [kind.column(key).title for key in twice],
    }


def _rows_context(request: StaffRequest, row: ImportBatch, kind: ImportKind) -> dict[str, Any]:
    asked = request.GET.get("d", "")
    first = next((one.decision for one in reversed(shown.tiles(row)) if one.count), Decision.CREATE)
    chosen = asked if asked in Decision.values else first
    found = ImportRow.objects.filter(batch=row, decision=chosen).order_by("number")
    page = CappedPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    lines = shown.lines(kind, row, list(page.object_list))
    access(actor=request.user, action="list", purpose="import", row_count=len(lines))
    to_do = row.found.get("create", 0) + row.found.get("update", 0)
    forced = ImportRow.objects.filter(batch=row, decision=Decision.DUPLICATE, force=True).count()
    return {
        "tiles": shown.tiles(row),
        "chosen": chosen,
        "page_obj": page,
        "lines": lines,
        "titles": [column.title for column in shown.leading(kind, row)],
        "to_do": to_do + forced,
        "problems": row.found.get("error", 0) + row.found.get("duplicate", 0),
    }


def _row_context(row: ImportBatch, kind: ImportKind, line: ImportRow, form: RowForm) -> dict[str, Any]:
    return {
        "title": _("Row %(number)s") % {"number": line.number},
        "batch": row,
        "kind": kind,
        "row": line,
        "form": form,
        "editable": row.state == BatchState.CHECKED,
        "crumbs": [*_crumbs(), (f"{kind.title} {row.number}", row.get_absolute_url())],
    }


def _act(request: StaffRequest, row: ImportBatch, run: Any) -> HttpResponse:
    try:
        run()
    except DomainError as error:
        messages.error(request, error.message)
    back = request.POST.get("d", "")
    return redirect(f"{row.get_absolute_url()}?d={back}" if back in Decision.values else row.get_absolute_url())


def _kinds(request: StaffRequest) -> list[ImportKind]:
    kinds = kinds_for(request.user)
    if not kinds:
        raise PermissionDenied
    return kinds


def _kind(request: StaffRequest, code: str) -> ImportKind:
    try:
        kind = kind_of(code)
    except DomainError:
        raise Http404 from None
    if not kind.is_offered:
        raise Http404
    if not kind.may(request.user):
        raise PermissionDenied
    return kind


def _batch(request: StaffRequest, pk: UUID) -> ImportBatch:
    return get_object_or_404(ImportBatch, pk=pk, owner=request.user)


def _job(row: ImportBatch) -> Job | None:
    return Job.objects.filter(pk=row.job).first() if row.job else None


def _number(text: Any) -> int:
    return int(text) if str(text or "").isdigit() else 0


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Imports"), reverse("imports:home"))]


def _file(out: BytesIO, name: str) -> HttpResponse:
    response = HttpResponse(out.getvalue(), content_type=str(FileType.XLSX))
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response
