"""Permits: the reminder list (page 24), the permit's own page, endorsement, end, the card and what the QR code says."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import DetailView, View

from portal.audit.services import access
from portal.core import clock
from portal.org.delegation import may_act_for_police
from portal.org.scoping import can
from portal.org.services import area_path
from portal.policy import codes
from portal.ui.http import StaffRequest
from portal.ui.views import PageMixin, QueueView, ScopedListView, ScopedMixin, ServiceActionView, say
from residents.choices import Ground, PermitStatus
from residents.forms.permits import EndForm, EndorseForm
from residents.models import Permit, Registration
from residents.services.permits import cards, dossier, endorsements, face, queues, verification
from residents.services.permits.eligibility import residence_years
from residents.services.prints import sheet_printed
from residents.services.projection import person_view
from residents.views.permits.tables import (
    PERMIT_TONES,
    EndorsementTable,
    PermitFilter,
    last_day,
    window_words,
)

KEYS = [queues.TO_REMIND, queues.IN_WINDOW, queues.SUSPENDED, queues.TO_END, queues.VALID]
WORDS = {
    queues.TO_REMIND: gettext_lazy("To remind"),
    queues.IN_WINDOW: gettext_lazy("Window open"),
    queues.SUSPENDED: gettext_lazy("Suspended"),
    queues.TO_END: gettext_lazy("End to be decided"),
    queues.VALID: gettext_lazy("All valid"),
}


def permit_rows() -> Any:
    return Permit.objects.select_related("person", "dwelling")


class EndorsementList(QueueView):
    """Whose window opens, is open, or was missed. Reminding is a duty (Hangzhou art. 25, H6)."""

    title = gettext_lazy("Endorsement reminders")
    model = Permit
    filterset_class = PermitFilter
    table_class = EndorsementTable
    bulk_actions = "residents/permits/_remind_actions.html"

    @property
    def tab(self) -> str:
        asked = self.request.GET.get(self.tab_parameter, "")
        return asked if asked in KEYS else KEYS[0]

    @property
    def bulk_url(self) -> str:  # type: ignore[override]
        may = can(self.request.user, Permit, "remind")
        return reverse("residents:endorsement_remind") if may and self.tab == queues.TO_REMIND else ""

    def get_queryset(self) -> Any:
        return permit_rows().restrict(self.request.user, "view").filter(queues.permit_pile(self.tab, clock.today()))

    def get_tabs(self) -> list[dict[str, Any]]:
        counts = queues.permit_pile_counts(Permit.objects.restrict(self.request.user, "view"), KEYS)
        return [
            {
                "label": WORDS[key],
                "url": f"?t={key}",
                "current": key == self.tab,
                "tone": "bad" if key == queues.SUSPENDED and counts[key] else "",
                "count": counts[key],
            }
            for key in KEYS
        ]

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        rows = [row.record.person_id for row in getattr(table.page, "object_list", table.rows)]
        access(actor=self.request.user, action="list", person_ids=rows, purpose="permit_endorsements")
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"pane": False}

    def get_template_names(self) -> list[str]:
        return ScopedListView.get_template_names(self)


class Remind(ScopedMixin, View):
    """The people ticked were called or written to."""

    http_method_names = ["post"]
    model = Permit
    action = "remind"

    def post(self, request: StaffRequest) -> HttpResponse:
        ids = [int(pk) for pk in request.POST.getlist("ids") if pk.isdigit()]
        count = endorsements.mark_reminded(permit_ids=ids, actor=request.user)
        words = ngettext("%(count)s holder marked as reminded", "%(count)s holders marked as reminded", count)
        say(request, words % {"count": count})
        return redirect("residents:endorsement_list")


class PermitDetail(ScopedMixin, PageMixin, DetailView):
    model = Permit
    action = "view"
    template_name = "residents/permits/permit.html"
    context_object_name = "permit"

    def get_queryset(self) -> Any:
        return permit_rows().restrict(self.request.user, "view")

    def get_title(self) -> str:
        return _("Permit %(number)s") % {"number": self.object.number}

    def get_crumbs(self) -> Any:
        return [(_("Endorsement reminders"), reverse("residents:endorsement_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        permit: Permit = self.object
        user = self.request.user
        today = clock.today()
        access(actor=user, action="open", person_ids=[permit.person_id], purpose="permit")
        living = permit.status != PermitStatus.TERMINATED and not permit.valid_until
        stay = Registration.objects.active().filter(person=permit.person_id).first()
        police = may_act_for_police(user, matter="", at=permit.area_code)
        return super().get_context_data(**kwargs) | {
            "person": person_view(permit.person, viewer=user),
            "tone": PERMIT_TONES[PermitStatus(permit.status)],
            "clock": window_words(permit, today),
            "last_day": last_day(permit),
            "years": residence_years(permit, today),
            "steps": dossier.steps_of(permit),
            "endorsements": permit.endorsements.select_related("actor"),
            "files": permit.applications.order_by("-submitted_on"),
            "grounds": Ground.choices,
            "may_endorse": living and self.may_endorse(permit) and today >= permit.endorse_from,
            "is_late": permit.status == PermitStatus.SUSPENDED or today >= endorsements.suspension_day(permit),
            "may_end": police
            and permit.status != PermitStatus.TERMINATED
            and can(user, Permit, "terminate", at=permit.area_code),
            "may_print": living and can(user, Permit, "print", at=permit.area_code),
            "may_move": living
            and stay is not None
            and stay.dwelling_id != permit.dwelling_id
            and can(user, Permit, "change", at=permit.area_code),
            "end_proposed": codes.label("permit_end_reason", permit.end_proposed),
            "end_form": EndForm(user=user),
        }

    def may_endorse(self, permit: Permit) -> bool:
        user = self.request.user
        granted = can(user, Permit, "endorse", at=permit.area_code)
        return granted and may_act_for_police(user, matter=endorsements.ENDORSE, at=permit.area_code)


class Endorse(ServiceActionView):
    model = Permit
    action = "endorse"
    success_message = gettext_lazy("Endorsed")

    def run(self, pk: int) -> Permit:
        form = EndorseForm(self.request.POST, user=self.request.user)
        ground = form.cleaned_data["ground"] if form.is_valid() else ""
        return endorsements.endorse(permit_id=pk, ground=ground, actor=self.request.user).permit


class MovePermit(ServiceActionView):
    model = Permit
    action = "change"
    success_message = gettext_lazy("The permit now carries the registered address")

    def run(self, pk: int) -> Permit:
        return cards.change_permit_address(permit_id=pk, actor=self.request.user)


class EndPermit(ServiceActionView):
    model = Permit
    action = "terminate"
    success_message = gettext_lazy("The permit has ended")

    def run(self, pk: int) -> Permit:
        note = self.request.POST.get("note", "").strip()[:120]
        return cards.terminate(
            permit_id=pk, reason=self.request.POST.get("reason", ""), note=note, actor=self.request.user
        )


class KeepPermit(ServiceActionView):
    model = Permit
    action = "terminate"
    success_message = gettext_lazy("The permit stays as it is")

    def run(self, pk: int) -> Permit:
        return cards.keep_permit(permit_id=pk, actor=self.request.user)


class PermitCard(ScopedMixin, DetailView):
    """The face of the card with the fields of article 4 (R2), and the code on its back."""

    model = Permit
    action = "print"
    template_name = "residents/permits/card.html"
    context_object_name = "permit"

    def get_queryset(self) -> Any:
        rows = permit_rows().restrict(self.request.user, "print")
        return rows.filter(valid_until=None).exclude(status=PermitStatus.TERMINATED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        permit: Permit = self.object
        return super().get_context_data(**kwargs) | {
            "face": face.face_of(permit_id=permit.pk, actor=self.request.user),
            "verify_url": verify_url(self.request, permit),
        }


class EndorsementSheet(ScopedMixin, DetailView):
    """The page of endorsements, for the holder."""

    model = Permit
    action = "print"
    template_name = "residents/permits/endorsement_sheet.html"
    context_object_name = "permit"

    def get_queryset(self) -> Any:
        return permit_rows().restrict(self.request.user, "print").exclude(status=PermitStatus.TERMINATED)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        permit: Permit = self.object
        sheet_printed(
            purpose="permit_endorsement", people=[permit.person_id], number=permit.number, actor=self.request.user
        )
        return super().get_context_data(**kwargs) | {
            "person": person_view(permit.person, viewer=self.request.user),
            "endorsements": permit.endorsements.select_related("actor"),
            "last_day": last_day(permit),
            "organ": face.issuing_organ(),
            "station": area_path(permit.area_code[:12]),
            "verify_url": verify_url(self.request, permit),
            "printed_at": clock.now(),
        }


def verify_url(request: HttpRequest, permit: Permit) -> str:
    return request.build_absolute_uri(reverse("residents:permit_verify", args=[verification.token_for(permit)]))


@method_decorator([login_not_required, never_cache], name="dispatch")
class Verify(View):
    """For anybody with the card: state and masked name. No search by number, ten looks a minute from one address."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            found = verification.verify(token)
        except verification.TooManyLookupsError:
            return render(request, "residents/permits/verify.html", {"busy": True}, status=HTTPStatus.TOO_MANY_REQUESTS)
        status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
        return render(request, "residents/permits/verify.html", {"found": found}, status=status)
