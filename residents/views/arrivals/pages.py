"""Logging an arrival: the page itself, for one person and for a whole household (patterns P1, P4, P9)."""

import uuid
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy.services import rule
from portal.ui.views import PageMixin, ScopedMixin, say
from portal.vault.projection import project
from residents.forms.arrivals import ArrivalForm
from residents.forms.companions import BaseCompanionFormSet
from residents.models import Draft, Dwelling, Registration, RegistrationChange
from residents.services.drafts import drafts_of, forget_draft, form_key
from residents.services.intake import arrivals_today, recent_arrivals
from residents.services.notices import current_notice
from residents.services.registration import ArrivalResult, register_arrival
from residents.views.arrivals import building

KINDS = ("single", "house")


class ArrivalPage(ScopedMixin, PageMixin, TemplateView):
    """GET draws the form (blank or from a draft), POST saves it. A refused form comes back whole with status 422."""

    model = Registration
    action = "add"
    template_name = "residents/arrivals/form.html"
    kind = "single"
    empty_rows = 0
    title = gettext_lazy("Log an arrival")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form, rows = self.opened_forms()
        return self.page(form, rows)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form, rows = building.bound(request.POST, request.user)
        if all([form.is_valid(), rows.is_valid()]):
            try:
                result = self.save(form, rows)
            except DomainError as error:
                building.place_error(form, rows, error)
                return self.page(form, rows, problem=error)
            return self.saved(form, result)
        return self.page(form, rows)

    def opened_forms(self) -> tuple[ArrivalForm, BaseCompanionFormSet]:
        asked = self.request.GET.get("draft", "")
        if not asked:
            return building.blank(self.request.user, self.last, empty_rows=self.empty_rows)
        try:
            draft = drafts_of(actor=self.request.user, kinds=KINDS).get(pk=uuid.UUID(asked))
        except (ValueError, Draft.DoesNotExist) as error:
            raise Http404 from error
        return building.restored(draft.data or {}, self.request.user)

    def save(self, form: ArrivalForm, rows: BaseCompanionFormSet) -> ArrivalResult:
        notice = current_notice()
        result = register_arrival(
            head=building.identity_of(form.cleaned_data),
            stay=building.stay_of(form.cleaned_data),
            companions=tuple(building.companions_of(rows)),
            notice_id=notice.pk if notice else None,
            submission_key=str(form.cleaned_data["submission_id"]),
            actor=self.request.user,
        )
        forget_draft(form=form_key(self.kind, str(form.cleaned_data["submission_id"])), actor=self.request.user)
        return result

    def saved(self, form: ArrivalForm, result: ArrivalResult) -> HttpResponse:
        data = form.cleaned_data
        kept = ("dwelling", "lodging", "reason", "channel")
        self.request.session[building.SESSION_KEY] = {name: data.get(name, "") for name in kept}
        registration = result.registration
        say(self.request, _success_text(result, self.request.user), undo=_undo_url(registration))
        if self.request.POST.get("then") == "view":
            return redirect("residents:arrival_voucher", pk=registration.pk)
        return redirect(f"{self.request.path}?saved={registration.pk}")

    @property
    def last(self) -> dict[str, Any]:
        last: dict[str, Any] = self.request.session.get(building.SESSION_KEY, {})
        return last

    def page(
        self, form: ArrivalForm, rows: BaseCompanionFormSet, *, problem: DomainError | None = None
    ) -> HttpResponse:
        refused = form.is_bound
        context = self.get_context_data(form=form, rows=rows, problem=problem)
        return self.render_to_response(context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(**kwargs) | {
            "kind": self.kind,
            "notice": current_notice(),
            "recent": recent_arrivals(user),
            "today_count": arrivals_today(user).count(),
            "drafts": drafts_of(actor=user, kinds=KINDS).count(),
            "saved": self.saved_people(),
            "suggested": self.suggested_dwelling(),
            "guardian_age": rule("registration.guardian_below_age").value,
            "duty": building.duty_notes(_values_of(kwargs["form"])),
            "modes": [
                {"label": label, "url": reverse(name), "current": kind == self.kind}
                for kind, name, label in (
                    ("single", "residents:arrival_new", _("One person")),
                    ("house", "residents:arrival_household", _("Household")),
                )
            ],
        }

    def suggested_dwelling(self) -> Dwelling | None:
        """The address of the record saved before: one key takes it again."""
        return Dwelling.objects.restrict(self.request.user, "view").filter(pk=self.last.get("dwelling") or 0).first()

    def saved_people(self) -> dict[str, int] | None:
        """The record just saved and how many people it covers, for the counter of this sitting."""
        asked = self.request.GET.get("saved", "")
        own = Registration.objects.restrict(self.request.user, "view").filter(registrar=self.request.user)
        found = own.filter(pk=int(asked)).first() if asked.isdigit() else None
        return {"pk": found.pk, "people": found.companions.count() + 1} if found else None


class HouseholdPage(ArrivalPage):
    """Address first, then the head, then the members; rows stand ready because there will be some."""

    kind = "house"
    empty_rows = 2
    title = gettext_lazy("Register a household")


def _values_of(form: ArrivalForm) -> dict[str, Any]:
    names = ("document_kind", "nationality", "lodging", "reason", "arrived_on", "planned_until")
    return {name: form[name].value() for name in names}


def _success_text(result: ArrivalResult, viewer: User) -> str:
    name, more = project(result.registration.person, viewer=viewer)["name"], len(result.companions)
    if result.repeated:
        return _("%(name)s was saved before; nothing was entered twice") % {"name": name}
    if more:
        text = ngettext(
            "%(name)s and %(more)s companion registered; go on with the next",
            "%(name)s and %(more)s companions registered; go on with the next",
            more,
        )
        return text % {"name": name, "more": more}
    if result.renewal:
        return _("%(name)s registered again; go on with the next") % {"name": name}
    return _("%(name)s registered; go on with the next") % {"name": name}


def _undo_url(registration: Registration) -> str:
    change = RegistrationChange.objects.filter(registration=registration, undone_by=None).order_by("-pk").first()
    return reverse("residents:arrival_undo", args=[change.pk]) if change else ""
