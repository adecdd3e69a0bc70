"""The household book: its page, its printed sheet, the buttons that need no form."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, View

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.scoping import can, scope_of
from portal.org.services import area_path
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, ScopedMixin, say
from residents.choices import HouseholdActKind, PermitStatus
from residents.models import Household, HouseholdAct, Registration
from residents.services.households import acts
from residents.services.households.reading import BookLine, acts_of, book_lines
from residents.services.households.undoing import last_act, may_be_undone

PERMIT_TONES = {PermitStatus.ACTIVE: "brand", PermitStatus.SUSPENDED: "warn", PermitStatus.TERMINATED: ""}


class HouseholdView(ScopedMixin, PageMixin, DetailView):
    model = Household
    action = "view"
    template_name = "residents/households/detail.html"
    lines: list[BookLine]

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("dwelling", "head")

    def get_object(self, queryset: Any = None) -> Household:
        book: Household = super().get_object(queryset)
        self.lines = book_lines(book, self.request.user)
        shown = [line.person_id for line in self.lines]
        audit.access(actor=self.request.user, action="list", person_ids=shown, purpose="household")
        return book

    def get_title(self) -> str:
        names = [line.view.name for line in self.lines if line.is_head]
        return gettext("Household of %(name)s") % {"name": names[0]} if names else gettext("Household book")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        home = self.object.dwelling
        return [(_("Dwellings"), reverse("residents:dwelling_list")), (home.address, home.get_absolute_url())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        book, user = self.object, self.request.user
        may = can(user, Household, "change", at=book.area_code) and book.ended_on is None
        homes, alone = acts.candidates(book, user) if may else ([], [])
        return super().get_context_data(**kwargs) | {
            "book": book,
            "lines": self.lines,
            "place": area_path(book.area_code, separator=" · "),
            "minors": [line for line in self.lines if line.needs_guardian],
            "unguarded": [line for line in self.lines if line.without_guardian],
            "acts": acts_of(book),
            "undo": self._undo() if may or book.ended_on else None,
            "may_change": may,
            "may_join": bool(homes or alone),
            "several": len(self.lines) > 1,
            "tones": PERMIT_TONES,
        }

    def _undo(self) -> HouseholdAct | None:
        last = last_act(self.object)
        if last is None or not may_be_undone(last) or last.kind == HouseholdActKind.ARRIVED:
            return None  # an arrival is taken back at the arrival itself
        return last if acts.in_window(last) else None


class HouseholdPrintView(HouseholdView):
    """One page of the book, A4; numbers stay masked."""

    template_name = "residents/households/print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        empty_rows = range(max(0, 8 - len(self.lines)))
        return super().get_context_data(**kwargs) | {"printed_at": clock.now(), "empty_rows": empty_rows}


class HouseholdOpenView(ScopedMixin, View):
    """A book for somebody who came alone, so that others can join."""

    http_method_names = ["post"]
    model = Household
    action = "change"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        where = scope_of(request.user, Household, "change").q()
        stay = get_object_or_404(Registration.objects.active().filter(where).select_related("person"), pk=pk)
        try:
            book = acts.open_book(registration_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect(stay.person.get_absolute_url() + "?tab=family")
        act = HouseholdAct.objects.filter(household=book).latest("pk")
        say(request, gettext("The household book is open."), undo=reverse("residents:household_undo", args=[act.pk]))
        return redirect(book.get_absolute_url())


class HouseholdUndoView(ScopedMixin, View):
    """Takes the last act back, if nothing was built upon it."""

    http_method_names = ["post"]
    model = Household
    action = "change"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        act = get_object_or_404(HouseholdAct.objects.filter(household__in=self.get_queryset()), pk=pk)
        try:
            acts.undo_act(act_id=pk, actor=request.user)
        except (Household.DoesNotExist, Registration.DoesNotExist):
            return HttpResponse(status=404)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("Undone: %(act)s.") % {"act": act.get_kind_display()})
        book = self.get_queryset().filter(pk=act.household_id).first()
        return redirect(book.get_absolute_url() if book else reverse("residents:person_list"))
