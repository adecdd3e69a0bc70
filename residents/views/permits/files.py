"""The window: who applies, may they, which papers; then the file, its receipt and its notice (pages 21 and 23)."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, TemplateView, View

from portal.audit.services import access
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.services import area_path
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedMixin, ServiceActionView, add_domain_error, say
from residents.choices import ApplicationKind, Ground, PermitStatus, ProofKind
from residents.forms.permits import ApplicationForm, FindPersonForm, PapersForm
from residents.models import Permit, PermitApplication, Person
from residents.services.identity import document_index
from residents.services.permits import applications, dossier, materials
from residents.services.permits.eligibility import Eligibility, eligibility
from residents.services.permits.face import issuing_organ
from residents.services.prints import sheet_printed
from residents.services.projection import person_view, reveal
from residents.views.minors import has_to_say_why
from residents.views.people import revealed
from residents.views.permits.evidence import evidence_context
from residents.views.permits.queue import file_context, file_rows

HITS = 8
SHORTEST_NUMBER = 8
STATION_DIGITS = 12


class ApplicationNew(ScopedMixin, PageMixin, TemplateView):
    """Without `?person=` the search; with it eligibility first, then the papers."""

    model = PermitApplication
    action = "accept"
    title = gettext_lazy("Take in an application")
    template_name = "residents/permits/new.html"

    def get_crumbs(self) -> Any:
        return [(_("Residence permit review"), reverse("residents:application_queue"))]

    def person(self) -> Person | None:
        asked = self.request.GET.get("person", "")
        if not asked.isdigit():
            return None
        return get_object_or_404(Person.objects.restrict(self.request.user, "view"), pk=int(asked))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        person = kwargs.get("person") or self.person()
        if person is None:
            return context | {"find": kwargs.get("find") or FindPersonForm(user=self.request.user), "step": 1}
        access(actor=self.request.user, action="open", person_ids=[person.pk], purpose="permit_application")
        case = kwargs.get("case") or Case(person, self.request.GET.get("kind", ""), self.request.GET.get("ground", ""))
        form = kwargs.get("form") or case.form(user=self.request.user)
        return context | {
            "person": person_view(person, viewer=self.request.user),
            "case": case,
            "found": case.found,
            "form": form,
            "chosen": set(form["papers"].value() or []),
            "step": 2,
        }

    def post(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = self.person()
        return self.find(request) if person is None else self.take_in(request, person)

    def find(self, request: StaffRequest) -> HttpResponse:
        """Exact by number, by part of the name otherwise; only people of the searcher's areas."""
        form = FindPersonForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(find=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
        text = form.cleaned_data["q"].strip()
        hits = find_people(text, request)
        access(actor=request.user, action="search", person_ids=[hit.pk for hit in hits], purpose="permit", query=text)
        if len(hits) == 1:
            return redirect(f"{request.path}?person={hits[0].pk}")
        shown = [person_view(hit, viewer=request.user) for hit in hits]
        return self.render_to_response(self.get_context_data(find=form, hits=shown, searched=True))

    def take_in(self, request: StaffRequest, person: Person) -> HttpResponse:
        case = Case(person, request.POST.get("kind", ""), request.POST.get("ground", ""))
        form = case.form(request.POST, user=request.user)
        if form.is_valid():
            try:
                file = applications.apply(
                    person_id=person.pk,
                    ground=case.ground,
                    kind=case.kind,
                    papers=form.cleaned_data["papers"],
                    agent=form.agent,
                    fee=form.cleaned_data.get("fee") or Decimal(0),
                    actor=request.user,
                )
            except DomainError as error:
                add_domain_error(form, error)
            else:
                say(request, taken_in_words(file))
                return redirect(file)
        context = self.get_context_data(person=person, case=case, form=form)
        return self.render_to_response(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


class Case:
    """What can be asked for this person: a first permit, or a new card for the permit they hold."""

    def __init__(self, person: Person, kind: str, ground: str) -> None:
        self.pk = person.pk
        self.found: Eligibility = eligibility(person, clock.today())
        living = Permit.objects.filter(person=person, valid_until=None).exclude(status=PermitStatus.TERMINATED)
        self.permit = living.first()
        replacements = [ApplicationKind.LOST, ApplicationKind.DAMAGED]
        self.kinds = replacements if self.permit else [ApplicationKind.FIRST]
        self.kind = kind if kind in self.kinds else str(self.kinds[0])
        self.grounds = self.found.grounds or (str(Ground.DWELLING),)
        first = self.grounds[0]
        self.ground = self.permit.ground if self.permit else (ground if ground in Ground.values else first)

    @property
    def is_possible(self) -> bool:
        return bool(self.permit) or self.found.eligible

    @property
    def checks(self) -> list[dict[str, Any]]:
        return [
            {
                "label": check.label,
                "state": "ok" if check.passed else ("bad" if check.blocking else "warn"),
                "note": check.detail,
            }
            for check in self.found.checks
        ]

    def kind_items(self) -> list[dict[str, Any]]:
        return [
            {"label": kind.label, "url": f"?person={self.pk}&kind={kind}", "current": kind == self.kind}
            for kind in self.kinds
        ]

    def ground_items(self) -> list[dict[str, Any]]:
        return [
            {
                "label": ground.label,
                "url": f"?person={self.pk}&ground={ground}",
                "current": ground == self.ground,
            }
            for ground in Ground
        ]

    def form(self, *args: Any, user: Any) -> ApplicationForm:
        return ApplicationForm(*args, user=user, kind=self.kind, ground=self.ground, by_guardian=self.found.by_guardian)


def find_people(text: str, request: StaffRequest) -> list[Person]:
    rows = Person.objects.restrict(request.user, "view")
    if sum(letter.isdigit() for letter in text) >= SHORTEST_NUMBER:
        return list(rows.filter(document_index=document_index(text)))
    return list(rows.name_contains(text).order_by("name", "-updated_at")[:HITS])


def taken_in_words(file: PermitApplication) -> str:
    if file.due_on:
        words = _("Accepted under %(number)s, due %(day)s. Please hand over the receipt.")
        return words % {"number": file.number, "day": file.due_on.isoformat()}
    return _("File %(number)s lacks papers. Please hand over the one-time notice.") % {"number": file.number}


class ApplicationDetail(ScopedMixin, PageMixin, DetailView):
    model = PermitApplication
    action = "view"
    template_name = "residents/permits/detail.html"
    context_object_name = "file"

    def get_queryset(self) -> Any:
        return file_rows().restrict(self.request.user, "view").select_related("permit")

    def get_title(self) -> str:
        return _("File %(number)s") % {"number": self.object.number}

    def get_crumbs(self) -> Any:
        return [(_("Residence permit review"), reverse("residents:application_queue"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file: PermitApplication = self.object
        access(actor=self.request.user, action="open", person_ids=[file.person_id], purpose="permit_file")
        context = super().get_context_data(**kwargs) | file_context(file, self.request.user)
        context |= evidence_context(file, self.request.user)
        missing = [kind for line in materials.check_list(file) if not line.received for kind in line.kinds]
        noticed = [ProofKind(kind) for kind in file.notice_items]
        return context | {
            "missing": missing or noticed,
            "form": kwargs.get("form") or PapersForm(user=self.request.user),
            "station": area_path(file.area_code[:STATION_DIGITS]),
            "stages": [_("Submitted"), _("Accepted"), _("Reviewed"), _("Signed"), _("Handed over")],
            "stage": {"returned": 2, "accepted": 3, "reviewed": 4, "issued": 5, "delivered": 6}.get(file.status, 0),
        }


class Complete(ScopedMixin, View):
    """The rest of the papers has been brought."""

    http_method_names = ["post"]
    model = PermitApplication
    action = "accept"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(PermitApplication.objects.restrict(request.user, "accept"), pk=pk)
        form = PapersForm(request.POST, user=request.user)
        papers = form.cleaned_data["papers"] if form.is_valid() else []
        try:
            file = applications.complete(application_id=pk, papers=papers, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, taken_in_words(file))
        return redirect(file)


class Deliver(ServiceActionView):
    model = PermitApplication
    action = "deliver"
    success_message = gettext_lazy("The permit was handed over")

    def run(self, pk: int) -> PermitApplication:
        return applications.deliver(application_id=pk, actor=self.request.user)


class Withdraw(ServiceActionView):
    model = PermitApplication
    action = "withdraw"
    success_message = gettext_lazy("The application was withdrawn")

    def run(self, pk: int) -> PermitApplication:
        reason = self.request.POST.get("reason", "").strip()[:300]
        return applications.withdraw(application_id=pk, reason=reason, actor=self.request.user)


class RevealNumber(ScopedMixin, View):
    """The full ID number of the applicant for a minute; the service writes the access row first."""

    http_method_names = ["post"]
    model = PermitApplication
    action = "view"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        file = get_object_or_404(PermitApplication.objects.restrict(request.user, "view"), pk=pk)
        if not person_view(file.person, viewer=request.user).may_reveal:
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
        if has_to_say_why(request, file.person):
            words = _("Please open the person's file first and say why: it is the file of a child.")
            return HttpResponse(words, status=HTTPStatus.UNPROCESSABLE_ENTITY, content_type="text/plain")
        try:
            value = reveal(person_id=file.person_id, field="document_number", reason_code="permit", actor=request.user)
        except DomainError as error:
            return HttpResponse(error.message, status=HTTPStatus.TOO_MANY_REQUESTS, content_type="text/plain")
        return revealed(value, request.user)


class PrintedFile(ScopedMixin, DetailView):
    """A sheet for the applicant. The number on it is masked: the applicant knows it."""

    model = PermitApplication
    action = "view"
    purpose = ""

    def get_queryset(self) -> Any:
        return file_rows().restrict(self.request.user, "view")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file: PermitApplication = self.object
        sheet_printed(purpose=self.purpose, people=[file.person_id], number=file.number, actor=self.request.user)
        return super().get_context_data(**kwargs) | {
            "file": file,
            "person": person_view(file.person, viewer=self.request.user),
            "papers": materials.check_list(file),
            "noticed": materials.words(file.notice_items),
            "station": area_path(file.area_code[:STATION_DIGITS]),
            "organ": issuing_organ(),
            "printed_at": clock.now(),
            "relation": dossier.relation_word(file),
        }


class Receipt(PrintedFile):
    template_name = "residents/permits/receipt.html"
    purpose = "permit_receipt"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(accepted_at__isnull=False)


class OneTimeNotice(PrintedFile):
    template_name = "residents/permits/notice.html"
    purpose = "permit_notice"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(notice_issued_on__isnull=False)
