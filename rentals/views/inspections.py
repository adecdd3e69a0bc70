"""Inspections: the plan of the day by building, the checklist at the door for one thumb, and the papers."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.scoping import areas_for, can, scope_of
from portal.policy import codes
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedMixin, ServiceFormView, add_domain_error, say
from portal.vault.projection import left_out, project
from rentals.choices import Disposal, HazardClass, HazardLevel, HazardStatus, InspectionStatus
from rentals.forms.inspections import FindForm, FinishForm
from rentals.models import Hazard, HouseGrade, Inspection
from rentals.selectors import rental_at
from rentals.services.inspections import planning, rounds
from rentals.services.inspections.grading import ITEMS, grade_of_house
from rentals.services.inspections.people import inspectors_at
from rentals.tables.hazards import GRADE_TONES, HAZARD_TONES
from residents.models import Dwelling

UNPROCESSABLE = 422
CHECKLIST = "rentals/_checklist.html"
ALL = "all"
AREAS_OFFERED = 400
ROWS = Inspection.objects.select_related("dwelling", "inspector", "companion").defer(
    *left_out(Dwelling, prefix="dwelling__")
)
CLASS_OF = {"structure": HazardClass.BUILDING, "occupancy": HazardClass.ORDER, "lodging": HazardClass.NUISANCE}
"""What the form begins with, by the criterion of the item; anything else is fire."""


class PlanView(ScopedMixin, PageMixin, TemplateView):
    """My doors and those nobody has taken, house by house; whoever only looks sees everybody's."""

    model = Inspection
    action = "view"
    template_name = "rentals/inspections/plan.html"
    title = _("Inspections of rented homes")
    subtitle = _("Doors that are due by the grade of their house, in the order in which one walks.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, asked = self.request.user, self.request.GET.get("area", "")
        may_work = can(user, Inspection, "work")
        mine = may_work and self.request.GET.get("of", "") != ALL
        area = asked if asked.isdigit() else ""
        areas = areas_for(user, Inspection, "view").filter(level__in=[AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY])
        tail = f"&area={area}" if area else ""
        return super().get_context_data(**kwargs) | {
            "plan": planning.plan_of(user, mine=mine, area_code=area),
            "tabs": [
                {"label": _("Mine and free ones"), "url": f"?of=mine{tail}", "current": mine},
                {"label": _("Everybody's"), "url": f"?of={ALL}{tail}", "current": not mine},
            ],
            "whose": "mine" if mine else ALL,
            "area": area,
            "areas": list(areas.order_by("code").values_list("code", "name")[:AREAS_OFFERED]),
            "may_work": may_work,
            "may_see_hazards": can(user, Hazard, "view"),
            "may_see_grades": can(user, HouseGrade, "view"),
            "tones": GRADE_TONES,
        }


class MakeView(ScopedMixin, View):
    """On demand what happens every night: a new letting, a rule that changed today."""

    http_method_names = ["post"]
    model = Inspection
    action = "work"

    def post(self, request: StaffRequest) -> HttpResponse:
        made = planning.plan_inspections(day=clock.today(), actor=request.user)
        words = ngettext("%(count)s door was added to the plan.", "%(count)s doors were added to the plan.", made)
        say(request, words % {"count": made} if made else gettext("No further door is due."))
        return redirect("rentals:inspection_plan")


class OpenView(ScopedMixin, View):
    """Out of turn, from the page of a dwelling: a complaint, or somebody stands before the door."""

    http_method_names = ["post"]
    model = Inspection
    action = "work"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        doors = Dwelling.objects.standing().filter(scope_of(request.user, Inspection, "work").q())
        door = get_object_or_404(doors, pk=pk)
        try:
            row = planning.open_inspection(dwelling_id=door.pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect(door)
        return redirect(row)


class TakeView(ScopedMixin, View):
    http_method_names = ["post"]
    model = Inspection
    action = "work"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        try:
            taken = planning.take_house(inspection_id=row.pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            words = ngettext("%(count)s door is in your plan.", "%(count)s doors are in your plan.", taken)
            say(request, words % {"count": taken})
        return redirect("rentals:inspection_plan")


class InspectionView(ScopedMixin, View):
    """The checklist while it is open, the record afterwards."""

    model = Inspection
    action = "view"
    queryset = ROWS

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return inspection_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class WorkMixin(ScopedMixin):
    http_method_names = ["post"]
    model = Inspection
    action = "work"
    queryset = ROWS
    request: StaffRequest

    def row(self, pk: int) -> Inspection:
        row: Inspection = get_object_or_404(self.get_queryset(), pk=pk)
        return row


class MarkView(WorkMixin, View):
    """One tap: an item, or `rest` for all that have no answer yet."""

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row, outcome, item = self.row(pk), request.POST.get("outcome", ""), request.POST.get("item", "")
        try:
            if outcome == "rest":
                rounds.mark_rest(inspection_id=pk, actor=request.user)
            else:
                rounds.mark(inspection_id=pk, item=item, outcome=outcome, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect(row)
        if not request.htmx:
            return redirect(row)
        return render(request, CHECKLIST, context_of(self.row(pk), request))


class FinishView(WorkMixin, View):
    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = self.row(pk)
        form = FinishForm(request.POST, user=request.user, people=inspectors_at(row.area_code))
        if form.is_valid():
            try:
                done = rounds.finish(inspection_id=pk, actor=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                say(request, gettext("Inspected: %(number)s") % {"number": done.number})
                return redirect(done)
        return inspection_page(request, row, status=UNPROCESSABLE, finish_form=form)


class FindView(ServiceFormView):
    """A hazard at one item, on a page of its own: the camera and the keyboard need the room."""

    model = Inspection
    action = "work"
    form_class = FindForm
    submit_label = _("Save the hazard")
    success_message = _("Hazard noted: %(row)s")
    row_of: Inspection
    item = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and can(request.user, self.model, self.action):
            rows = ROWS.restrict(request.user, "work").filter(status=InspectionStatus.OPEN)
            self.row_of = get_object_or_404(rows, pk=kwargs["pk"])
            self.item = kwargs["item"]
            if self.item not in dict(rounds.items_at(self.row_of.dwelling)):
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_title(self) -> str:
        return codes.label(ITEMS, self.item)

    def get_subtitle(self) -> str:
        return str(self.row_of.dwelling.address)

    def get_initial(self) -> dict[str, Any]:
        return {
            "hazard_class": CLASS_OF.get(codes.bucket(ITEMS, self.item), HazardClass.FIRE),
            "level": HazardLevel.ORDINARY,
            "disposal": Disposal.DEADLINE,
        }

    def run(self, **cleaned: Any) -> Hazard:
        photos = cleaned.pop("photos")
        given = rounds.Found(item=self.item, **cleaned)
        return rounds.find(inspection_id=self.row_of.pk, given=given, photos=photos, actor=self.request.user)

    def get_success_url(self) -> str:
        return f"{self.row_of.get_absolute_url()}#i{self.item}"

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Inspections of rented homes"), reverse("rentals:inspection_plan"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": self.row_of.get_absolute_url()}


class Paper(ScopedMixin, TemplateView):
    """A finished inspection on paper."""

    model = Inspection
    action = "view"
    queryset = ROWS

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.get_queryset().filter(status=InspectionStatus.DONE)
        row = get_object_or_404(rows, pk=kwargs["pk"])
        found = hazards_of(row)
        rental = rental_at(row.dwelling, self.request.user)
        return super().get_context_data(**kwargs) | {
            "row": row,
            "landlord": project(rental, viewer=self.request.user)["landlord_name"] if rental else "",
            "hazards": found,
            "to_mend": [one for one in found if one["row"].disposal == Disposal.DEADLINE],
            "items": checklist_of(row, found),
            "basis": rule("hazard.mend_ordinary_days", area_code=row.area_code).basis,
            "printed_at": clock.now(),
        }


class Notice(Paper):
    """巡查告知单: what was looked at and what was found."""

    template_name = "rentals/inspections/notice.html"


class Rectification(Paper):
    """限期整改通知书: only what has to be mended by a day."""

    template_name = "rentals/inspections/rectification.html"


def inspection_page(request: StaffRequest, row: Inspection, *, status: int = 200, **forms: Any) -> HttpResponse:
    return render(request, "rentals/inspections/inspection.html", context_of(row, request) | forms, status=status)


def context_of(row: Inspection, request: StaffRequest) -> dict[str, Any]:
    user, found = request.user, hazards_of(row)
    items = checklist_of(row, found)
    is_open = row.status == InspectionStatus.OPEN
    may_work = is_open and can(user, Inspection, "work", at=row.area_code)
    people = [one for one in inspectors_at(row.area_code) if one.pk != (row.inspector_id or user.pk)]
    earlier = Hazard.objects.restrict(user, "view").unmended().filter(dwelling=row.dwelling_id).exclude(inspection=row)
    return {
        "title": row.dwelling.address,
        "crumbs": [(gettext("Inspections of rented homes"), reverse("rentals:inspection_plan"))],
        "row": row,
        "is_open": is_open,
        "may_work": may_work,
        "items": items,
        "answered": sum(1 for one in items if one["answer"]),
        "earlier": [(one, codes.label(ITEMS, one.item)) for one in earlier],
        "tone": GRADE_TONES[row.grade],
        "needed": rounds.inspectors_needed(row),
        "house": grade_of_house(row.dwelling) if can(user, HouseGrade, "view", at=row.area_code) else None,
        "door_url": row.dwelling.get_absolute_url() if can(user, Dwelling, "view", at=row.area_code) else "",
        "to_mend": any(one["row"].disposal == Disposal.DEADLINE for one in found),
        "finish_form": FinishForm(user=user, people=people, initial={"version": row.version}) if may_work else None,
    }


def hazards_of(row: Inspection) -> list[dict[str, Any]]:
    return [
        {"row": one, "label": codes.label(ITEMS, one.item), "tone": HAZARD_TONES[HazardStatus(one.status)]}
        for one in row.hazards.order_by("item")
    ]


def checklist_of(row: Inspection, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items in use, and those answered that are in use no longer; `answer` is passed, skipped, hazard or nothing."""
    hazards = {one["row"].item: one["row"] for one in found}
    in_use = dict(rounds.items_at(row.dwelling))
    known = [code for code in codes.items(ITEMS) if code in {*in_use, *row.passed, *row.skipped, *hazards}]
    return [
        {
            "code": code,
            "label": codes.label(ITEMS, code),
            "hazard": hazards.get(code),
            "answer": "hazard"
            if code in hazards
            else "passed"
            if code in row.passed
            else "skipped"
            if code in row.skipped
            else "",
        }
        for code in known
        if code in in_use or row.status != InspectionStatus.OPEN
    ]
