"""The forms and buttons of one stay: move, workplace, departure, restoration, verification, undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from portal.core import clock
from portal.core.errors import DomainError, StaleRecordError
from portal.policy import codes
from portal.ui.http import StaffRequest
from portal.ui.templatetags import ui as tags
from portal.ui.views import ScopedMixin, ServiceFormView, add_domain_error, say
from residents.choices import DiscoveredBy, RegistrationStatus, VisitResult
from residents.forms.people import LeaveForm, MoveForm, RestoreForm, VerifyForm, WorkplaceForm, address_of
from residents.models import Registration, RegistrationChange
from residents.services import moves
from residents.services.households.following import companions_of
from residents.services.projection import person_view


def lodging(code: str) -> str:
    return codes.label("dwelling_kind", code)


class StayFormView(ServiceFormView):
    """A form about one stay; the head of the page says about whom."""

    model = Registration
    template_name = "residents/people/stay_form.html"
    stay: Registration
    stale: list[tuple[Any, Any, Any]] = []
    intro: Any = ""
    danger = False
    undoable = True

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load(kwargs["pk"])
        return super().post(request, *args, **kwargs)

    def load(self, pk: int) -> None:
        self.stay = get_object_or_404(self.get_queryset().select_related("person", "dwelling"), pk=pk)

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.stay.version}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        told = person_view(self.stay.person, viewer=self.request.user)
        return [(_("Person files"), reverse("residents:person_list")), (told.name, told.url)]

    def get_success_url(self) -> str:
        return str(self.row.person.get_absolute_url())

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.row = self.run(**form.cleaned_data)
        except StaleRecordError as error:
            return self.show_both_versions(form, error)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        last = RegistrationChange.objects.filter(registration=self.row).order_by("-pk").first()
        undo = reverse("residents:change_undo", args=[last.pk]) if last and self.undoable else ""
        say(self.request, self.get_success_message(), undo=undo)
        return redirect(self.get_success_url())

    def get_success_message(self) -> str:
        return str(self.success_message) % {"name": person_view(self.row.person, viewer=self.request.user).name}

    def show_both_versions(self, form: Any, error: StaleRecordError) -> HttpResponse:
        """Keeps what was typed, shows what is on file now, and lets the second save through."""
        self.stay.refresh_from_db()
        self.stale = self.on_file(form)
        data = form.data.copy()
        data["version"] = str(self.stay.version)
        form.data = data
        form.add_error(None, error.message)
        return self.form_invalid(form)

    def on_file(self, form: Any) -> list[tuple[Any, Any, Any]]:
        """(label, now on file, typed) for the comparison of two versions."""
        return [(_("Status"), self.stay.get_status_display(), "—")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "stay": self.stay,
            "view": person_view(self.stay.person, viewer=self.request.user),
            "stale": self.stale,
            "intro": self.intro,
            "danger": self.danger,
            "cancel_url": self.stay.person.get_absolute_url(),
            "companions": self.names_of_companions(),
        }

    def names_of_companions(self) -> list[str]:
        return [person_view(one.person, viewer=self.request.user).name for one in self.companions()]

    def companions(self) -> list[Registration]:
        household = companions_of(self.stay.person_id)
        rows = Registration.objects.restrict(self.request.user, "view").active().filter(person__in=household)
        return list(rows.filter(dwelling_id=self.stay.dwelling_id).select_related("person"))

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if "with_companions" in form.fields and not self.companions():
            del form.fields["with_companions"]
        return form


class MoveView(StayFormView):
    title = _("Change the address")
    action = "change"
    form_class = MoveForm
    submit_label = _("Record the move")
    success_message = _("The new address of %(name)s is on record. The residence time goes on counting.")
    intro = _("The stay at the old address ends and the new one begins on the day of the move. The half-year goes on.")

    def get_initial(self) -> dict[str, Any]:
        found_by = DiscoveredBy.VISIT if self.request.GET.get("by") == "visit" else DiscoveredBy.PERSON
        return super().get_initial() | {
            "lodging": self.stay.lodging,
            "moved_on": clock.today(),
            "discovered_by": found_by,
            "with_companions": True,
        }

    def run(self, **cleaned: Any) -> Registration:
        cleaned["dwelling_id"] = cleaned.pop("dwelling")
        return moves.change_address(registration_id=self.stay.pk, actor=self.request.user, **cleaned)

    def on_file(self, form: Any) -> list[tuple[Any, Any, Any]]:
        return [
            *super().on_file(form),
            (_("Address"), self.stay.dwelling.address, address_of(form.cleaned_data.get("dwelling"))),
            (_("Lodging"), lodging(self.stay.lodging), lodging(form.cleaned_data.get("lodging", ""))),
        ]


class WorkplaceView(StayFormView):
    title = _("Change the workplace")
    action = "change"
    form_class = WorkplaceForm
    submit_label = _("Save the workplace")
    success_message = _("The workplace of %(name)s was changed.")

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"changed_on": clock.today()}

    def run(self, **cleaned: Any) -> Registration:
        return moves.change_workplace(registration_id=self.stay.pk, actor=self.request.user, **cleaned)

    def on_file(self, form: Any) -> list[tuple[Any, Any, Any]]:
        typed = form.cleaned_data.get("workplace", "")
        return [*super().on_file(form), (_("Employer or school"), self.stay.workplace or "—", typed or "—")]


class LeaveView(StayFormView):
    title = _("Deregister after departure")
    action = "deregister"
    form_class = LeaveForm
    submit_label = _("Deregister")
    success_message = _("%(name)s is deregistered. Within the term it can be restored.")
    danger = True

    def get_initial(self) -> dict[str, Any]:
        found_by = DiscoveredBy.VISIT if self.request.GET.get("by") == "visit" else DiscoveredBy.PERSON
        return super().get_initial() | {"left_on": clock.today(), "reason": "01", "discovered_by": found_by}

    def run(self, **cleaned: Any) -> Registration:
        return moves.deregister(registration_id=self.stay.pk, actor=self.request.user, **cleaned)

    def on_file(self, form: Any) -> list[tuple[Any, Any, Any]]:
        typed = form.cleaned_data.get("left_on")
        return [*super().on_file(form), (_("Left on"), tags.day(self.stay.left_on) or "—", tags.day(typed))]


class RestoreView(StayFormView):
    title = _("Restore the registration")
    action = "restore"
    form_class = RestoreForm
    submit_label = _("Restore")
    success_message = _("The registration of %(name)s goes on.")
    undoable = False

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"was_away": "no"}

    def run(self, **cleaned: Any) -> Registration:
        return moves.restore(registration_id=self.stay.pk, actor=self.request.user, **cleaned)


class VerifyView(ScopedMixin, View):
    """One tap: still here, moved, left, nobody home. Moved and left lead on to their form."""

    http_method_names = ["post"]
    model = Registration
    action = "verify"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        stay = get_object_or_404(self.get_queryset().select_related("person"), pk=pk)
        form = VerifyForm(request.POST)
        person = stay.person
        if not form.is_valid():
            say(request, gettext("Please choose one of the offered entries."), level="bad")
            return redirect(person.get_absolute_url())
        try:
            visit = moves.verify(registration_id=pk, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect(person.get_absolute_url())
        messages.success(request, self.words(visit.result) % {"name": person_view(person, viewer=request.user).name})
        onward = {VisitResult.LEFT: "residents:person_leave", VisitResult.MOVED: "residents:person_move"}
        if visit.result in onward:
            return redirect(reverse(onward[VisitResult(visit.result)], args=[pk]) + "?by=visit")
        return redirect(person.get_absolute_url())

    def words(self, result: str) -> str:
        return {
            VisitResult.PRESENT: gettext("Verified today: %(name)s still lives there."),
            VisitResult.ABSENT: gettext("Recorded: nobody home at %(name)s's. The verification stays open."),
            VisitResult.LEFT: gettext("Recorded: %(name)s has left. Please complete the deregistration."),
            VisitResult.MOVED: gettext("Recorded: %(name)s has moved. Please complete the new address."),
        }[VisitResult(result)]


class UndoView(ScopedMixin, View):
    """Takes the newest step back, if nothing was built upon it."""

    http_method_names = ["post"]
    model = RegistrationChange
    action = "view"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        change = get_object_or_404(self.get_queryset().select_related("person"), pk=pk)
        try:
            moves.undo(change_id=pk, actor=request.user)
        except Registration.DoesNotExist:
            return HttpResponse(status=404)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            name = person_view(change.person, viewer=request.user).name
            words = {"step": change.get_kind_display(), "name": name}
            say(request, gettext("Undone: %(step)s of %(name)s.") % words)
        standing = Registration.objects.filter(person=change.person).exclude(status=RegistrationStatus.VOID).exists()
        return redirect(change.person.get_absolute_url() if standing else reverse("residents:person_list"))
