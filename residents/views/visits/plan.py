"""The plan of the day, the sheet to take along, and what is done to a task without knocking."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import AreaLevel
from portal.org.scoping import areas_for, can
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedMixin, ServiceActionView, ServiceFormView, say
from residents.forms.visits import AssignForm, PostponeForm
from residents.models import Dwelling, VisitTask
from residents.services.projection import person_view
from residents.services.visits import tasks
from residents.services.visits.anomalies import verified_in
from residents.services.visits.answerable import workers_at
from residents.services.visits.planning import make_tasks, open_task
from residents.services.visits.route import EVERYBODY, FREE, MINE, WHOSE, Plan, door_name, plan_of, residents_at

LABELS = {MINE: _("My round"), FREE: _("Nobody's yet"), EVERYBODY: _("Everybody's")}
AREAS_OFFERED = 400


class PlanMixin(ScopedMixin):
    model = VisitTask
    action = "view"

    @property
    def whose(self) -> str:
        asked = self.request.GET.get("of", "")
        return asked if asked in WHOSE else (MINE if can(self.request.user, VisitTask, "work") else EVERYBODY)

    @property
    def area(self) -> str:
        asked = self.request.GET.get("area", "")
        return asked if asked.isdigit() else ""

    def plan(self) -> Plan:
        return plan_of(self.request.user, whose=self.whose, area_code=self.area)


class PlanView(PlanMixin, PageMixin, TemplateView):
    template_name = "residents/visits/plan.html"
    title = _("Visits of the day")
    subtitle = _("Doors that are due, in the order in which one walks. One knock serves every department.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer, whose, area = self.request.user, self.whose, self.area
        areas = areas_for(viewer, VisitTask, "view").filter(level__in=[AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY])
        tabs = [
            {"label": label, "url": f"?of={key}" + (f"&area={area}" if area else ""), "current": key == whose}
            for key, label in LABELS.items()
        ]
        return super().get_context_data(**kwargs) | {
            "plan": self.plan(),
            "tabs": tabs,
            "whose": whose,
            "area": area,
            "areas": list(areas.order_by("code").values_list("code", "name")[:AREAS_OFFERED]),
            "verified": verified_in(viewer, area),
            "may_work": can(viewer, VisitTask, "work"),
            "may_assign": can(viewer, VisitTask, "assign"),
            "today": clock.today(),
        }


class SheetView(PlanMixin, View):
    """走访清单: what one takes along on paper. Names stand on it, so printing is recorded."""

    def get(self, request: StaffRequest) -> HttpResponse:
        plan = self.plan()
        doors = [stop.task.dwelling_id for building in plan.buildings for stop in building.stops]
        people = residents_at(doors, request.user)
        shown = [stay.person_id for stays in people.values() for stay in stays]
        audit.access(actor=request.user, action="print", person_ids=shown, purpose="visit_sheet")
        buildings = [
            (
                building.title,
                [
                    (stop, door_name(stop.task.dwelling), self._lines(people.get(stop.task.dwelling_id, [])))
                    for stop in building.stops
                ],
            )
            for building in plan.buildings
        ]
        context = {"buildings": buildings, "plan": plan, "printed_at": clock.now()}
        return render(request, "residents/visits/sheet.html", context)

    def _lines(self, stays: list[Any]) -> list[Any]:
        return [(person_view(stay.person, viewer=self.request.user), stay) for stay in stays]


class MakeTasks(ScopedMixin, View):
    """On demand: a new member of staff, a new estate, a rule that changed today."""

    http_method_names = ["post"]
    model = VisitTask
    action = "work"

    def post(self, request: StaffRequest) -> HttpResponse:
        made = make_tasks(day=clock.today(), actor=request.user)
        words = ngettext("%(count)s door was added to the plan.", "%(count)s doors were added to the plan.", made)
        say(request, words % {"count": made} if made else gettext("No further door is due."))
        return redirect("residents:visit_plan")


class TaskTake(ServiceActionView):
    model = VisitTask
    action = "work"
    success_message = _("The visit is in your plan.")

    def run(self, pk: int) -> VisitTask:
        return tasks.take(task_id=pk, actor=self.request.user)


class TaskFormView(ServiceFormView):
    model = VisitTask
    task: VisitTask

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        self.task = get_object_or_404(self.get_queryset().select_related("dwelling"), pk=pk)

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.task.version, "assignee": self.task.assignee_id}

    def get_subtitle(self) -> str:
        return self.task.dwelling.address

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Visits of the day"), reverse("residents:visit_plan"))]

    def get_success_url(self) -> str:
        return reverse("residents:visit_plan")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": self.task.get_absolute_url()}


class TaskPostpone(TaskFormView):
    action = "work"
    title = _("Put the visit off")
    form_class = PostponeForm
    submit_label = _("Put it off")
    success_message = _("The visit was put off. Its last day stays as it is.")

    def run(self, **cleaned: Any) -> VisitTask:
        return tasks.postpone(task_id=self.task.pk, actor=self.request.user, **cleaned)


class TaskAssign(TaskFormView):
    action = "assign"
    title = _("Give the visit to somebody")
    form_class = AssignForm
    submit_label = _("Give it")
    success_message = _("The visit was given to somebody else.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": workers_at(self.task.area_code)}

    def run(self, **cleaned: Any) -> VisitTask:
        cleaned["assignee_id"] = cleaned.pop("assignee")
        return tasks.assign(task_id=self.task.pk, actor=self.request.user, **cleaned)


class VisitStart(ScopedMixin, View):
    """From the page of a dwelling: somebody stands before the door, due or not."""

    http_method_names = ["post"]
    model = VisitTask
    action = "work"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        dwelling = get_object_or_404(Dwelling.objects.restrict(request.user, "view"), pk=pk)
        try:
            task = open_task(dwelling_id=dwelling.pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect(dwelling.get_absolute_url())
        return redirect(task)
