from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from portal.administration.forms.policy import DaysForm, RuleForm
from portal.administration.services.policy import change_rule, days_of, forget_day, may_set, set_days
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.scoping import can
from portal.policy.models import CalendarDay, CodeItem, PolicyRule
from portal.policy.working_days import is_provisional
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin, PageMixin, add_domain_error, say

RULES_PER_PAGE = 50


class DeskMixin(PageMixin):
    """403 unless the reader's grant covers the county."""

    model: type[CalendarDay] | type[PolicyRule] | type[CodeItem]
    action = "view"
    request: StaffRequest

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can(request.user, self.model, self.action, at=settings.COUNTY_CODE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class CalendarView(DeskMixin, ErrorSummaryMixin, FormView):
    """The year's working days, what an administrator entered, and the form to enter more."""

    model = CalendarDay
    form_class = DaysForm
    template_name = "administration/calendar.html"
    title = gettext_lazy("Working-day calendar")

    @property
    def year(self) -> int:
        asked = self.request.GET.get("y", "")
        return int(asked) if asked.isdigit() and len(asked) == 4 else clock.today().year  # noqa: PLR2004 - digits

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        days = days_of(self.year)
        months = [
            {"number": month, "days": list(found), "offset": range(found_first.weekday())}
            for month, found, found_first in (
                (key, items, items[0][0])
                for key, items in ((k, list(g)) for k, g in groupby(days, key=lambda entry: entry[0].month))
            )
        ]
        return super().get_context_data(**kwargs) | {
            "year": self.year,
            "months": months,
            "provisional": is_provisional(days[-1][0]),
            "entered": CalendarDay.objects.filter(day__year=self.year),
            "may_change": may_set(self.request.user, CalendarDay),
            "years": [
                {"label": str(year), "url": f"?y={year}", "current": year == self.year}
                for year in range(clock.today().year - 1, clock.today().year + 3)
            ],
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            days = set_days(**form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("%(count)s days entered; open due dates are counted again") % {"count": len(days)})
        return redirect(f"{reverse('administration:calendar')}?y={days[0].day.year}")


class ForgetDayView(DeskMixin, View):
    model = CalendarDay
    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        get_object_or_404(CalendarDay, pk=pk)
        day = forget_day(day_id=pk, actor=request.user)
        say(request, _("%(day)s follows the built-in calendar again") % {"day": day.isoformat()})
        return redirect(f"{reverse('administration:calendar')}?y={day.year}")


class RulesView(DeskMixin, TemplateView):
    """Every number of the law that the product counts with, with its basis."""

    model = PolicyRule
    template_name = "administration/rules.html"
    title = gettext_lazy("Deadlines and rules")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today, county = clock.today(), settings.COUNTY_CODE
        text = self.request.GET.get("q", "").strip()[:60]
        rows = PolicyRule.objects.filter(
            Q(effective_to=None) | Q(effective_to__gte=today),
            area_code__in=["", *(county[:digits] for digits in (2, 4, 6))],
        )
        if text:
            rows = rows.filter(Q(text__icontains=text) | Q(code__icontains=text) | Q(basis__icontains=text))
        if self.request.GET.get("v") == "0":
            rows = rows.filter(verified=False)
        ordered = sorted(rows, key=lambda row: (row.code, row.effective_from > today, -len(row.area_code)))
        rules = [next(group) for _code, group in groupby(ordered, key=lambda row: row.code)]
        return super().get_context_data(**kwargs) | {
            "page": Paginator(rules, RULES_PER_PAGE).get_page(self.request.GET.get("page")),
            "q": text,
            "unverified_only": self.request.GET.get("v") == "0",
            "may_change": may_set(self.request.user, PolicyRule),
        }


class RuleEditView(DeskMixin, ErrorSummaryMixin, FormView):
    model = PolicyRule
    action = "change"
    form_class = RuleForm
    template_name = "administration/rule_form.html"

    @property
    def rule(self) -> PolicyRule:
        return get_object_or_404(PolicyRule, pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return self.rule.text or self.rule.code

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Deadlines and rules"), reverse("administration:rules"))]

    def get_initial(self) -> dict[str, Any]:
        rule = self.rule
        return {
            "value": rule.value.normalize(),
            "basis": rule.basis,
            "effective_from": clock.today(),
            "verified": rule.verified,
            "note": rule.note,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rule = self.rule
        return super().get_context_data(**kwargs) | {
            "rule": rule,
            "history": PolicyRule.objects.filter(code=rule.code).order_by("-effective_from"),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            change_rule(rule_id=self.rule.pk, **form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("The new value is kept with its basis; the former one stays in the history"))
        return redirect("administration:rules")
