"""The permit desk: piles with counts, the list by time left, the file beside it, and what comes next (P6–P8)."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, TemplateView, View

from portal.audit.services import access
from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.models import Job
from portal.org.models import Area, User
from portal.org.scoping import can
from portal.ui.http import StaffRequest, toast
from portal.ui.views import QueueView, ScopedListView, ScopedMixin, say
from residents.choices import ApplicationKind, ProofKind
from residents.models import PermitApplication
from residents.services.permits import bulk, decisions, dossier, materials, queues
from residents.services.projection import person_view
from residents.views.permits.tables import ApplicationFilter, ApplicationTable, clock_words

TAB_WORDS = {
    queues.REVIEW: (gettext_lazy("To review"), ""),
    queues.SIGN: (gettext_lazy("To sign"), ""),
    queues.SOON: (gettext_lazy("Nearly late"), "bad"),
    queues.OPEN: (gettext_lazy("All open"), ""),
    queues.RETURNED: (gettext_lazy("Returned"), ""),
    queues.ISSUED: (gettext_lazy("To hand over"), ""),
    queues.CLOSED: (gettext_lazy("Closed"), ""),
}
PAPER_ICONS = {
    ProofKind.ID_CARD: "id-card",
    ProofKind.PHOTO: "user-round",
    ProofKind.GUARDIAN_ID: "users-round",
    ProofKind.OLD_CARD: "rotate-ccw",
    ProofKind.STUDENT_CARD: "graduation-cap",
    ProofKind.SCHOOL_CERTIFICATE: "school",
    ProofKind.LABOUR_CONTRACT: "briefcase",
    ProofKind.BUSINESS_LICENCE: "store",
    ProofKind.EMPLOYER_CERTIFICATE: "factory",
}


def file_rows() -> Any:
    related = ("person", "registration__dwelling", "registrar", "reviewer", "signer")
    return PermitApplication.objects.select_related(*related).prefetch_related("materials")


class ApplicationQueue(QueueView):
    title = gettext_lazy("Residence permit review")
    model = PermitApplication
    filterset_class = ApplicationFilter
    table_class = ApplicationTable
    template_name = "residents/permits/queue.html"
    page_actions = "residents/permits/_queue_actions.html"
    bulk_actions = "residents/permits/_bulk_actions.html"
    current: PermitApplication | None = None

    @property
    def keys(self) -> list[str]:
        return queues.piles_of(self.request.user)

    @property
    def tab(self) -> str:
        asked = self.request.GET.get(self.tab_parameter, "")
        return asked if asked in self.keys else self.keys[0]

    @property
    def bulk_url(self) -> str:  # type: ignore[override]
        deciding = self.tab in {queues.REVIEW, queues.SIGN}
        return reverse("residents:application_bulk") if deciding else ""

    def tab_rows(self, rows: Any, key: str) -> Any:
        return rows.filter(queues.pile(key, self.request.user, clock.today()))

    def get_queryset(self) -> Any:
        return self.tab_rows(file_rows().restrict(self.request.user, "view"), self.tab)

    def get_tabs(self) -> list[dict[str, Any]]:
        return tab_items(self.request.user, self.tab)

    def get_table_data(self) -> Any:
        return self.object_list

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        shown = list(getattr(table.page, "object_list", table.rows))
        files = [row.record for row in shown]
        name_areas(files)
        access(
            actor=self.request.user,
            action="list",
            person_ids=[file.person_id for file in files],
            purpose="permit_queue",
        )
        if files:
            self.current = files[0]
            table.current = files[0].pk
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        whole = self.current is not None and not self.request.htmx
        return (
            context
            | (file_context(self.current, self.request.user) if whole and self.current else {})
            | {
                "file": self.current if whole else None,
                "step": self.tab,
                "may_take_in": can(self.request.user, PermitApplication, "accept"),
            }
        )

    def get_template_names(self) -> list[str]:
        return ScopedListView.get_template_names(self) if self.request.htmx else [self.template_name]


def tab_items(user: User, tab: str) -> list[dict[str, Any]]:
    keys = queues.piles_of(user)
    counts = queues.pile_counts(PermitApplication.objects.restrict(user, "view"), keys, user)
    return [
        {
            "label": TAB_WORDS[key][0],
            "tone": TAB_WORDS[key][1] if counts.get(key) else "",
            "url": f"?t={key}",
            "current": key == tab,
            "count": counts.get(key),
        }
        for key in keys
    ]


def name_areas(files: list[PermitApplication]) -> None:
    codes = {file.community_code for file in files}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    for file in files:
        file.area_name = names.get(file.community_code, file.community_code)  # type: ignore[attr-defined]


def file_context(file: PermitApplication, user: User) -> dict[str, Any]:
    """What preview and detail page show of a file."""
    lines = materials.check_list(file)
    papers = [
        {
            "label": line.label,
            "icon": paper_icon(line.handed_in or line.kinds),
            "received": line.received,
            "kinds": line.kinds,
        }
        for line in lines
    ]
    return {
        "file": file,
        "person": person_view(file.person, viewer=user),
        "clock": clock_words(file),
        "checks": dossier.checks_of(file),
        "papers": papers,
        "paper_count": (sum(line.received for line in lines), len(lines)),
        "life": dossier.life_of(file),
        "may": dossier.powers(file, user),
        "is_first": file.kind == ApplicationKind.FIRST,
        "returnable": [kind for line in lines for kind in (line.handed_in or line.kinds)],
        "reasons": refusal_reasons(),
    }


def paper_icon(kinds: tuple[ProofKind, ...]) -> str:
    return PAPER_ICONS.get(kinds[0], "file-text")


def refusal_reasons() -> list[str]:
    """Phrases that a reviewer can choose and add to."""
    return [
        _("The papers are false"),
        _("The job, dwelling or schooling is not lawful and stable"),
        _("The person does not live at the registered address"),
    ]


class ApplicationPreview(ScopedMixin, DetailView):
    """The pane beside the list."""

    model = PermitApplication
    action = "view"
    template_name = "residents/permits/_preview.html"
    context_object_name = "file"

    def get_queryset(self) -> Any:
        return file_rows().restrict(self.request.user, "view")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file: PermitApplication = self.object
        access(actor=self.request.user, action="open", person_ids=[file.person_id], purpose="permit_file")
        return super().get_context_data(**kwargs) | file_context(file, self.request.user)


class DecisionView(ScopedMixin, View):
    """One decision from the pane: the answer is the next file, without the row and with the way back (P6, P10)."""

    http_method_names = ["post"]
    model = PermitApplication
    action = "review"
    done = gettext_lazy("Reviewed: %(name)s")

    def decide(self, pk: int) -> PermitApplication:
        return decisions.review(application_id=pk, actor=self.request.user)

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(file_rows().restrict(request.user, self.action), pk=pk)
        try:
            self.decide(pk)
        except DomainError as error:
            return self.refused(file, error)
        name = person_view(file.person, viewer=request.user).name
        text = str(self.done) % {"name": name}
        undo = reverse("residents:application_undo", args=[pk])
        if not request.htmx:
            say(request, text, undo=undo)
            return redirect("residents:application_detail", pk=pk)
        response = self.next_file(pk)
        response["HX-Trigger"] = json.dumps({"toast": toast(text, undo=undo)})
        return response

    def refused(self, file: PermitApplication, error: DomainError) -> HttpResponse:
        """Somebody was quicker: the row is locked with their name. Any other reason is told and the file stays."""
        if not self.request.htmx:
            say(self.request, error.message, level="bad")
            return redirect("residents:application_detail", pk=file.pk)
        if error.code == "wrong_state":
            fresh = file_rows().get(pk=file.pk)
            name_areas([fresh])
            context = file_context(fresh, self.request.user) | {
                "locked_by": dossier.who_decided(fresh),
                "locked": True,
                "table": ApplicationTable([fresh], viewer=self.request.user),
            }
            return TemplateResponse(self.request, "residents/permits/_locked.html", context)
        response = HttpResponse(status=204)
        response["HX-Trigger"] = json.dumps({"toast": toast(error.message, level="bad")})
        return response

    def next_file(self, pk: int) -> HttpResponse:
        """The pile as the list shows it (its address is in HX-Current-URL), from the decided file on."""
        query = QueryDict(urlsplit(self.request.htmx.current_url or "").query)
        keys = queues.piles_of(self.request.user)
        tab = query.get("t", "") if query.get("t") in keys else keys[0]
        rows = file_rows().restrict(self.request.user, "view")
        pile = rows.filter(queues.pile(tab, self.request.user, clock.today())).exclude(pk=pk)
        waiting = ApplicationFilter(query, queryset=pile, user=self.request.user).qs.order_by("due_on", "pk")
        due = self.due_of(pk)
        following = waiting.filter(Q(due_on__gt=due) | Q(due_on=due, pk__gt=pk)).first() or waiting.first()
        context = {"done_pk": pk, "tabs": tab_items(self.request.user, tab), "file": following}
        if following is not None:
            context |= file_context(following, self.request.user)
        return render(self.request, "residents/permits/_next.html", context)

    def due_of(self, pk: int) -> Any:
        due = PermitApplication.objects.filter(pk=pk).values_list("due_on", flat=True).first()
        return due or clock.today()


class ReviewView(DecisionView):
    """Find a file in order."""


class SignView(DecisionView):
    action = "sign"
    done = gettext_lazy("Signed: the permit of %(name)s")

    def decide(self, pk: int) -> PermitApplication:
        return decisions.sign(application_id=pk, actor=self.request.user)


class ReturnView(DecisionView):
    done = gettext_lazy("Returned for completion: %(name)s")

    def decide(self, pk: int) -> PermitApplication:
        missing = self.request.POST.getlist("missing")
        return decisions.return_once(application_id=pk, missing=missing, actor=self.request.user)


class RejectView(DecisionView):
    done = gettext_lazy("Rejected: %(name)s")

    def decide(self, pk: int) -> PermitApplication:
        parts = [self.request.POST.get("phrase", ""), self.request.POST.get("reason", "").strip()]
        reason = "；".join(part for part in parts if part)[:300]
        return decisions.reject(application_id=pk, reason=reason, actor=self.request.user)


class UndoView(ScopedMixin, View):
    """The button in the toast."""

    http_method_names = ["post"]
    model = PermitApplication
    action = "review"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        get_object_or_404(PermitApplication.objects.restrict(request.user, "review"), pk=pk)
        try:
            decisions.undo_decision(application_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, _("The step was taken back"))
        return redirect("residents:application_detail", pk=pk)


class BulkDecision(ScopedMixin, View):
    """Ask for the job; its page shows how each file went."""

    http_method_names = ["post"]
    model = PermitApplication
    action = "review"

    def post(self, request: StaffRequest) -> HttpResponse:
        ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdigit()]
        step = request.POST.get("step", "")
        try:
            job = bulk.decide_many(ids=ids, step=step, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect("residents:application_queue")
        return redirect("residents:application_bulk_result", pk=job.pk)


class BulkResult(ScopedMixin, TemplateView):
    """Progress, then one line per file: done, or left alone and why."""

    model = PermitApplication
    action = "review"
    template_name = "residents/permits/bulk.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = Job.objects.filter(requested_by=self.request.user, kind="residents.decide_applications")
        job = get_object_or_404(mine, pk=kwargs["pk"])
        results = (job.cursor or {}).get("results", [])
        visible = file_rows().restrict(self.request.user, "view").filter(pk__in=[row["id"] for row in results])
        files = {file.pk: file for file in visible}
        lines = [{**row, "file": files.get(row["id"])} for row in results]
        for line in lines:
            line["person"] = person_view(line["file"].person, viewer=self.request.user) if line["file"] else None
        done = sum(line["done"] for line in lines)
        return super().get_context_data(**kwargs) | {
            "job": job,
            "lines": lines,
            "done": done,
            "left_alone": len(lines) - done,
        }

    def get_template_names(self) -> list[str]:
        return ["residents/permits/_bulk_result.html" if self.request.htmx else self.template_name]
