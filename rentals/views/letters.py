"""Letters of responsibility: the registrations in force by the state of their letter, one of them, its sheet."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.core import clock
from portal.files import services as files
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.org.scoping import areas_for, can
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.views import ScopedMixin, ServiceFormView
from portal.vault.projection import left_out, project
from rentals.choices import RentalStatus
from rentals.filters.letters import LetterFilter
from rentals.forms.letters import IssueForm, SignForm
from rentals.models import RentalRegistration, ResponsibilityLetter
from rentals.services import letters
from rentals.tables.letters import LetterTable, letter_state
from rentals.views.common import PileList, StepView
from residents.forms.people import VersionedForm
from residents.models import Dwelling
from residents.services.permits.face import issuing_organ

HIDDEN = [*left_out(RentalRegistration), *left_out(Dwelling, prefix="dwelling__")]
RENTALS = RentalRegistration.objects.select_related("dwelling").defer(*HIDDEN)
CHOICES, MOST_SHEETS = 400, 200


class LetterList(PileList):
    """In the order of addresses, as one walks from door to door."""

    title = _("Letters of responsibility")
    subtitle = _("Registrations in force by the state of their letter; it repeats the duties of the law, nothing else.")
    model = RentalRegistration
    filterset_class = LetterFilter
    table_class = LetterTable
    page_actions = "rentals/letters/_list_actions.html"
    standing = "sign"

    @property
    def piles(self) -> Any:  # type: ignore[override]
        today, soon = clock.today(), letters.renewal_day()
        return (
            ("sign", _("To be signed"), "warn", Q(letter_open=True)),
            ("missing", _("Without a letter"), "bad", Q(letter_open=False, letter_until=None)),
            ("soon", _("Ends soon"), "warn", Q(letter_until__gte=today, letter_until__lte=soon)),
            ("ended", _("Has ended"), "bad", Q(letter_until__lt=today)),
            ("signed", _("Signed and valid"), "", Q(letter_until__gte=today)),
        )

    def everything(self) -> Any:
        return super().everything().registered()

    def get_queryset(self) -> Any:
        rows = self.pile(self.everything()).select_related("dwelling")
        return rows.defer(*HIDDEN).order_by("area_code", "dwelling__address", "pk")

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.renewal_day = letters.renewal_day()
        return table

    def get_template_names(self) -> list[str]:
        found = super().get_template_names()
        return ["rentals/letters/list.html"] if found == ["ui/list.html"] else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "rate": letters.signed_rate(super().everything()),
            "to_print": f"?{self.request.GET.urlencode()}" if self.tab == "sign" else "",
            "may_issue": can(self.request.user, RentalRegistration, "review"),
        }


class LetterIssue(ServiceFormView):
    title = _("Issue letters for an area")
    subtitle = _("One for each registration in force that has none, or whose letter ends soon. Repeating adds nothing.")
    model = RentalRegistration
    action = "review"
    form_class = IssueForm
    submit_label = _("Issue the letters")
    success_message = _("The letters of %(row)s are being issued. See “My tasks”.")

    def get_form_kwargs(self) -> dict[str, Any]:
        levels = [AreaLevel.COUNTY, AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY]
        areas = areas_for(self.request.user, RentalRegistration, "review").filter(level__in=levels).order_by("code")
        return super().get_form_kwargs() | {"areas": list(areas.values_list("code", "name")[:CHOICES])}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Letters of responsibility"), reverse("rentals:letter_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"cancel_url": reverse("rentals:letter_list")}

    def get_success_url(self) -> str:
        return reverse("rentals:letter_list")

    def run(self, **cleaned: Any) -> Area:
        return letters.ask_for_letters(actor=self.request.user, **cleaned)


def letter_page(request: StaffRequest, row: RentalRegistration, *, status: int = 200, **forms: Any) -> HttpResponse:
    return render(request, "rentals/letters/letter.html", context_of(row, request) | forms, status=status)


class LetterDetail(ScopedMixin, View):
    """The letters of one registration, the newest first; `pk` is the registration's."""

    model = RentalRegistration
    action = "view"
    queryset = RENTALS

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        return letter_page(request, get_object_or_404(self.get_queryset(), pk=pk))


class LetterStep(StepView):
    """`name` is issue (a button) or sign."""

    model = RentalRegistration
    queryset = RENTALS
    keyword = "rental_id"
    steps = {
        "issue": ("review", "", VersionedForm, letters.issue, _("Issued: %(number)s")),
        "sign": ("add", "sign_form", SignForm, letters.sign, _("Signed: %(number)s")),
    }

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        return letter_page(self.request, row, status=status, **forms)


class LetterSheet(ScopedMixin, TemplateView):
    """One letter on A4: the newest of the registration."""

    model = RentalRegistration
    action = "view"
    queryset = RENTALS
    template_name = "rentals/letters/sheet.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return super().get_context_data(**kwargs) | {
            "row": row,
            "letter": row.letters.first(),
            "landlord": project(row, viewer=self.request.user)["landlord_name"],
            **same_on_each(row.area_code),
        }


class LetterSheets(ScopedMixin, TemplateView):
    """Those that wait for a signature, a sheet each, as the list was narrowed down: to be taken along to the doors."""

    model = RentalRegistration
    action = "view"
    queryset = RENTALS
    template_name = "rentals/letters/sheets.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        mine: Any = self.get_queryset()
        waiting = mine.registered().filter(letter_open=True)
        rows = LetterFilter(self.request.GET, queryset=waiting, user=user).qs
        found = list(rows.order_by("area_code", "dwelling__address", "pk")[: MOST_SHEETS + 1])
        shown = found[:MOST_SHEETS]
        to_sign = {one.rental_id: one for one in ResponsibilityLetter.objects.filter(rental__in=shown, signed_on=None)}
        return super().get_context_data(**kwargs) | {
            "sheets": [(row, to_sign.get(row.pk), project(row, viewer=user)["landlord_name"]) for row in shown],
            "cut_off": MOST_SHEETS if len(found) > MOST_SHEETS else 0,
            **same_on_each(user.area_code),
        }


def same_on_each(area_code: str) -> dict[str, Any]:
    """What every letter of an area says."""
    return {
        "organ": issuing_organ(),
        "report_days": rule("report.lessor_days", area_code=area_code).value,
        "valid_days": rule("letter.valid_days", area_code=area_code).value,
        "printed_at": clock.now(),
    }


def context_of(row: RentalRegistration, request: StaffRequest) -> dict[str, Any]:
    user = request.user
    found = list(row.letters.select_related("issued_by", "signed_before"))
    waiting = next((one for one in found if one.signed_on is None), None)
    until = max((one.valid_to for one in found if one.valid_to), default=None)
    in_force = row.status == RentalStatus.REGISTERED
    lacking = waiting is None and (until is None or until <= letters.renewal_day())
    words, tone = letter_state(until, letters.renewal_day(), is_open=waiting is not None)
    return {
        "title": row.dwelling.address,
        "subtitle": row.number,
        "crumbs": [(gettext("Letters of responsibility"), reverse("rentals:letter_list"))],
        "row": row,
        "landlord": project(row, viewer=user)["landlord_name"],
        "letters": [(one, scan_of(one, user)) for one in found],
        "waiting": waiting,
        "state": words,
        "tone": tone,
        "may_issue": in_force and lacking and can(user, RentalRegistration, "review", at=row.area_code),
        "may_sign": in_force and waiting is not None and can(user, RentalRegistration, "add", at=row.area_code),
        "sign_form": SignForm(
            initial={"version": waiting.version, "signed_on": clock.today(), "manner": "screen"} if waiting else {}
        ),
    }


def scan_of(letter: ResponsibilityLetter, viewer: Any) -> Any:
    """The scan of a signed paper, where the viewer may see it."""
    if letter.manner != "paper":
        return None
    return next(iter(files.attachments_of(letter, viewer=viewer)), None)
