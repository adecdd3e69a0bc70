"""The registers: processing activities, notices, consents, retention, holds."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView, View

from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.models import Job
from portal.org.scoping import can
from portal.policy.services import rule
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin, PageMixin, ScopedMixin, ServiceFormView, add_domain_error, say
from privacy.choices import ConsentStatus
from privacy.forms.records import ActivityForm, ConsentRecordForm, HoldForm, NoticeForm, initial_of
from privacy.models import Consent, LegalHold, ProcessingActivity
from privacy.services import consents, holds
from privacy.services.activities import change_activity
from privacy.services.retention import KINDS
from residents.models import Notice, Person
from residents.services.notices import current_notice, publish_notice
from residents.services.projection import person_view

NIGHTS_SHOWN = 7


class CountyDesk:
    """403 unless the grant covers the county."""

    model: Any
    action = "view"
    request: StaffRequest

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can(request.user, self.model, self.action, at=settings.COUNTY_CODE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ActivityList(PageMixin, TemplateView):
    """Everybody who logs in may know on which ground the data are used."""

    template_name = "privacy/activities.html"
    title = _("Processing of personal data")
    subtitle = _("Each activity rests on one recorded legal ground.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(ProcessingActivity.objects.all())
        return super().get_context_data(**kwargs) | {
            "rows": [(row, term_of(row.retention_rule)) for row in rows],
            "may_change": can(self.request.user, ProcessingActivity, "change", at=settings.COUNTY_CODE),
        }


def term_of(code: str) -> Any:
    try:
        return rule(code)
    except DomainError:
        return None


class ActivityEdit(CountyDesk, PageMixin, ErrorSummaryMixin, FormView):
    model = ProcessingActivity
    action = "change"
    form_class = ActivityForm
    template_name = "privacy/activity_form.html"

    @property
    def row(self) -> ProcessingActivity:
        return get_object_or_404(ProcessingActivity, pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return self.row.name

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Processing of personal data"), reverse("privacy:activities"))]

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.row)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            row = change_activity(activity_id=self.kwargs["pk"], actor=self.request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, gettext("%(name)s is changed; the former entry stays in the history") % {"name": row.name})
        return redirect("privacy:activities")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        history = self.row.events.order_by("-pgh_id")[:20]  # type: ignore[attr-defined]
        return super().get_context_data(**kwargs) | {"history": history, "cancel_url": reverse("privacy:activities")}


class NoticeList(PageMixin, ErrorSummaryMixin, FormView):
    """All versions of the notice of collection; whoever may publish finds the form for the next one."""

    form_class = NoticeForm
    template_name = "privacy/notices.html"
    title = _("Notices of data collection")
    subtitle = _("Each registration keeps the version that the person was shown.")

    def get_initial(self) -> dict[str, Any]:
        newest = Notice.objects.first()
        return {"body": newest.body, "body_en": newest.body_en} if newest and self.may_publish else {}

    @property
    def may_publish(self) -> bool:
        return can(self.request.user, Notice, "publish", at=settings.COUNTY_CODE)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_publish:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            made = publish_notice(**form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        words = gettext("Version %(version)s is published; the former ones are kept")
        say(self.request, words % {"version": made.version})
        return redirect("privacy:notices")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "versions": Notice.objects.all(),
            "current": current_notice(),
            "today": clock.today(),
            "may_publish": self.may_publish,
        }


class ConsentNew(ServiceFormView):
    model = Consent
    action = "record"
    form_class = ConsentRecordForm
    template_name = "privacy/request_form.html"
    title = _("Record a consent")
    submit_label = _("Record the answer")

    @property
    def person(self) -> Person:
        found: Person = get_object_or_404(Person.objects.restrict(self.request.user, "view"), pk=self.kwargs["pk"])
        return found

    def run(self, **cleaned: Any) -> Consent:
        answer = cleaned.pop("answer")
        given: dict[str, Any] = {"person_id": self.person.pk, "actor": self.request.user}
        if answer == ConsentStatus.REFUSED:
            kept = {key: cleaned[key] for key in ("activity_code", "told")}
            return consents.refuse_consent(**given, **kept)
        return consents.give_consent(**given, **cleaned)

    def get_success_url(self) -> str:
        return self.person.get_absolute_url()

    def get_success_message(self) -> str:
        return gettext("Recorded: %(name)s") % {"name": self.row.activity.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.person
        return super().get_context_data(**kwargs) | {
            "view": person_view(person, viewer=self.request.user),
            "cancel_url": person.get_absolute_url(),
            "intro": _("One purpose, one answer. A refusal changes nothing about other services; nobody asks again."),
        }


class ConsentWithdraw(ScopedMixin, View):
    http_method_names = ["post"]
    model = Consent
    action = "withdraw"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset().select_related("person", "activity"), pk=pk)
        try:
            version = int(request.POST.get("version", "0") or 0)
            consents.withdraw_consent(consent_id=pk, version=version or row.version, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("Withdrawn: %(name)s") % {"name": row.activity.name})
        return redirect(row.person.get_absolute_url())


class RetentionPage(CountyDesk, PageMixin, TemplateView):
    """What is kept how long and why, how much is due today, and what the last nights took away."""

    model = ProcessingActivity
    template_name = "privacy/retention.html"
    title = _("Retention of data")
    subtitle = _("What has been kept long enough is deleted or made anonymous every night.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        nights = Job.objects.filter(kind="privacy.retention").order_by("-created_at")[:NIGHTS_SHOWN]
        return super().get_context_data(**kwargs) | {
            "kinds": [(kind, kind.terms, kind.due(today)) for kind in KINDS],
            "nights": [(job, (job.cursor or {}).get("counts", {})) for job in nights],
            "today": today,
        }


class HoldList(CountyDesk, PageMixin, ErrorSummaryMixin, FormView):
    model = LegalHold
    form_class = HoldForm
    template_name = "privacy/holds.html"
    title = _("Investigations")
    subtitle = _("Rows that a case keeps from the person are left out of the sheet, and nothing of it is deleted.")

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, LegalHold, "change", at=settings.COUNTY_CODE):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"since": clock.today()}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            made = holds.set_hold(**form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, gettext("The hold for %(case)s is in force") % {"case": made.case_number})
        return redirect("privacy:holds")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "rows": LegalHold.objects.select_related("account", "set_by", "lifted_by"),
            "may_change": can(self.request.user, LegalHold, "change", at=settings.COUNTY_CODE),
        }


class HoldLift(CountyDesk, View):
    http_method_names = ["post"]
    model = LegalHold
    action = "change"

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        get_object_or_404(LegalHold, pk=pk)
        try:
            hold = holds.lift_hold(hold_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, gettext("The hold for %(case)s is lifted") % {"case": hold.case_number})
        return redirect("privacy:holds")
