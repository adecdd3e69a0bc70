"""The grades of houses, each explained criterion by criterion, and appeals against them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.scoping import can
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.views import ScopedListView, ScopedMixin, add_domain_error, say
from portal.vault.projection import left_out, project
from rentals.choices import AppealStatus, Criterion
from rentals.filters.hazards import GradeFilter
from rentals.forms.inspections import AppealForm, DecideForm
from rentals.models import HouseGrade
from rentals.services.inspections import appeals
from rentals.services.inspections.grading import DANGEROUS, DOUBT, OPEN, PAST, holds
from rentals.tables.hazards import GRADE_TONES, GradeTable, criterion_name, house_name
from rentals.views.common import area_names
from residents.models import Dwelling

UNPROCESSABLE = 422
HOUSES = HouseGrade.objects.select_related("building", "dwelling").defer(*left_out(Dwelling, prefix="dwelling__"))
APPEAL_TONES: dict[str, str] = {AppealStatus.OPEN: "warn", AppealStatus.GRANTED: "ok", AppealStatus.REFUSED: ""}
DOUBTS: dict[str, Any] = {
    Criterion.FIRE: _("lettings without a clear fire passage or a safety exit: %(count)s"),
    Criterion.STRUCTURE: _("lettings in a house built without a permit: %(count)s"),
    Criterion.OCCUPANCY: _("dwellings with more people than the limit: %(count)s"),
    Criterion.GAS: _("lettings with bottled gas: %(count)s"),
}


class GradeList(ScopedListView):
    title = _("Hazard grades of houses")
    subtitle = _("By fire, structure, occupancy, wiring, gas and past hazards. Never by who lives there.")
    model = HouseGrade
    filterset_class = GradeFilter
    table_class = GradeTable

    def get_queryset(self) -> Any:
        rows = super().get_queryset().select_related("building", "dwelling")
        return rows.defer(*left_out(Dwelling, prefix="dwelling__")).order_by("-points", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.areas = area_names([row.record for row in table.paginated_rows])
        return table

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Inspections of rented homes"), reverse("rentals:inspection_plan"))]


class GradeDetail(ScopedMixin, View):
    model = HouseGrade
    action = "view"
    queryset = HOUSES

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return grade_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class AppealView(ScopedMixin, View):
    http_method_names = ["post"]
    model = HouseGrade
    action = "record"
    queryset = HOUSES

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        form = AppealForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                made = appeals.appeal(house_id=pk, actor=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                words = gettext("The appeal is written down; it is decided by %(day)s.")
                say(request, words % {"day": made.due_on.isoformat()})
                return redirect(row)
        return grade_page(request, row, status=UNPROCESSABLE, appeal_form=form)


class DecideView(ScopedMixin, View):
    """The open appeal against the grade of a house."""

    http_method_names = ["post"]
    model = HouseGrade
    action = "review"
    queryset = HOUSES

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        waiting = get_object_or_404(row.appeals, status=AppealStatus.OPEN)
        form = DecideForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                appeals.decide(appeal_id=waiting.pk, actor=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                say(request, gettext("The appeal is decided."))
                return redirect(row)
        return grade_page(request, row, status=UNPROCESSABLE, decide_form=form)


def grade_page(request: StaffRequest, row: HouseGrade, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, today = request.user, clock.today()
    found = list(row.appeals.select_related("decided_by", "recorded_by"))
    waiting = next((one for one in found if one.status == AppealStatus.OPEN), None)
    grade = holds(row, today)
    basis = rule("house_grade.points_fire", area_code=row.area_code)
    context = {
        "title": house_name(row),
        "subtitle": gettext("Hazard grade of the house"),
        "crumbs": [(gettext("Hazard grades of houses"), reverse("rentals:grade_list"))],
        "row": row,
        "grade": grade.label,
        "tone": GRADE_TONES[grade],
        "is_set": bool(row.set_until and row.set_until >= today),
        "factors": [factor_of(one) for one in row.factors],
        "cycle": rule(f"inspection.cycle_{grade}_days", area_code=row.area_code).value,
        "thresholds": [rule(f"house_grade.{name}_from", area_code=row.area_code).value for name in ("medium", "high")],
        "basis": basis,
        "appeals": [(one, project(one, viewer=user), APPEAL_TONES[one.status]) for one in found],
        "may_appeal": waiting is None and can(user, HouseGrade, "record", at=row.area_code),
        "may_decide": waiting is not None
        and waiting.recorded_by_id != user.pk
        and can(user, HouseGrade, "review", at=row.area_code),
        "appeal_form": AppealForm(),
        "decide_form": DecideForm(initial={"version": waiting.version}) if waiting else None,
    }
    return render(request, "rentals/inspections/grade.html", context | forms, status=status)


def factor_of(factor: dict[str, Any]) -> dict[str, Any]:
    """One criterion with its reason in words."""
    count, criterion = factor["count"], factor["criterion"]
    words = {
        OPEN: ngettext("%(count)s hazard not mended yet", "%(count)s hazards not mended yet", count),
        PAST: ngettext("%(count)s hazard mended within a year", "%(count)s hazards mended within a year", count),
        DANGEROUS: gettext("a house of a grade of danger that must not be let"),
        DOUBT: str(DOUBTS.get(criterion, "")),
    }
    why = words[factor["why"]] % {"count": count} if factor["why"] else gettext("nothing found in the house")
    return factor | {"name": criterion_name(factor), "why_words": why}
