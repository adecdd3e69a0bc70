"""Drafts of the arrival form: kept while somebody types, listed, continued, thrown away (pattern P15)."""

import uuid
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from portal.policy.services import rule
from portal.ui.views import PageMixin, ScopedMixin, say
from portal.vault.masks import mask_id_number
from residents.models import Draft, Registration
from residents.services.drafts import delete_draft, drafts_of, form_key, plain_values, save_draft
from residents.views.arrivals.building import PREFIX
from residents.views.arrivals.pages import KINDS

TYPED = ("document_number", "name", "phone", "dwelling", "dwelling_text", "workplace")
PAGES = {"single": "residents:arrival_new", "house": "residents:arrival_household"}


class SaveDraft(ScopedMixin, View):
    """Called by the page every ten seconds. A form in which nothing was typed leaves no draft."""

    model = Registration
    action = "add"
    http_method_names = ["post"]

    def post(self, request: Any, kind: str) -> HttpResponse:
        if kind not in KINDS:
            raise Http404
        try:
            form = form_key(kind, request.POST.get("submission_id", ""))
        except ValueError:
            return HttpResponseBadRequest()
        data = dict(request.POST.lists())
        rows = any(
            name.startswith(f"{PREFIX}-") and name.endswith(("_number", "-name")) and any(data[name]) for name in data
        )
        if not rows and not any(any(data.get(name, [])) for name in TYPED):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        draft = save_draft(form=form, data=data, actor=request.user)
        return JsonResponse({"url": draft_url(draft)})


class DraftList(ScopedMixin, PageMixin, TemplateView):
    model = Registration
    action = "add"
    template_name = "residents/arrivals/drafts.html"
    title = gettext_lazy("Drafts")

    def get_crumbs(self) -> Any:
        return [(_("Log an arrival"), reverse("residents:arrival_new"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [draft_row(draft) for draft in drafts_of(actor=self.request.user, kinds=KINDS)]
        return super().get_context_data(**kwargs) | {"rows": rows, "days": rule("draft.retention_days").value}


class DeleteDraft(ScopedMixin, View):
    model = Registration
    action = "add"
    http_method_names = ["post"]

    def post(self, request: Any, pk: uuid.UUID) -> HttpResponse:
        try:
            delete_draft(draft_id=pk, actor=request.user)
        except Draft.DoesNotExist as error:
            raise Http404 from error
        say(request, _("The draft was thrown away"))
        return redirect("residents:arrival_drafts")


def draft_url(draft: Draft) -> str:
    kind = draft.form.partition("/")[0]
    return f"{reverse(PAGES[kind])}?draft={draft.pk}"


def draft_row(draft: Draft) -> dict[str, Any]:
    values = plain_values(draft.data or {})
    number = values.get("document_number", "").replace(" ", "")
    people = sum(
        1 for name in values if name.startswith(f"{PREFIX}-") and name.endswith("-document_number") and values[name]
    )
    return {
        "draft": draft,
        "url": draft_url(draft),
        "household": draft.form.startswith("house"),
        "name": values.get("name", ""),
        "masked": mask_id_number(number),
        "address": values.get("dwelling_text", ""),
        "people": people,
    }
