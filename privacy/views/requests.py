"""Requests of the person: the queue, the form, one request with its steps, and the sheets that are handed over."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.audit.services import access
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.scoping import can
from portal.org.services import area_path
from portal.ui.http import StaffRequest
from portal.ui.templatetags import ui as tags
from portal.ui.views import UNPROCESSABLE, ScopedListView, ScopedMixin, ServiceFormView, add_domain_error, say
from privacy import selectors
from privacy.choices import RequestKind, RequestStatus, StepKind
from privacy.forms.requests import AnswerForm, IdentityForm, RefusalForm, RequestForm, StepForm
from privacy.models import SubjectRequest
from privacy.services import requests, retention
from privacy.services.access_sheet import access_sheet
from privacy.services.data_copy import ask_for_file, data_copy
from privacy.tables import RequestFilter, RequestTable
from residents.models import Person
from residents.services.permits.face import issuing_organ
from residents.services.projection import person_view

TABS = (
    (selectors.ALL_OPEN, _("Open requests"), ""),
    (selectors.SOON, _("Due soon or late"), "bad"),
    (selectors.MINE, _("Handled by me"), ""),
    (selectors.CLOSED, _("Closed requests"), ""),
)
STEP_ICONS = {
    StepKind.RECEIVED: ("inbox", ""),
    StepKind.CHECKED: ("user-check", "brand"),
    StepKind.STARTED: ("pencil", "brand"),
    StepKind.ACTED: ("check", "ok"),
    StepKind.PRINTED: ("printer", ""),
    StepKind.ANSWERED: ("badge-check", "ok"),
    StepKind.REFUSED: ("x", "warn"),
}


class RequestList(ScopedListView):
    title = _("Requests of persons")
    subtitle = _("See, copy, correct, delete, restrict, explain: answered within the term of the law.")
    model = SubjectRequest
    queryset = SubjectRequest.objects.select_related("person", "handler")
    filterset_class = RequestFilter
    table_class = RequestTable

    @property
    def tab(self) -> str:
        asked = self.request.GET.get("t", "")
        return asked if asked in {key for key, _label, _tone in TABS} else selectors.ALL_OPEN

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(selectors.pile(self.tab, self.request.user))

    def get_tabs(self) -> list[dict[str, Any]]:
        rows = super().get_queryset()
        counts = {key: rows.filter(selectors.pile(key, self.request.user)).count() for key, _label, _tone in TABS}
        return [
            {
                "label": label,
                "url": f"?t={key}",
                "current": key == self.tab,
                "tone": tone if counts[key] else "",
                "count": counts[key],
            }
            for key, label, tone in TABS
        ]

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs, viewer=self.request.user)
        shown = [row.person_id for row in getattr(table.page, "object_list", table.rows) if hasattr(row, "person_id")]
        shown = shown or [row.record.person_id for row in table.paginated_rows]
        access(actor=self.request.user, action="list", person_ids=shown, purpose="subject_request")
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"tab": self.tab}


class RequestNew(ServiceFormView):
    """Opened from the person's page: a request is always about one file."""

    model = SubjectRequest
    action = "add"
    form_class = RequestForm
    template_name = "privacy/request_form.html"
    title = _("Take a request in")
    submit_label = _("Take it in")
    success_message = _("Taken in: %(row)s. Check who asks before anything is told.")

    @property
    def person(self) -> Person:
        found: Person = get_object_or_404(Person.objects.restrict(self.request.user, "view"), pk=self.kwargs["pk"])
        return found

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Requests of persons"), reverse("privacy:request_list"))]

    def run(self, **_cleaned: Any) -> SubjectRequest:
        form = self.get_form()
        form.is_valid()
        return requests.receive_request(person_id=self.person.pk, given=form.given(), actor=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.person
        return super().get_context_data(**kwargs) | {
            "view": person_view(person, viewer=self.request.user),
            "cancel_url": person.get_absolute_url(),
        }


class RequestPage(ScopedMixin):
    model = SubjectRequest
    action = "view"
    queryset = SubjectRequest.objects.select_related("person", "handler", "registrar", "checked_by")
    request: StaffRequest
    kwargs: dict[str, Any]

    @property
    def row(self) -> SubjectRequest:
        found: SubjectRequest = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        return found

    def page(self, row: SubjectRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
        return render(self.request, "privacy/request.html", context_of(row, self.request) | forms, status=status)


class RequestDetail(RequestPage, View):
    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = self.row
        access(actor=request.user, action="open", person_ids=[row.person_id], purpose="subject_request")
        return self.page(row)


class RequestStep(RequestPage, View):
    """One step: `name` is check, start, restrict, delete, answer or refuse."""

    http_method_names = ["post"]
    action = "handle"

    def post(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        row, (key, form_class) = self.row, FORMS.get(name, ("step_form", StepForm))
        form = form_class(request.POST, user=request.user)
        if form.is_valid():
            try:
                done = STEPS[name](request_id=pk, actor=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                say(request, str(WORDS[name]) % {"number": done.number})
                return redirect(done.get_absolute_url())
        if key == "step_form":
            told = "; ".join(str(one) for one in form.non_field_errors())
            messages.error(request, told or gettext("Please reload the page."))
            return redirect(row.get_absolute_url())
        return self.page(row, status=UNPROCESSABLE, **{key: form})


STEPS: dict[str, Callable[..., SubjectRequest]] = {
    "check": requests.check_identity,
    "start": requests.start_work,
    "restrict": requests.carry_out_restriction,
    "delete": retention.carry_out_deletion,
    "answer": requests.answer,
    "refuse": requests.refuse,
}
FORMS: dict[str, tuple[str, type[StepForm]]] = {
    "check": ("identity_form", IdentityForm),
    "answer": ("answer_form", AnswerForm),
    "refuse": ("refusal_form", RefusalForm),
}
WORDS = {
    "check": _("Identity checked: %(number)s. Take the request up to go on."),
    "start": _("You deal with %(number)s now."),
    "restrict": _("The use of the data is restricted. Answer %(number)s now."),
    "delete": _("The data are anonymous now. Answer %(number)s now."),
    "answer": _("Answered: %(number)s. Print the sheet for the person."),
    "refuse": _("Refused with its reason: %(number)s. Print the sheet for the person."),
}


def context_of(row: SubjectRequest, request: StaffRequest) -> dict[str, Any]:
    person, version = person_view(row.person, viewer=request.user), {"version": row.version}
    started = row.status == RequestStatus.STARTED
    return {
        "title": f"{row.get_kind_display()} · {row.number}",
        "crumbs": [(gettext("Requests of persons"), reverse("privacy:request_list"))],
        "row": row,
        "person": person,
        "clock": selectors.clock_of(row),
        "facts": facts_of(row),
        "stages": [RequestStatus(one).label for one in ("received", "checked", "started", "answered")],
        "stage": {"received": 1, "checked": 2, "started": 3}.get(row.status, 4),
        "life": life_of(row),
        "may_handle": can(request.user, SubjectRequest, "handle", at=row.area_code),
        "may_correct": can(request.user, Person, "correct", at=row.person.area_code),
        "identity_form": IdentityForm(initial=version),
        "answer_form": AnswerForm(initial=version),
        "refusal_form": RefusalForm(initial=version),
        "started": started,
        "kinds": RequestKind,
    }


def facts_of(row: SubjectRequest) -> list[tuple[Any, Any]]:
    facts = [
        (_("Asked for"), row.get_kind_display()),
        (_("In the words of the person"), row.wish),
        (_("Who asks"), row.get_requester_display()),
        (_("Name of the requester"), row.requester_name),
        (_("Paper that allows it"), row.relation_proof),
        (_("Identity check"), row.identity_means),
        (_("Received on"), tags.day(row.received_on)),
        (_("Answer due"), tags.day(row.due_on)),
        (_("Basis of the term"), row.due_rule.get("basis", "")),
        (_("Handler"), row.handler),
        (_("Answer"), row.answer),
        (_("Why it is not granted"), row.refusal_reason),
    ]
    return [(label, value) for label, value in facts if value]


def life_of(row: SubjectRequest) -> list[dict[str, Any]]:
    return [
        {
            "title": step.get_kind_display(),
            "note": step.note,
            "by": str(step.actor),
            "at": tags.moment(step.created_at),
            "icon": STEP_ICONS[StepKind(step.kind)][0],
            "tone": STEP_ICONS[StepKind(step.kind)][1],
        }
        for step in row.steps.select_related("actor").order_by("-created_at", "-pk")
    ]


class Sheet(ScopedMixin, TemplateView):
    """A sheet for the person. What may not be told yet leads back to the request with the reason."""

    model = SubjectRequest
    action = "handle"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        try:
            content = self.content(row)
        except DomainError as error:
            messages.error(request, error.message)
            return redirect(row.get_absolute_url())
        context = {
            "row": row,
            "person": row.person,
            "organ": issuing_organ(),
            "station": area_path(row.area_code[:12]),
            "printed_at": clock.now(),
        }
        return render(request, self.get_template_names(), context | content)

    def content(self, row: SubjectRequest) -> dict[str, Any]:
        raise NotImplementedError


class AccessSheetPage(Sheet):
    template_name = "privacy/access_sheet.html"

    def content(self, row: SubjectRequest) -> dict[str, Any]:
        return {"sheet": access_sheet(request_id=row.pk, actor=self.request.user)}


class CopyPage(Sheet):
    template_name = "privacy/copy.html"

    def content(self, row: SubjectRequest) -> dict[str, Any]:
        return {"copy": data_copy(request_id=row.pk, actor=self.request.user)}


class AnswerSheet(Sheet):
    template_name = "privacy/answer.html"
    action = "view"

    def content(self, row: SubjectRequest) -> dict[str, Any]:
        if row.is_open:
            raise DomainError(gettext("There is no answer yet."))
        access(actor=self.request.user, action="print", person_ids=[row.person_id], purpose="subject_request")
        return {"refused": row.status == RequestStatus.REFUSED}


class CopyFile(ScopedMixin, View):
    """The copy as a file, made in the background; it waits in “My tasks”."""

    http_method_names = ["post"]
    model = SubjectRequest
    action = "handle"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        try:
            ask_for_file(request_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("The file is being made. You find it among your tasks."))
        return redirect(row.get_absolute_url())
