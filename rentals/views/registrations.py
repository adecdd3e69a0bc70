"""Rental registrations: the piles, one registration with its steps, the form, the sheet, and doors without one."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.scoping import can, scope_of
from portal.org.services import area_path, system_user
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.templatetags import ui as tags
from portal.ui.views import ScopedListView, ScopedMixin, ServiceFormView
from portal.vault.projection import left_out, project
from rentals import selectors
from rentals.choices import LIVE, FilingStatus, RentalStatus, RentalStepKind
from rentals.filters.registrations import LeadFilter, RentalFilter
from rentals.forms.registrations import (
    EndForm,
    RenewForm,
    RentalEditForm,
    RentalForm,
    ReturnForm,
    initial_of,
)
from rentals.models import LeaseFiling, RentalRegistration
from rentals.services import registrations
from rentals.services.occupancy import occupancy_of
from rentals.tables.registrations import TONES, RentalLeadTable, RentalTable
from rentals.views.common import PileList, StepView, area_names
from residents.forms.people import VersionedForm
from residents.models import Dwelling
from residents.services.grid import living_at
from residents.services.permits.face import issuing_organ
from residents.views.arrivals.vouchers import STATION_DIGITS, too_many

PILES = (
    (selectors.TO_REVIEW, RentalStatus.SUBMITTED.label, "warn", selectors.PILES[selectors.TO_REVIEW]),
    (selectors.RETURNED, RentalStatus.RETURNED.label, "bad", selectors.PILES[selectors.RETURNED]),
    (selectors.IN_FORCE, RentalStatus.REGISTERED.label, "", selectors.PILES[selectors.IN_FORCE]),
    (selectors.ENDED, RentalStatus.ENDED.label, "", selectors.PILES[selectors.ENDED]),
)
MESSAGES_SHOWN = 10
STEP_ICONS = {
    RentalStepKind.SUBMITTED: ("inbox", ""),
    RentalStepKind.CHANGED: ("pencil", ""),
    RentalStepKind.ACCEPTED: ("badge-check", "ok"),
    RentalStepKind.RETURNED: ("undo-2", "warn"),
    RentalStepKind.RENEWED: ("rotate-ccw", "brand"),
    RentalStepKind.ENDED: ("x", ""),
}


class RentalList(PileList):
    title = _("Rental registrations")
    subtitle = _("Dwellings let for living, as their landlords registered them.")
    model = RentalRegistration
    filterset_class = RentalFilter
    table_class = RentalTable
    page_actions = "rentals/_list_actions.html"
    piles = PILES
    standing = selectors.IN_FORCE

    def get_queryset(self) -> Any:
        rows = self.pile(super().get_queryset()).select_related("dwelling")
        hidden = [*left_out(RentalRegistration), *left_out(Dwelling, prefix="dwelling__")]
        order = ("created_at", "pk") if self.tab == selectors.TO_REVIEW else ("-updated_at", "-pk")
        return rows.defer(*hidden).order_by(*order)


class UnregisteredList(ScopedListView):
    """Doors, and how many live there: never who."""

    title = _("Rented but not registered")
    subtitle = _("Somebody is in residence here as in a rented home, and nobody has registered the letting.")
    model = RentalRegistration
    filterset_class = LeadFilter
    table_class = RentalLeadTable

    def get_queryset(self) -> Any:
        scope = scope_of(self.request.user, RentalRegistration, "view")
        rows = selectors.unregistered(Dwelling.objects.standing().filter(scope.q()))
        return rows.defer(*left_out(Dwelling)).order_by("area_code", "address", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        rows = [row.record for row in table.paginated_rows]
        table.areas = area_names(rows)
        table.living = living_at([row.pk for row in rows]) if rows else {}
        table.may_add = can(self.request.user, RentalRegistration, "add")
        return table

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Rental registrations"), reverse("rentals:rental_list"))]


class RentalNew(ServiceFormView):
    title = _("Register a letting")
    subtitle = _("Free of charge. The police review it; who lives there is registered all the same.")
    model = RentalRegistration
    action = "add"
    form_class = RentalForm
    submit_label = _("Hand it in")
    success_message = _("Handed in: %(row)s")

    def get_initial(self) -> dict[str, Any]:
        """From the door or the list of leads: the address, and what the address master knows of it."""
        asked = self.request.GET.get("dwelling", "")
        rows = Dwelling.objects.restrict(self.request.user, "view")
        door = rows.filter(pk=int(asked)).first() if asked.isdigit() else None
        if door is None:
            return {}
        return {"dwelling": door.pk, "landlord_name": door.landlord_name, "floor_area": door.area_square_metres}

    def run(self, **cleaned: Any) -> RentalRegistration:
        form = self.get_form()
        form.is_valid()
        return registrations.submit(dwelling_id=cleaned["dwelling"], given=form.given(), actor=self.request.user)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Rental registrations"), reverse("rentals:rental_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("rentals:rental_list")}


class RentalEdit(ServiceFormView):
    title = _("Change the registration")
    model = RentalRegistration
    action = "add"
    form_class = RentalEditForm
    submit_label = _("Save the registration")
    success_message = _("Saved: %(row)s")
    rental: RentalRegistration

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and can(request.user, self.model, self.action):
            rows = self.get_queryset().filter(status__in=LIVE).select_related("dwelling")
            self.rental = get_object_or_404(rows, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_subtitle(self) -> str:
        return f"{self.rental.number} · {self.rental.dwelling.address}"

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.rental)

    def run(self, **cleaned: Any) -> RentalRegistration:
        form = self.get_form()
        form.is_valid()
        given = form.given()
        return registrations.amend(
            rental_id=self.rental.pk, given=given, version=cleaned["version"], actor=self.request.user
        )

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Rental registrations"), reverse("rentals:rental_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": self.rental.get_absolute_url()}


RENTALS = RentalRegistration.objects.select_related("dwelling", "submitted_by", "decided_by")


def rental_page(request: StaffRequest, row: RentalRegistration, *, status: int = 200, **forms: Any) -> HttpResponse:
    return render(request, "rentals/detail.html", context_of(row, request) | forms, status=status)


class RentalDetail(ScopedMixin, View):
    model = RentalRegistration
    action = "view"
    queryset = RENTALS

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return rental_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class RentalStepView(StepView):
    """One step: `name` is accept, return, renew or end."""

    model = RentalRegistration
    queryset = RENTALS
    keyword = "rental_id"
    steps = {
        "accept": ("review", "", VersionedForm, registrations.accept, _("Accepted: %(number)s")),
        "return": (
            "review",
            "return_form",
            ReturnForm,
            registrations.give_back,
            _("Returned to be completed: %(number)s"),
        ),
        "renew": ("add", "renew_form", RenewForm, registrations.renew, _("Renewed: %(number)s")),
        "end": ("add", "end_form", EndForm, registrations.end, _("Ended: %(number)s")),
    }

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        return rental_page(self.request, row, status=status, **forms)


class RentalSheet(ScopedMixin, TemplateView):
    """The receipt for the landlord: what was registered, with masked numbers and a code to check it."""

    model = RentalRegistration
    action = "view"
    template_name = "rentals/sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(self.get_queryset().select_related("dwelling", "submitted_by"), pk=kwargs["pk"])
        return super().get_context_data(**kwargs) | {
            "row": row,
            "told": project(row, viewer=self.request.user),
            "facts": facts_of(row, self.request.user),
            "organ": issuing_organ(),
            "printed_at": clock.now(),
            "report_days": rule("report.lessor_days", area_code=row.area_code).value,
            "check_url": self.request.build_absolute_uri(reverse("rentals:rental_check", args=[row.voucher])),
        }


@method_decorator([login_not_required, never_cache], name="dispatch")
class RentalCheck(View):
    """For anybody with a receipt: whether it is genuine and still in force. Nothing about landlord or tenants."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: UUID) -> HttpResponse:
        if too_many(request.META.get("REMOTE_ADDR", "")):
            return render(request, "rentals/check.html", {"busy": True}, status=HTTPStatus.TOO_MANY_REQUESTS)
        with scoped_transaction(system_user()):  # a stranger has no areas; the token on the paper is the right
            row = RentalRegistration.objects.filter(voucher=token).first()
            lease = None if row else LeaseFiling.objects.filter(voucher=token).first()
        found = row or lease
        if found is None:
            return render(request, "rentals/check.html", {"unknown": True}, status=HTTPStatus.NOT_FOUND)
        context = {
            "row": found,
            "is_lease": lease is not None,
            "in_force": found.status in (RentalStatus.REGISTERED, FilingStatus.FILED),
            "day": row.registered_on if row else lease and lease.filed_on,
            "station": area_path(found.area_code[:STATION_DIGITS]),
        }
        return render(request, "rentals/check.html", context)


def context_of(row: RentalRegistration, request: StaffRequest) -> dict[str, Any]:
    user, version = request.user, {"version": row.version}
    may_add = can(user, RentalRegistration, "add", at=row.area_code)
    may_review = can(user, RentalRegistration, "review", at=row.area_code)
    live = row.status in LIVE
    return {
        "title": row.dwelling.address,
        "subtitle": row.number,
        "crumbs": [(gettext("Rental registrations"), reverse("rentals:rental_list"))],
        "row": row,
        "tone": TONES[row.status],
        "facts": facts_of(row, user),
        "house": house_of(row, user),
        "occupancy": occupancy_of(row, selectors.people_at(row)),
        "life": life_of(row),
        "messages_told": row.messages.all()[:MESSAGES_SHOWN],
        "door_url": row.dwelling.get_absolute_url() if can(user, Dwelling, "view", at=row.area_code) else "",
        "may_review": row.status == RentalStatus.SUBMITTED and may_review,
        "may_change": live and may_add,
        "may_renew": row.status == RentalStatus.REGISTERED and may_add,
        "may_end": live and may_add,
        "return_form": ReturnForm(initial=version),
        "renew_form": RenewForm(initial=version),
        "end_form": EndForm(initial=version | {"ended_on": clock.today()}),
    }


def facts_of(row: RentalRegistration, viewer: Any) -> list[tuple[Any, Any]]:
    told = project(row, viewer=viewer)
    until = tags.day(row.let_to) if row.let_to else gettext("open-ended")
    agent = " ".join(part for part in (told["agent_name"], told["agent_phone"]) if part)
    facts = [
        (_("Landlord"), told["landlord_name"]),
        (_("Document or credit code"), told["document_number"]),
        (_("Phone"), told["landlord_phone"]),
        (_("Contact address"), told["contact_address"]),
        (_("Agent or broker"), agent),
        (_("Let as"), told["letting"]),
        (_("Kinds of rooms let"), told["spaces"]),
        (_("Rooms let / in all"), f"{row.rooms_let} / {row.rooms_total}"),
        (_("Term of the letting"), f"{tags.day(row.let_from)} – {until}"),
        (_("Monthly rent (yuan)"), told["monthly_rent"]),
        (_("Registered on"), tags.day(row.registered_on) if row.registered_on else ""),
        (_("What has to be completed"), told["return_reason"]),
        (_("Let no longer since"), tags.day(row.ended_on) if row.ended_on else ""),
        (_("Why it ended"), told["end_reason"]),
    ]
    return [(label, value) for label, value in facts if value]


def house_of(row: RentalRegistration, viewer: Any) -> list[tuple[Any, Any]]:
    told = project(row, viewer=viewer)
    yes, no = gettext("Yes"), gettext("No")
    facts = [
        (_("Ownership"), told["ownership"]),
        (_("Proof of title"), f"{told['title_kind']} {told['title_number']}".strip()),
        (_("Structure"), told["structure"]),
        (_("Permitted use"), told["planned_use"]),
        (_("Floor area let (m²)"), told["floor_area"]),
        (_("Self-built without a construction permit"), yes if row.self_built else no),
        (_("Grade of danger"), told["danger_grade"] or gettext("Not appraised")),
        (_("Number of the safety appraisal"), told["appraisal_number"]),
        (_("The fire passage is clear"), yes if row.fire_passage else no),
        (_("There is a safety exit"), yes if row.safety_exit else no),
        (_("Gas supply"), told["gas"]),
    ]
    return [(label, value) for label, value in facts if value]


def life_of(row: RentalRegistration) -> list[dict[str, Any]]:
    return [
        {
            "title": step.get_kind_display(),
            "note": step.note,
            "by": str(step.actor),
            "at": tags.moment(step.created_at),
            "icon": STEP_ICONS[RentalStepKind(step.kind)][0],
            "tone": STEP_ICONS[RentalStepKind(step.kind)][1],
        }
        for step in row.steps.select_related("actor").order_by("-created_at", "-pk")
    ]
