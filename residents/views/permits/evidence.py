"""The card "Photos and scans" of a file: add one, look at one, take one out. Works without scripts, too."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from portal.core.errors import DomainError
from portal.files import services as files
from portal.files.limits import LIMITS
from portal.files.models import Attachment
from portal.org.models import User
from portal.org.scoping import can
from portal.ui.http import StaffRequest
from portal.ui.views import ScopedMixin, add_domain_error, say
from residents.choices import ProofKind
from residents.forms.evidence import EvidenceForm
from residents.models import PermitApplication
from residents.services.permits import evidence

CARD = "residents/permits/_evidence.html"


def evidence_context(file: PermitApplication, user: User, form: EvidenceForm | None = None) -> dict[str, Any]:
    """`evidence.shown` is False for those who may not see scans at all: the card is not there."""
    shown = can(user, Attachment, "view", at=file.area_code)
    rows = files.attachments_of(file, viewer=user) if shown else []
    labels = dict(ProofKind.choices)
    return {
        "file": file,
        "evidence": {
            "shown": shown,
            "rows": [(row, labels.get(row.kind, row.kind)) for row in rows],
            "may_add": can(user, Attachment, "add", at=file.area_code),
            "may_remove": can(user, Attachment, "remove", at=file.area_code),
            "form": form or EvidenceForm(user=user),
            "megabytes": LIMITS.bytes >> 20,
        },
    }


class EvidenceView(ScopedMixin, View):
    """After a change the card alone is drawn again; 422 with the sentence beside the field when it was refused."""

    http_method_names = ["post"]
    model = PermitApplication
    action = "view"
    attachment_action = ""

    def file(self, pk: int) -> PermitApplication:
        file: PermitApplication = get_object_or_404(self.get_queryset(), pk=pk)
        if not can(self.request.user, Attachment, self.attachment_action, at=file.area_code):
            raise PermissionDenied
        return file

    def done(self, file: PermitApplication, words: str) -> HttpResponse:
        if self.request.htmx:
            return render(self.request, CARD, evidence_context(file, self.request.user) | {"told": words})
        say(self.request, words)
        return redirect(file)


class EvidenceAdd(EvidenceView):
    attachment_action = "add"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        file = self.file(pk)
        form = EvidenceForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            sent = form.cleaned_data["file"]
            kind = form.cleaned_data["kind"]
            try:
                evidence.add(application_id=pk, kind=kind, source=sent, size=sent.size, actor=request.user)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return self.done(file, _("The scan was stored."))
        return self.refused(file, form)

    def refused(self, file: PermitApplication, form: EvidenceForm) -> HttpResponse:
        if self.request.htmx:
            context = evidence_context(file, self.request.user, form)
            return render(self.request, CARD, context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        say(self.request, " ".join(str(text) for texts in form.errors.values() for text in texts), level="bad")
        return redirect(file)


class EvidenceRemove(EvidenceView):
    attachment_action = "remove"

    def post(self, request: StaffRequest, pk: int, scan: UUID) -> HttpResponse:
        file = self.file(pk)
        rows = Attachment.objects.filter(target_model=file._meta.label_lower, target_id=file.pk, removed_at=None)
        get_object_or_404(rows.restrict(request.user, "remove"), pk=scan)
        files.remove(attachment_id=scan, actor=request.user)
        return self.done(file, _("The scan was removed."))
