"""The list of people and one person's page."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, View

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import can, scope_of
from portal.org.services import area_path
from portal.org.walls.context import admit
from portal.policy import codes
from portal.policy.services import rule
from portal.ui.views import PageMixin, ScopedListView, ScopedMixin
from portal.vault.projection import left_out, project
from residents import extension
from residents.choices import PermitStatus, RegistrationStatus, VisitResult
from residents.filters.people import PersonFilter
from residents.models import OPEN_APPLICATION, Dwelling, Household, PermitApplication, Person, Registration
from residents.selectors import (
    current_stay,
    living_in,
    open_transfer_of,
    permit_of,
    stays_of,
    survivor_of,
)
from residents.services.households.reading import Together, family_of, lived_with
from residents.services.looks import remember_person
from residents.services.permits.eligibility import half_year_on
from residents.services.projection import looks_left, person_view, reveal
from residents.services.undo import may_be_undone
from residents.tables.people import PersonTable
from residents.verification import verify_interval_days
from residents.views.minors import has_to_say_why
from residents.views.person_history import history_of, noted

PLAIN_TEXT = "text/plain; charset=utf-8"
UNPROCESSABLE = 422
PERMIT_TONES = {PermitStatus.ACTIVE: "brand", PermitStatus.SUSPENDED: "warn", PermitStatus.TERMINATED: ""}


class PersonListView(ScopedListView):
    title = _("Person files")
    subtitle = _("Everybody on the residence register of your areas; numbers are masked.")
    model = Registration
    queryset = (
        Registration.objects.standing()
        .select_related("person", "dwelling")
        .defer(*left_out(Person, "document_number", prefix="person__"), *left_out(Dwelling, prefix="dwelling__"))
    )
    filterset_class = PersonFilter
    table_class = PersonTable
    page_actions = "residents/people/_list_actions.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().order_by("-updated_at", "-pk")

    def get_table_kwargs(self) -> dict[str, Any]:
        """The file is where somebody is in residence (`trail.follow_area`); of the departed it may be anywhere."""
        nearby = None if self.request.GET.get("status") else scope_of(self.request.user, Registration, "view")
        return super().get_table_kwargs() | {"nearby": nearby}

    def get_table_pagination(self, table: Any) -> dict[str, Any]:
        return super().get_table_pagination(table) | {"counted": self.object_list}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = [row.record.person_id for row in context["table"].paginated_rows]
        typed = self.request.GET.get("q", "").strip()
        audit.access(actor=self.request.user, action="search" if typed else "list", person_ids=shown, query=typed)
        context["may_add"] = can(self.request.user, Registration, "add")
        return context


class PersonDetailView(ScopedMixin, PageMixin, DetailView):
    """One person whole. The tabs are parts of one address: `?tab=stays`."""

    model = Person
    action = "view"
    template_name = "residents/people/detail.html"
    tabs = (
        ("", _("Whole file")),
        ("stays", _("Residence history")),
        ("family", _("Household members")),
        ("record", _("Timeline")),
    )

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if survivor := survivor_of(kwargs["pk"]):
            return redirect("residents:person_detail", survivor)
        self.object = self.get_object()
        if has_to_say_why(request, self.object):
            return redirect("residents:person_minor", self.object.pk)
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_title(self) -> str:
        return project(self.object, viewer=self.request.user)["name"]

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Person files"), reverse("residents:person_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, viewer = self.object, self.request.user
        audit.access(actor=viewer, action="open", person_ids=[person.pk])
        remember_person(person.pk, actor=viewer)
        admit(person=person.pk)  # earlier stays elsewhere belong to the file
        stay = current_stay(person)
        household, family = family_of(person, viewer)
        tab = self.request.GET.get("tab", "")
        past = history_of(self.request, person, stay, viewer)
        context = super().get_context_data(**kwargs) | {
            "person": person,
            "view": person_view(person, viewer=viewer),
            "told": project(person, viewer=viewer),
            "stay": stay,
            "active": bool(stay and stay.status == RegistrationStatus.ACTIVE),
            "may": self._may(stay),
            "may_correct": can(viewer, Person, "correct", at=person.area_code),
            "may_merge": can(viewer, Person, "merge", at=person.area_code),
            "residence": noted(self._residence(stay), past["notes"]) if stay else [],
            "work": noted(self._work(stay), past["notes"]) if stay else [],
            "family": [one for one in family if one.person_id != person.pk],
            "household": household,
            "may_household": bool(household and can(viewer, Household, "view", at=household.area_code)),
            "may_open_book": bool(stay and can(viewer, Household, "change", at=stay.area_code)),
            "permit": permit_of(person, viewer),
            "files": self._open_files(),
            "half_year": self._half_year(stay),
            "verify_due": self._verify_due(stay),
            "may_apply": self._may_apply(stay),
            "apply_query": f"?person={person.pk}",
            "panels": self._panels(),
            "tab": tab if tab in dict(self.tabs) else "",
            **past,
            "reasons": codes.choices("access_reason"),
            "transfer": open_transfer_of(person, viewer),
            "visit_results": VisitResult.choices,
            "permit_tone": PERMIT_TONES,
        }
        if context["tab"] == "family":
            context["together"] = self._together()
        stays = stays_of(person)
        context["stays"] = [self._past(one) for one in stays]
        context["undo"] = self._undo(stay)
        context["tab_items"] = self._tabs(context["tab"], len(stays), len(context["family"]))
        return context

    def _together(self) -> list[Together]:
        found = lived_with(self.object, self.request.user)
        people = list({one.view.id for one in found})
        audit.access(actor=self.request.user, action="list", person_ids=people, purpose="together")
        return found

    def _tabs(self, current: str, stays: int, family: int) -> list[dict[str, Any]]:
        counts = {"stays": stays, "family": family}
        here = reverse("residents:person_detail", args=[self.object.pk])
        return [
            {
                "label": label,
                "url": f"{here}?tab={key}" if key else here,
                "current": key == current,
                "count": counts.get(key),
            }
            for key, label in self.tabs
        ]

    def _may(self, stay: Registration | None) -> dict[str, bool]:
        actions = ("change", "deregister", "restore", "verify", "add")
        user = self.request.user
        return {action: bool(stay) and can(user, Registration, action, at=stay.area_code) for action in actions}  # type: ignore[union-attr]

    def _sees(self, stay: Registration) -> bool:
        return can(self.request.user, Registration, "view", at=stay.area_code)

    def _residence(self, stay: Registration) -> list[tuple[Any, Any]]:
        told, home = (project(row, viewer=self.request.user) for row in (stay, stay.dwelling))
        living = living_in([stay.dwelling_id]).get(stay.dwelling_id, 0)
        limit, of_most = stay.dwelling.capacity, gettext("%(living)s of at most %(limit)s")
        return [
            (_("Community"), area_path(stay.area_code, separator=" · ")),
            (_("Lodging"), codes.label("dwelling_kind", told["lodging"])),
            (_("Arrived"), told["arrived_on"]),
            (_("Registered"), told["registered_on"]),
            (_("Reason for the stay"), codes.label("stay_reason", told["reason"])),
            (_("Landlord"), home["landlord_name"]),
            (_("Living there"), of_most % {"living": living, "limit": limit} if limit else living),
            (_("Intends to stay until"), told["planned_until"]),
            (_("Left on"), told["left_on"]),
            (_("Reason for leaving"), codes.label("dereg_reason", told["left_reason"])),
            (_("Gone to"), told["left_for"]),
            (_("Remark"), told["remark"]),
        ]

    def _work(self, stay: Registration) -> list[tuple[Any, Any]]:
        person, told = (project(row, viewer=self.request.user) for row in (self.object, stay))
        return [
            (_("Employer or school"), told["workplace"]),
            (_("Occupation"), codes.label("occupation", told["occupation"])),
            (_("Level of education"), codes.label("education", person["education"])),
            (_("Marital status"), codes.label("marital", person["marital_status"])),
            (_("Political status"), codes.label("political", person["political_status"])),
        ]

    def _past(self, stay: Registration) -> dict[str, Any]:
        """An address outside the reader's areas is told down to the community."""
        visible = self._sees(stay)
        return {
            "stay": stay,
            "address": stay.dwelling.address if visible else area_path(stay.area_code, separator=" "),
            "url": stay.dwelling.get_absolute_url() if visible else "",
            "lodging": codes.label("dwelling_kind", stay.lodging),
            "reason": codes.label("stay_reason", stay.reason),
            "left_reason": codes.label("dereg_reason", stay.left_reason),
        }

    def _open_files(self) -> list[PermitApplication]:
        rows = PermitApplication.objects.restrict(self.request.user, "view").filter(person=self.object)
        return list(rows.filter(status__in=OPEN_APPLICATION))

    def _half_year(self, stay: Registration | None) -> dict[str, Any] | None:
        if stay is None or stay.status != RegistrationStatus.ACTIVE:
            return None
        day = half_year_on(stay)
        return {"day": day, "reached": day <= clock.today(), "left": (day - clock.today()).days}

    def _may_apply(self, stay: Registration | None) -> bool:
        found = self._half_year(stay)
        allowed = can(self.request.user, PermitApplication, "add", at=self.object.area_code)
        return bool(found and found["reached"] and allowed and not self._open_files())

    def _verify_due(self, stay: Registration | None) -> dict[str, Any] | None:
        if stay is None or stay.status != RegistrationStatus.ACTIVE:
            return None
        day = (stay.verified_on or stay.registered_on) + timedelta(days=verify_interval_days(stay.lodging))
        return {"day": day, "left": (day - clock.today()).days}

    def _panels(self) -> list[dict[str, Any]]:
        user = self.request.user
        return [
            {"title": panel.title, "template": panel.template, "rows": panel.rows(self.object, user)}
            for panel in extension.panels_for(user)
        ]

    def _undo(self, stay: Registration | None) -> Any:
        if stay is None or not can(self.request.user, Registration, "change", at=stay.area_code):
            return None
        last = stay.changes.filter(undone_by=None).order_by("-pk").first()
        return last if last is not None and may_be_undone(last) else None


class PersonRevealView(ScopedMixin, View):
    """Answers one full value as plain text; the access row is written before. `X-Notice` is a word to the user who
    comes near the limit, percent-encoded."""

    http_method_names = ["post"]
    model = Person
    action = "reveal"

    def post(self, request: Any, pk: int) -> HttpResponse:
        if has_to_say_why(request, get_object_or_404(self.get_queryset(), pk=pk)):
            words = gettext("Please open the person's file first and say why: it is the file of a child.")
            return HttpResponse(words, content_type=PLAIN_TEXT, status=UNPROCESSABLE)
        try:
            value = reveal(
                person_id=pk,
                field=request.POST.get("field", ""),
                reason_code=request.POST.get("reason_code", ""),
                reason_text=request.POST.get("reason_text", ""),
                case_number=request.POST.get("case_number", ""),
                actor=request.user,
            )
        except DomainError as error:
            return HttpResponse(error.message, content_type=PLAIN_TEXT, status=UNPROCESSABLE)
        return revealed(value, request.user)


def revealed(value: str, viewer: User) -> HttpResponse:
    """The answer that holds a full value: kept by nobody, shown for as long as policy says."""
    headers = {"X-Visible-Seconds": f"{rule('reveal.visible_seconds').value:.0f}", "Cache-Control": "no-store"}
    left = looks_left(viewer)
    if left is not None:
        told = ngettext("You may look at %(n)s more full value.", "You may look at %(n)s more full values.", left)
        headers["X-Notice"] = quote(told % {"n": left})
    return HttpResponse(value, content_type=PLAIN_TEXT, headers=headers)
