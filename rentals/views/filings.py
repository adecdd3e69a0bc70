"""Leases: the housing department's piles, filing one at a dwelling, one lease with its steps, the receipt."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.audit import services as audit
from portal.core import clock
from portal.org.scoping import can, scope_of
from portal.ui.http import StaffRequest
from portal.ui.templatetags import ui as tags
from portal.ui.views import ScopedMixin, ServiceFormView
from portal.vault.projection import left_out, project
from rentals import selectors
from rentals.choices import LEASED, FilingStatus
from rentals.filters.filings import FilingFilter
from rentals.forms.filings import FilingForm, LeaseEndForm, RefusalForm, RenewalForm
from rentals.models import LeaseFiling
from rentals.services import filings
from rentals.tables.filings import TONES, FilingTable, room_words
from rentals.views.common import PileList, StepView
from residents.forms.people import VersionedForm
from residents.models import Dwelling
from residents.selectors import residents_of
from residents.services.projection import person_view

LEASES = LeaseFiling.objects.select_related("dwelling", "rental", "submitted_by", "decided_by")


def looked_at(request: StaffRequest, rows: list[LeaseFiling], *, action: str) -> None:
    """Tenants who are in the register: the look at them is kept."""
    people = [tenant.registration.person_id for row in rows for tenant in row.tenants.all() if tenant.registration]
    audit.access(actor=request.user, action=action, person_ids=people, purpose="lease")


class FilingList(PileList):
    title = _("Lease filings")
    subtitle = _("Contracts filed by landlords, or by tenants where the landlord does not. Free of charge.")
    model = LeaseFiling
    filterset_class = FilingFilter
    table_class = FilingTable
    piles = tuple(
        (key, FilingStatus(key).label, tone, selectors.filings_in(key))
        for key, tone in (
            (FilingStatus.SUBMITTED, "warn"),
            (FilingStatus.FILED, ""),
            (FilingStatus.REFUSED, ""),
            (FilingStatus.ENDED, ""),
        )
    )
    standing = FilingStatus.FILED

    def get_queryset(self) -> Any:
        rows = self.pile(super().get_queryset()).select_related("dwelling").prefetch_related("tenants__registration")
        order = ("created_at", "pk") if self.tab == FilingStatus.SUBMITTED else ("-updated_at", "-pk")
        return rows.defer(*left_out(Dwelling, prefix="dwelling__")).order_by(*order)

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        looked_at(self.request, [row.record for row in table.paginated_rows], action="list")
        return table


class FilingNew(ServiceFormView):
    """Opened from a dwelling: a lease is always about one."""

    title = _("File a lease")
    model = LeaseFiling
    action = "add"
    form_class = FilingForm
    submit_label = _("File the lease")
    success_message = _("Handed in for filing: %(row)s")
    dwelling: Dwelling

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and can(request.user, self.model, self.action):
            rows = Dwelling.objects.standing().filter(scope_of(request.user, LeaseFiling, "add").q())
            self.dwelling = get_object_or_404(rows, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get_subtitle(self) -> str:
        return str(self.dwelling.address)

    def get_form_kwargs(self) -> dict[str, Any]:
        viewer = self.request.user
        stays = residents_of(self.dwelling, viewer)
        choices = [(stay.pk, person_view(stay.person, viewer=viewer).name) for stay in stays]
        return super().get_form_kwargs() | {"stays": choices}

    def run(self, **_cleaned: Any) -> LeaseFiling:
        form = self.get_form()
        form.is_valid()
        return filings.file_lease(dwelling_id=self.dwelling.pk, given=form.given(), actor=self.request.user)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Lease filings"), reverse("rentals:filing_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = can(self.request.user, Dwelling, "view", at=self.dwelling.area_code)
        back = self.dwelling.get_absolute_url() if seen else reverse("rentals:filing_list")
        return super().get_context_data(**kwargs) | {"cancel_url": back}


def filing_page(request: StaffRequest, row: LeaseFiling, *, status: int = 200, **forms: Any) -> HttpResponse:
    return render(request, "rentals/filing.html", context_of(row, request) | forms, status=status)


class FilingDetail(ScopedMixin, View):
    model = LeaseFiling
    action = "view"
    queryset = LEASES.prefetch_related("tenants__registration")

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(), pk=pk)
        looked_at(request, [row], action="open")
        return filing_page(request, row)


class FilingStepView(StepView):
    """One step: `name` is accept, refuse, renew or end."""

    model = LeaseFiling
    queryset = LEASES
    keyword = "filing_id"
    steps = {
        "accept": ("review", "", VersionedForm, filings.accept_filing, _("Filed: %(number)s")),
        "refuse": ("review", "refuse_form", RefusalForm, filings.refuse_filing, _("Refused: %(number)s")),
        "renew": ("add", "renew_form", RenewalForm, filings.renew_filing, _("Lease renewed: %(number)s")),
        "end": ("add", "end_form", LeaseEndForm, filings.end_filing, _("Lease ended: %(number)s")),
    }

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        return filing_page(self.request, row, status=status, **forms)


class FilingSheet(ScopedMixin, TemplateView):
    """The receipt for the parties."""

    model = LeaseFiling
    action = "view"
    queryset = LEASES.prefetch_related("tenants__registration")
    template_name = "rentals/filing_sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        looked_at(self.request, [row], action="print")
        return super().get_context_data(**kwargs) | {
            "row": row,
            "facts": facts_of(row, self.request.user),
            "check_url": self.request.build_absolute_uri(reverse("rentals:rental_check", args=[row.voucher])),
            "printed_at": clock.now(),
        }


def context_of(row: LeaseFiling, request: StaffRequest) -> dict[str, Any]:
    user, version = request.user, {"version": row.version}
    may_add = can(user, LeaseFiling, "add", at=row.area_code)
    may_review = can(user, LeaseFiling, "review", at=row.area_code)
    return {
        "title": row.dwelling.address,
        "subtitle": row.number,
        "crumbs": [(gettext("Lease filings"), reverse("rentals:filing_list"))],
        "row": row,
        "tone": TONES[row.status],
        "facts": facts_of(row, user),
        "tenants": [
            {
                "name": tenant.name or gettext("made anonymous"),
                "registered": tenant.registration_id is not None,
                "left_on": tenant.left_on,
            }
            for tenant in row.tenants.all()
        ],
        "door_url": row.dwelling.get_absolute_url() if can(user, Dwelling, "view", at=row.area_code) else "",
        "may_review": row.status == FilingStatus.SUBMITTED and may_review,
        "may_renew": row.status == FilingStatus.FILED and may_add,
        "may_end": row.status in LEASED and may_add,
        "refuse_form": RefusalForm(initial=version),
        "renew_form": RenewalForm(initial=version),
        "end_form": LeaseEndForm(initial=version | {"ended_on": clock.today()}),
    }


def facts_of(row: LeaseFiling, viewer: Any) -> list[tuple[Any, Any]]:
    told = project(row, viewer=viewer)
    facts = [
        (pgettext_lazy("lease", "Room"), room_words(row)),
        (_("Filed by"), row.get_filed_by_display()),
        (_("Term of the lease"), f"{tags.day(row.starts_on)} – {tags.day(row.ends_on)}"),
        (_("Monthly rent (yuan)"), told["monthly_rent"]),
        (_("Rental registration"), row.rental.number if row.rental else gettext("Not registered")),
        (_("Handed in"), f"{tags.day(row.created_at)} {row.submitted_by}"),
        (_("Filed on"), f"{tags.day(row.filed_on)} {row.decided_by}" if row.filed_on else ""),
        (_("Why it is not filed"), told["refusal_reason"]),
        (_("Last day of the lease"), tags.day(row.ended_on) if row.ended_on else ""),
        (_("Why the lease ended"), told["end_reason"]),
    ]
    return [(label, value) for label, value in facts if value]
