"""Reports of landlords, managers and brokers: the queue, one report with what is on file, and those who report late."""

from typing import Any

from django.db.models import Count, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.core.errors import DomainError
from portal.org.scoping import can
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.templatetags import ui as tags
from portal.ui.views import ScopedListView, ScopedMixin, ServiceFormView, add_domain_error, say
from portal.vault.projection import left_out, project
from rentals.filters.reports import DutyBearerFilter, ReferralFilter, ReportFilter
from rentals.forms.reports import DoorForm, LeftForm, LinkForm, ReferralForm, UntrueForm
from rentals.models import PenaltyReferral, TenancyReport
from rentals.report_choices import FOUND_TRUE, ReportKind, ReportStatus
from rentals.services.reports import decisions, referrals
from rentals.services.reports.matching import people_like, stays_at_the_door
from rentals.tables.reports import TONES, DutyBearerTable, ReferralTable, ReportTable, place_of
from rentals.views.common import PileList, Step, StepView, area_names
from residents.choices import RegistrationStatus
from residents.forms.people import VersionedForm
from residents.models import Dwelling, Registration
from residents.services.projection import person_view
from residents.tables.reasons import told_reasons

IN, OUT, DONE, UNTRUE = "in", "out", "done", "untrue"
WAITING = Q(status=ReportStatus.WAITING)
REPORTS = TenancyReport.objects.select_related("dwelling", "decided_by", "registration", "referral")
CRUMB = (_("Reports of landlords"), "rentals:report_list")


def crumbs() -> list[tuple[Any, str]]:
    return [(CRUMB[0], reverse(CRUMB[1]))]


class ReportList(PileList):
    title = _("Reports of landlords")
    subtitle = _("Who moved in or out, as landlords, property managers and brokers said. A lead until somebody looked.")
    model = TenancyReport
    filterset_class = ReportFilter
    table_class = ReportTable
    page_actions = "rentals/reports/_list_actions.html"
    piles = (
        (IN, ReportKind.MOVED_IN.label, "warn", WAITING & Q(kind=ReportKind.MOVED_IN)),
        (OUT, ReportKind.MOVED_OUT.label, "warn", WAITING & Q(kind=ReportKind.MOVED_OUT)),
        (DONE, _("Found true"), "", Q(status__in=FOUND_TRUE)),
        (UNTRUE, ReportStatus.UNTRUE.label, "", Q(status=ReportStatus.UNTRUE)),
    )
    standing = DONE

    def get_queryset(self) -> Any:
        rows = self.pile(super().get_queryset()).select_related("dwelling")
        order = ("due_on", "pk") if self.tab in (IN, OUT) else ("-updated_at", "-pk")
        return rows.defer(*left_out(TenancyReport), *left_out(Dwelling, prefix="dwelling__")).order_by(*order)


class ReportDetail(ScopedMixin, View):
    model = TenancyReport
    action = "view"
    queryset = REPORTS

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return report_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class ReportStep(StepView):
    """One answer: `name` is door, link, left or untrue."""

    model = TenancyReport
    queryset = REPORTS
    keyword = "report_id"
    steps: dict[str, Step] = {
        "door": (
            "review",
            "door_form",
            DoorForm,
            lambda dwelling, **rest: decisions.find_door(dwelling_id=dwelling, **rest),
            _("The address is found: %(number)s"),
        ),
        "link": ("review", "", LinkForm, decisions.link_stay, _("Found true, registered already: %(number)s")),
        "left": ("review", "left_form", LeftForm, decisions.end_stay, _("The stay has ended: %(number)s")),
        "untrue": ("review", "untrue_form", UntrueForm, decisions.say_untrue, _("Found not true: %(number)s")),
    }

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        return report_page(self.request, row, status=status, **forms)


class ReportArrival(ScopedMixin, View):
    """To the arrival form with everything that was reported; saving it settles the report."""

    http_method_names = ["post"]
    model = TenancyReport
    action = "review"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        form = VersionedForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                draft = decisions.begin_arrival(report_id=pk, actor=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                return redirect(f"{reverse('residents:arrival_new')}?draft={draft.pk}")
        told = " ".join(str(one) for one in form.non_field_errors())
        say(request, told or gettext("Please reload the page."), level="bad")
        return redirect(row.get_absolute_url())


class ReportPhone(ScopedMixin, View):
    """The reporter's number as plain text, for as long as the button shows it; the log keeps who looked."""

    http_method_names = ["post"]
    model = TenancyReport
    action = "review"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        number = decisions.phone_of(report_id=row.pk, actor=request.user)
        headers = {"X-Visible-Seconds": f"{rule('reveal.visible_seconds').value:.0f}", "Cache-Control": "no-store"}
        return HttpResponse(number, content_type="text/plain; charset=utf-8", headers=headers)


def report_page(request: StaffRequest, row: TenancyReport, *, status: int = 200, **forms: Any) -> HttpResponse:
    user = request.user
    waiting = row.status == ReportStatus.WAITING
    may_review = waiting and can(user, TenancyReport, "review", at=row.area_code)
    moved_in = row.kind == ReportKind.MOVED_IN
    sees_people = can(user, Registration, "view", at=row.area_code)
    version = {"version": row.version}
    context = {
        "title": place_of(row) if row.dwelling else gettext("Address still to be found"),
        "subtitle": f"{row.get_kind_display()} · {row.number}",
        "crumbs": [(str(label), url) for label, url in crumbs()],
        "row": row,
        "tone": TONES[row.status],
        "facts": facts_of(row, user),
        "reporter": reporter_of(row, user),
        "may_review": may_review,
        "may_arrive": may_review and moved_in and row.dwelling_id and can(user, Registration, "add", at=row.area_code),
        "reporter_phone": project(row, viewer=user)["reporter_phone"],
        "may_refer": row.late_days and row.status in FOUND_TRUE and can(user, TenancyReport, "refer", at=row.area_code),
        "hits": likely(row, user) if may_review and sees_people else [],
        "stays": at_the_door(row, user) if may_review and sees_people else [],
        "moved_in": moved_in,
        "door_url": row.dwelling.get_absolute_url()
        if row.dwelling and can(user, Dwelling, "view", at=row.area_code)
        else "",
        "door_form": DoorForm(initial=version, user=user),
        "left_form": LeftForm(initial=version | {"reason": "01"}, user=user),
        "untrue_form": UntrueForm(initial=version, user=user),
    }
    return render(request, "rentals/reports/detail.html", context | forms, status=status)


def likely(row: TenancyReport, user: Any) -> list[dict[str, Any]]:
    active = RegistrationStatus.ACTIVE.label
    return [
        {"hit": hit, "active": hit.status == active, "why": told_reasons(hit.reasons)} for hit in people_like(row, user)
    ]


def at_the_door(row: TenancyReport, user: Any) -> list[dict[str, Any]]:
    return [
        {"stay": hit.stay, "person": person_view(hit.stay.person, viewer=user), "why": told_reasons(hit.reasons)}
        for hit in stays_at_the_door(row, user)
    ]


def facts_of(row: TenancyReport, viewer: Any) -> list[tuple[Any, Any]]:
    told = project(row, viewer=viewer)
    facts = [
        (_("Tenant"), told["name"]),
        (_("Document number"), told["document_number"]),
        (_("Phone"), told["phone"]),
        (_("Room"), row.room),
        (_("Moved on"), tags.day(row.happened_on)),
        (_("Decided on"), f"{tags.day(row.decided_on)} {row.decided_by}" if row.decided_on else ""),
        (_("Why it is not true"), told["answer"]),
        (_("Referred for a penalty"), row.referral.number if row.referral else ""),
    ]
    return [(label, value) for label, value in facts if value]


def reporter_of(row: TenancyReport, viewer: Any) -> list[tuple[Any, Any]]:
    told = project(row, viewer=viewer)
    late = gettext("%(days)s working days late") % {"days": row.late_days} if row.late_days else gettext("in time")
    how = gettext("phone confirmed by a code") if row.confirmed else gettext("by the plate, phone not confirmed")
    facts = [
        (_("Reported by"), f"{told['reporter_name']} · {row.get_reporter_kind_display()}"),
        (_("How"), how),
        (_("Clock counts from"), tags.day(row.counted_from)),
        (_("Due on"), tags.day(row.due_on)),
        (_("Reported on"), f"{tags.day(row.reported_on)} · {late}"),
    ]
    return [(label, value) for label, value in facts if value]


class DutyBearerList(ScopedListView):
    """Counted over the reports of one's own areas; a duty-bearer is a phone that was confirmed."""

    title = _("Late reports by duty-bearer")
    subtitle = _("Only reports that were found true and came from a confirmed phone count.")
    model = TenancyReport
    filterset_class = DutyBearerFilter
    table_class = DutyBearerTable

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        newest = rows.late().order_by("reporter_index", "-reported_on", "-pk").distinct("reporter_index").values("pk")
        same = rows.filter(reporter_index=OuterRef("reporter_index")).order_by()
        true = same.filter(status__in=FOUND_TRUE, confirmed=True)
        found = rows.filter(pk__in=newest).annotate(
            true_count=counted(true),
            late_count=counted(same.late()),
            open_count=counted(same.late().filter(referral=None)),
            worst_days=Subquery(
                same.late().values("reporter_index").annotate(n=Max("late_days")).values("n"),
                output_field=IntegerField(),
            ),
        )
        return found.order_by("-late_count", "-reported_on", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.areas = area_names([row.record for row in table.paginated_rows])
        table.may_refer = can(self.request.user, TenancyReport, "refer")
        return table

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return crumbs()


def counted(rows: Any) -> Coalesce:
    numbers = rows.values("reporter_index").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)


class PenaltyNew(ServiceFormView):
    """Opened from a late report; it takes all open ones of the same duty-bearer."""

    title = _("Refer late reports")
    subtitle = _("A record for those who may fine. Nothing is fined here.")
    model = TenancyReport
    action = "refer"
    form_class = ReferralForm
    submit_label = _("Refer")
    success_message = _("Referred: %(row)s")
    report: TenancyReport

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and can(request.user, self.model, self.action):
            self.report = get_object_or_404(self.get_queryset().late(), pk=kwargs["pk"])  # type: ignore[attr-defined]
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {
            "basis": referrals.legal_basis(self.report.area_code),
            "evidence": referrals.evidence_of(self.report, self.request.user),
        }

    def run(self, **cleaned: Any) -> PenaltyReferral:
        return referrals.refer(report_id=self.report.pk, actor=self.request.user, **cleaned)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*crumbs(), (_("Late reports by duty-bearer"), reverse("rentals:duty_bearers"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("rentals:duty_bearers")}


class PenaltyList(ScopedListView):
    title = _("Referrals for a penalty")
    subtitle = _("Late reports handed to those who decide.")
    model = PenaltyReferral
    filterset_class = ReferralFilter
    table_class = ReferralTable

    def get_queryset(self) -> Any:
        return super().get_queryset().order_by("-created_at", "-pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.areas = area_names([row.record for row in table.paginated_rows])
        return table

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return crumbs()


class PenaltyDetail(ScopedMixin, TemplateView):
    model = PenaltyReferral
    action = "view"
    template_name = "rentals/reports/referral.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(self.get_queryset().select_related("sent_by"), pk=kwargs["pk"])
        told = project(row, viewer=self.request.user)
        reports = TenancyReport.objects.restrict(self.request.user, "view").filter(referral=row)
        return super().get_context_data(**kwargs) | {
            "title": row.number,
            "subtitle": f"{told['reporter_name']} · {row.get_reporter_kind_display()}",
            "crumbs": [*crumbs(), (gettext("Referrals for a penalty"), reverse("rentals:penalty_list"))],
            "row": row,
            "facts": [
                (_("Legal basis"), told["basis"]),
                (_("Handed over to"), told["sent_to"]),
                (_("Notified on"), tags.day(row.notified_on)),
                (_("Referred on"), f"{tags.day(row.created_at)} {row.sent_by}"),
            ],
            "told": told,
            "reports": list(reports.order_by("reported_on", "pk")),
        }
