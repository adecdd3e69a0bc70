"""At the door: a card for each person, large buttons, one thumb. Every answer is saved at once and can be undone."""

import json
import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events.idempotency import once
from portal.files import services as files
from portal.files.models import Attachment
from portal.org.scoping import can
from portal.policy.services import rule
from portal.ui.http import StaffRequest, toast
from portal.ui.views import PageMixin, ScopedMixin, add_domain_error, say
from residents.choices import TaskStatus, VisitResult
from residents.doorstep import items_due
from residents.forms.visits import AnswerForm, DoorPhotoForm
from residents.models import Registration, Visit, VisitTask
from residents.services.projection import person_view
from residents.services.verification import misses_of
from residents.services.visits.answers import answer, undo_answer
from residents.services.visits.route import MINE, plan_of

UNPROCESSABLE = 422
CARDS = "residents/visits/_door.html"
DOOR_PLATE = "door_plate"


def door_context(request: StaffRequest, task: VisitTask, refused: AnswerForm | None = None) -> dict[str, Any]:
    """The cards of everybody registered here and of those who were answered for since the task began."""
    viewer = request.user
    answers = _answers_of(task)
    rows = Registration.objects.restrict(viewer, "view").select_related("person")
    living = rows.active().filter(dwelling=task.dwelling_id)
    gone = rows.filter(pk__in=[key for key, visit in answers.items() if visit.change_id]).exclude(pk__in=living)
    stays = [*living.order_by("head_id", "pk"), *gone.order_by("pk")]
    heads = {stay.head_id for stay in stays}
    return {
        "task": task,
        "cards": [
            _card(stay, answers.get(stay.pk), task, viewer, refused) | {"has_companions": stay.pk in heads}
            for stay in stays
        ],
        "also": items_due([task.dwelling_id], viewer).get(task.dwelling_id, []),
        "is_open": task.status == TaskStatus.OPEN,
        "next_stop": _next_stop(request, task),
    }


def _answers_of(task: VisitTask) -> dict[int, Visit]:
    """The last standing answer for each stay since the task began."""
    rows = Visit.objects.filter(task=task, undone_at=None).order_by("pk")
    return {visit.registration_id: visit for visit in rows}


def _card(
    stay: Registration, visit: Visit | None, task: VisitTask, viewer: Any, refused: AnswerForm | None
) -> dict[str, Any]:
    mine = refused is not None and refused.prefix_of == stay.pk
    tries = int(rule("verify.failed_visits", area_code=stay.area_code).value)
    initial = {
        "version": stay.version,
        "submission_id": uuid.uuid4(),
        "happened_on": clock.today(),
        "lodging": stay.lodging,
        "reason": "01",
    }
    form = refused if mine else AnswerForm(user=viewer, initial=initial, auto_id=f"s{stay.pk}_%s")
    asked = refused.data.get("result") if mine and refused else ""
    moving = (
        refused if asked == VisitResult.MOVED else AnswerForm(user=viewer, initial=initial, auto_id=f"m{stay.pk}_%s")
    )
    return {
        "stay": stay,
        "view": person_view(stay.person, viewer=viewer),
        "visit": visit,
        "form": form,
        "misses": misses_of(stay) if stay.verified_result == VisitResult.ABSENT else 0,
        "tries": tries,
        "moving": moving,
        "asked": asked,
        "gone": stay.dwelling_id != task.dwelling_id or stay.left_on is not None,
    }


def _next_stop(request: StaffRequest, task: VisitTask) -> VisitTask | None:
    stops = [stop.task for part in plan_of(request.user, whose=MINE).buildings for stop in part.stops]
    keys = [one.pk for one in stops]
    after = stops[keys.index(task.pk) + 1 :] if task.pk in keys else stops
    return next((one for one in after if one.pk != task.pk), None)


class DoorMixin(ScopedMixin):
    model = VisitTask
    action = "work"

    def task(self, pk: int) -> VisitTask:
        task: VisitTask = get_object_or_404(self.get_queryset().select_related("dwelling", "assignee"), pk=pk)
        return task


class DoorView(DoorMixin, PageMixin, TemplateView):
    template_name = "residents/visits/door.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.kwargs["task"] = self.task(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def get_title(self) -> str:
        return str(self.kwargs["task"].dwelling.address)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Visits of the day"), reverse("residents:visit_plan"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        task, viewer = self.kwargs["task"], self.request.user
        found = door_context(self.request, task)
        shown = [card["stay"].person_id for card in found["cards"]]
        audit.access(actor=viewer, action="list", person_ids=shown, purpose="visit")
        sees = can(viewer, Attachment, "view", at=task.area_code)
        photos = files.attachments_of(task.dwelling, viewer=viewer) if sees else []
        return (
            super().get_context_data(**kwargs)
            | found
            | {
                "photos": [row for row in photos if row.kind == DOOR_PLATE],
                "may_add_photo": can(viewer, Attachment, "add", at=task.area_code),
                "photo_form": DoorPhotoForm(user=viewer),
                "may_assign": can(viewer, VisitTask, "assign", at=task.area_code),
            }
        )


class AnswerView(DoorMixin, View):
    """The same press sent twice, by a nervous thumb or after a dead spot, is one answer."""

    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int, stay: int) -> HttpResponse:
        task = self.task(pk)
        form = AnswerForm(request.POST, user=request.user, auto_id=f"s{stay}_%s")
        form.prefix_of = stay
        if not form.is_valid():
            return self.refused(task, form)
        data = form.cleaned_data
        given = {"task_id": pk, "registration_id": stay, "given": form.answer(), "version": data["version"]}
        try:
            outcome = once(
                actor=request.user,
                key=str(data["submission_id"]),
                body=request.POST,
                run=lambda: answer(**given, actor=request.user),
            )
        except Registration.DoesNotExist as error:
            raise Http404 from error
        except DomainError as error:
            add_domain_error(form, error)
            return self.refused(task, form)
        visit = Visit.objects.select_related("person").get(pk=outcome.pk)
        name = person_view(visit.person, viewer=request.user).name
        undo = reverse("residents:visit_undo", args=[visit.pk])
        return self.answered(pk, words(visit.result) % {"name": name}, undo)

    def answered(self, pk: int, text: str, undo: str) -> HttpResponse:
        request = self.request
        if not request.htmx:
            say(request, text, undo=undo)
            return redirect("residents:visit_door", pk=pk)
        response = render(request, CARDS, door_context(request, self.task(pk)))
        response["HX-Trigger"] = json.dumps({"toast": toast(text, undo=undo)})
        return response

    def refused(self, task: VisitTask, form: AnswerForm) -> HttpResponse:
        request = self.request
        if not request.htmx:
            say(request, " ".join(str(text) for texts in form.errors.values() for text in texts), level="bad")
            return redirect(task)
        return render(request, CARDS, door_context(request, task, form), status=UNPROCESSABLE)


class UndoAnswerView(ScopedMixin, View):
    http_method_names = ["post"]
    model = Visit
    action = "view"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        visit = get_object_or_404(self.get_queryset(), pk=pk, visitor=request.user)
        try:
            undo_answer(visit_id=visit.pk, actor=request.user)
        except Registration.DoesNotExist as error:
            raise Http404 from error
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("The answer was taken back."))
        if visit.task_id:
            return redirect("residents:visit_door", pk=visit.task_id)
        return redirect("residents:visit_plan")


class PhotoView(DoorMixin, View):
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        task = self.task(pk)
        form = DoorPhotoForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                files.attach(
                    target=task.dwelling,
                    area_code=task.area_code,
                    kind=DOOR_PLATE,
                    source=sent,
                    size=sent.size,
                    actor=request.user,
                )
            except DomainError as error:
                add_domain_error(form, error)
        if form.errors:
            say(request, " ".join(str(text) for texts in form.errors.values() for text in texts), level="bad")
        else:
            say(request, gettext("The photo of the door plate was stored."))
        return redirect(task)


def words(result: str) -> str:
    return {
        VisitResult.PRESENT: gettext("%(name)s still lives here."),
        VisitResult.MOVED: gettext("%(name)s has moved; the new address is on record."),
        VisitResult.LEFT: gettext("%(name)s has left and is deregistered."),
        VisitResult.ABSENT: pgettext("visit", "Nobody home at %(name)s's."),
    }[VisitResult(result)]
