"""The export centre: choose a ledger, say why, watch it being made, fetch it."""

import uuid
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.stepup import require_recent_login
from portal.audit.services import access
from portal.core.errors import DomainError
from portal.events.idempotency import once
from portal.exchange import services
from portal.exchange.approvals import asked_by
from portal.exchange.ledgers import Kind, Ledger, ledger_of
from portal.exchange.models import ExportRequest
from portal.exchange.render import PREVIEW_ROWS
from portal.exchange.render import preview as previewed
from portal.exports.forms import ExportForm, preview_area
from portal.jobs.kinds import kind_of
from portal.jobs.models import Job
from portal.jobs.results import content_of, path_of, size_of
from portal.ui.http import StaffRequest
from portal.ui.views import say

SHOWN = 20
ASKED_SHOWN = 5
NUMERIC = {Kind.NUMBER.value, Kind.PERCENT.value, Kind.SERIAL.value}


@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_login(writes_only=True)
def centre(request: StaffRequest) -> HttpResponse:
    ledgers = services.ledgers_for(request.user)
    if not ledgers:
        raise PermissionDenied
    chosen = _chosen(request.POST.get("ledger") or request.GET.get("ledger"), ledgers)
    asked = {key: request.GET[key] for key in ("subject",) if key in request.GET}
    form = ExportForm(request.POST or None, initial=asked, ledger=chosen, user=request.user)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                once(actor=request.user, key=_key(request), body=request.POST, run=lambda: _order(form, request))
                return redirect(f"{reverse('exports:centre')}?ledger={chosen.code}")
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.message)
        status = 422
    jobs = Job.objects.filter(requested_by=request.user, kind=services.KIND).order_by("-created_at")[:SHOWN]
    context = {
        "title": _("Export centre"),
        "ledgers": ledgers,
        "chosen": chosen,
        "form": form,
        "subject": form["subject"].value() if "subject" in form.fields else "",
        "jobs": jobs,
        "asked": asked_by(request.user)[:ASKED_SHOWN],
        "submission_id": request.POST.get("submission_id") or uuid.uuid4().hex,
    }
    return render(request, "exchange/centre.html", context, status=status)


@require_safe
def preview(request: StaffRequest, code: str) -> HttpResponse:
    """The first rows under the official headers, always masked; the look is written to the access log."""
    try:
        ledger = ledger_of(code)
    except DomainError:
        raise Http404 from None
    area_code = preview_area(request.GET, ledger, request.user)
    subject = request.GET.get("subject", "")
    order = replace(services.default_order(ledger, actor=request.user), area_code=area_code, subject=subject)
    if not area_code:
        raise PermissionDenied
    params = services.params_of(order, actor=request.user)
    shown = previewed(ledger, params)
    access(actor=request.user, action="list", purpose=f"ledger {ledger.code}", row_count=len(shown.rows))
    rows = [
        [
            (value, kind in NUMERIC, column.title)
            for value, kind, column in zip(row, shown.kinds, ledger.columns, strict=True)
        ]
        for row in shown.rows
    ]
    context = {
        "title": f"{params.area_name}{ledger.title}",
        "ledger": ledger,
        "params": params,
        "shown": shown,
        "rows": rows,
        "limit": PREVIEW_ROWS,
        "crumbs": [(_("Export centre"), f"{reverse('exports:centre')}?ledger={ledger.code}")],
    }
    return render(request, "exchange/preview.html", context)


@require_safe
@require_recent_login
def download(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """The file of one's own task. Rights are asked once more, and every fetch is written down."""
    job = get_object_or_404(Job, pk=pk, requested_by=request.user)
    if not job.is_downloadable:
        raise Http404
    kind = kind_of(job.kind)
    if kind and kind.permit and not kind.permit(request.user, job.params):
        raise PermissionDenied
    path = path_of(job)
    if not path.is_file():
        raise Http404
    code = job.params.get("code", job.kind)
    access(actor=request.user, action="export", purpose=f"download {code}"[:80], reason=job.reason, row_count=job.rows)
    response = StreamingHttpResponse(content_of(job), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=job.result_name)
    response["Content-Length"] = str(size_of(job))
    response["Cache-Control"] = "no-store"
    return response


def _order(form: ExportForm, request: StaffRequest) -> str:
    values = form.cleaned_data
    asked = services.request_ledger(
        order=form.order(),
        reason=form.reason_sentence(),
        recipient=values.get("recipient", ""),
        is_outward=values.get("destination") == "outward",
        actor=request.user,
    )
    if isinstance(asked, ExportRequest):
        say(request, _("So large a file needs a second person's approval. It is made as soon as that is given."))
    else:
        messages.success(request, _("The file is being made. You may leave this page."))
    return reverse("exports:centre")


def _chosen(code: str | None, ledgers: list[Ledger]) -> Ledger:
    return next((ledger for ledger in ledgers if ledger.code == code), ledgers[0])


def _key(request: StaffRequest) -> str:
    return str(request.POST.get("submission_id") or uuid.uuid4().hex)
