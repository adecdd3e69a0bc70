"""Hazards after the inspection: the queue, one hazard with its steps, and the desk of a department."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from portal.core import clock
from portal.files import services as files
from portal.files.models import Attachment
from portal.org.scoping import can
from portal.policy import codes
from portal.ui.http import StaffRequest
from portal.ui.templatetags import ui as tags
from portal.ui.views import ScopedMixin
from portal.vault.projection import left_out, project
from rentals.choices import UNMENDED, WITH_DEPARTMENT, HazardStatus, HazardStepKind, ReferralStatus
from rentals.filters.hazards import HazardFilter, ReferralFilter
from rentals.forms.inspections import AnswerForm, CloseForm, FailForm, GiveBackForm, MendedForm, ReferForm
from rentals.models import Hazard, HazardReferral, Inspection
from rentals.services.inspections import hazards, referrals
from rentals.services.inspections.grading import ITEMS
from rentals.tables.hazards import HAZARD_TONES, REFERRAL_TONES, HazardTable, ReferralTable
from rentals.views.common import PileList, StepView
from residents.forms.people import VersionedForm
from residents.models import Dwelling

OVERDUE, DOOR = "overdue", "dwelling__"
STEP_ICONS: dict[str, tuple[str, str]] = {
    HazardStepKind.FOUND: ("triangle-alert", "warn"),
    HazardStepKind.MENDED: ("wrench", "brand"),
    HazardStepKind.REFERRED: ("send", ""),
    HazardStepKind.TAKEN: ("inbox", ""),
    HazardStepKind.ANSWERED: ("check", "brand"),
    HazardStepKind.RETURNED: ("undo-2", "warn"),
    HazardStepKind.FAILED: ("circle-x", "bad"),
    HazardStepKind.CLOSED: ("badge-check", "ok"),
}
PHOTO_WORDS = {hazards.FOUND: _("When it was found"), hazards.MENDED: _("After mending")}
HAZARDS = Hazard.objects.select_related("dwelling", "inspection", "found_by", "closed_by").defer(
    *left_out(Dwelling, prefix=DOOR)
)
ORDERS = HazardReferral.objects.select_related("hazard__dwelling", "hazard__found_by", "sent_by", "handled_by").defer(
    *left_out(Dwelling, prefix="hazard__dwelling__")
)


class HazardList(PileList):
    title = _("Hazards of rented homes")
    subtitle = _("What inspections found, until it is mended and looked at again.")
    model = Hazard
    filterset_class = HazardFilter
    table_class = HazardTable
    standing = OVERDUE

    @property
    def piles(self) -> Any:  # type: ignore[override]
        return (
            (OVERDUE, _("Overdue"), "bad", Q(status__in=UNMENDED, due_on__lt=clock.today())),
            (HazardStatus.OPEN, HazardStatus.OPEN.label, "warn", Q(status=HazardStatus.OPEN)),
            (HazardStatus.RECHECK, HazardStatus.RECHECK.label, "warn", Q(status=HazardStatus.RECHECK)),
            (HazardStatus.REFERRED, HazardStatus.REFERRED.label, "", Q(status=HazardStatus.REFERRED)),
            (HazardStatus.CLOSED, HazardStatus.CLOSED.label, "", Q(status=HazardStatus.CLOSED)),
        )

    def get_queryset(self) -> Any:
        rows = self.pile(super().get_queryset()).select_related("dwelling")
        order = ("-closed_on", "-pk") if self.tab == HazardStatus.CLOSED else ("due_on", "pk")
        return rows.defer(*left_out(Dwelling, prefix=DOOR)).order_by(*order)


class HazardDetail(ScopedMixin, View):
    model = Hazard
    action = "view"
    queryset = HAZARDS

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return hazard_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class HazardStepView(StepView):
    """One step: `name` is mended, close, fail or refer."""

    model = Hazard
    queryset = HAZARDS
    keyword = "hazard_id"
    steps = {
        "mended": ("work", "mended_form", MendedForm, hazards.report_mended, _("To be looked at again: %(number)s")),
        "close": ("work", "close_form", CloseForm, hazards.close, _("Closed: %(number)s")),
        "fail": ("work", "fail_form", FailForm, hazards.not_mended, _("A new day was set: %(number)s")),
        "refer": ("work", "refer_form", ReferForm, hazards.refer, _("Referred: %(number)s")),
    }

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        return hazard_page(self.request, row, status=status, **forms)


class ReferralList(PileList):
    """Work orders of one's own department; whoever sees hazards follows all of them on the hazards' pages."""

    title = _("Referred hazards")
    subtitle = _("Work orders of this department from inspections of rented homes, each with its clock.")
    model = HazardReferral
    filterset_class = ReferralFilter
    table_class = ReferralTable
    standing = ReferralStatus.SENT
    piles = (
        (ReferralStatus.SENT, ReferralStatus.SENT.label, "warn", Q(status=ReferralStatus.SENT)),
        (ReferralStatus.TAKEN, ReferralStatus.TAKEN.label, "warn", Q(status=ReferralStatus.TAKEN)),
        ("done", _("Finished"), "", ~Q(status__in=WITH_DEPARTMENT)),
    )

    def everything(self) -> Any:
        return referrals.desk_of(self.request.user)

    def get_queryset(self) -> Any:
        rows = self.pile(self.everything()).select_related("hazard__dwelling")
        return rows.defer(*left_out(Dwelling, prefix="hazard__dwelling__")).order_by("due_on", "pk")


class ReferralDetail(ScopedMixin, View):
    model = HazardReferral
    action = "view"
    queryset = ORDERS

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return referral_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class ReferralStepView(StepView):
    """One step of the department: `name` is take, answer or return."""

    model = HazardReferral
    queryset = ORDERS
    keyword = "referral_id"
    steps = {
        "take": ("handle", "", VersionedForm, referrals.take, _("Taken on: %(number)s")),
        "answer": ("handle", "answer_form", AnswerForm, referrals.answer, _("Dealt with: %(number)s")),
        "return": ("handle", "return_form", GiveBackForm, referrals.give_back, _("Sent back: %(number)s")),
    }

    def get_queryset(self) -> Any:
        duties = self.request.user.department.duties if self.request.user.department else []
        return super().get_queryset().filter(recipient__in=duties)

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        return referral_page(self.request, row, status=status, **forms)


def hazard_page(request: StaffRequest, row: Hazard, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, version = request.user, {"version": row.version}
    may_work = can(user, Hazard, "work", at=row.area_code)
    at_hand = row.status in (HazardStatus.OPEN, HazardStatus.RECHECK)
    may_see_inspection = can(user, Inspection, "view", at=row.area_code)
    context = shared(row, request) | {
        "crumbs": [(gettext("Hazards of rented homes"), reverse("rentals:hazard_list"))],
        "inspection_url": row.inspection.get_absolute_url() if may_see_inspection else "",
        "may_report": may_work and row.status == HazardStatus.OPEN,
        "may_recheck": may_work and at_hand,
        "mended_form": MendedForm(initial=version),
        "close_form": CloseForm(initial=version),
        "fail_form": FailForm(initial=version),
        "refer_form": ReferForm(initial=version),
        "orders": [
            (one, REFERRAL_TONES[one.status]) for one in row.referrals.select_related("handled_by").order_by("-pk")
        ],
    }
    return render(request, "rentals/inspections/hazard.html", context | forms, status=status)


def referral_page(request: StaffRequest, order: HazardReferral, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, version = request.user, {"version": order.version}
    mine = can(user, HazardReferral, "handle", at=order.area_code) and user.has_duty(order.recipient)
    told = project(order, viewer=user)
    facts = [
        (_("Referred to"), order.get_recipient_display()),
        (_("What is asked"), told["request"]),
        (_("Sent"), f"{tags.day(order.sent_on)} {order.sent_by}"),
        (_("Take on by"), tags.day(order.take_by)),
        (_("Deal with by"), tags.day(order.due_on)),
        (_("Taken on"), tags.day(order.taken_on) if order.taken_on else ""),
        (_("Answer"), told["answer"]),
    ]
    context = shared(order.hazard, request) | {
        "crumbs": [(gettext("Referred hazards"), reverse("rentals:referral_list"))],
        "subtitle": order.number,
        "order": order,
        "order_tone": REFERRAL_TONES[order.status],
        "order_facts": [(label, value) for label, value in facts if value],
        "is_late": order.status in WITH_DEPARTMENT and order.due_on < clock.today(),
        "may_take": mine and order.status == ReferralStatus.SENT,
        "may_answer": mine and order.status == ReferralStatus.TAKEN,
        "may_return": mine and order.status in WITH_DEPARTMENT,
        "answer_form": AnswerForm(initial=version),
        "return_form": GiveBackForm(initial=version),
    }
    return render(request, "rentals/inspections/referral.html", context | forms, status=status)


def shared(row: Hazard, request: StaffRequest) -> dict[str, Any]:
    """What inspectors and departments both see of a hazard."""
    user = request.user
    sees = can(user, Attachment, "view", at=row.area_code)
    return {
        "title": row.dwelling.address,
        "subtitle": row.number,
        "row": row,
        "tone": HAZARD_TONES[row.status],
        "facts": facts_of(row, user),
        "late": row.due_on is not None and row.due_on < clock.today(),
        "photos": [
            (one, PHOTO_WORDS.get(one.kind, "")) for one in (files.attachments_of(row, viewer=user) if sees else [])
        ],
        "life": life_of(row),
        "door_url": row.dwelling.get_absolute_url() if can(user, Dwelling, "view", at=row.area_code) else "",
    }


def facts_of(row: Hazard, viewer: Any) -> list[tuple[Any, Any]]:
    facts = [
        (_("Item"), codes.label(ITEMS, row.item)),
        (_("What was seen"), project(row, viewer=viewer)["note"]),
        (_("Class of hazard"), row.get_hazard_class_display()),
        (_("Level of hazard"), row.get_level_display()),
        (_("What is done about it"), row.get_disposal_display()),
        (_("Day of the next step"), tags.day(row.due_on) if row.due_on else ""),
        (_("Found on"), f"{tags.day(row.found_on)} {row.found_by}"),
        (_("Looked at in vain"), row.failures or ""),
        (_("Closed on"), f"{tags.day(row.closed_on)} {row.closed_by or ''}" if row.closed_on else ""),
    ]
    return [(label, value) for label, value in facts if value]


def life_of(row: Hazard) -> list[dict[str, Any]]:
    return [
        {
            "title": step.get_kind_display(),
            "note": step.note,
            "by": str(step.actor),
            "at": tags.moment(step.created_at),
            "icon": STEP_ICONS[step.kind][0],
            "tone": STEP_ICONS[step.kind][1],
        }
        for step in row.steps.select_related("actor").order_by("-pk")
    ]
