from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from portal.accounts.stepup import RecentLoginMixin
from portal.administration.forms.departments import DelegationForm, DepartmentForm, NewDepartmentForm
from portal.administration.forms.people import ReasonForm
from portal.administration.reach import below, departments_of
from portal.administration.services import departments
from portal.administration.views.common import AREA_NAME, AdminPage, RowFormView, add_domain_error, say
from portal.administration.wording import MATTERS
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.choices import Duty
from portal.org.models import Area, Delegation, Department
from portal.org.scoping import can, scope_of
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin


class DepartmentPage(AdminPage):
    model = Department

    def rows(self) -> QuerySet[Department]:
        return departments_of(self.request.user, self.action)

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Departments"), reverse("administration:departments"))]


class DepartmentsView(DepartmentPage, TemplateView):
    template_name = "administration/departments.html"
    title = gettext_lazy("Departments")
    subtitle = gettext_lazy("What a department does is told by its duties.")

    def get_crumbs(self) -> list[tuple[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = dict(Duty.choices)
        found = self.rows().annotate(area_name=AREA_NAME).order_by("area_code", "code")
        rows = [{"row": row, "duties": [words.get(duty, duty) for duty in row.duties]} for row in found]
        return super().get_context_data(**kwargs) | {
            "rows": rows,
            "may_change": can(self.request.user, Department, "change"),
            "may_see_delegations": can(self.request.user, Delegation, "view"),
        }


class DepartmentNewView(DepartmentPage, RowFormView):
    action = "change"
    form_class = NewDepartmentForm
    title = gettext_lazy("New department")
    submit_label = gettext_lazy("Add the department")
    success_message = gettext_lazy("“%(row)s” was added")

    def run(self, **cleaned: Any) -> Department:
        return departments.save_department(**cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:departments")


class DepartmentEditView(DepartmentPage, RowFormView):
    action = "change"
    form_class = DepartmentForm
    title = gettext_lazy("Change the department")
    success_message = gettext_lazy("“%(row)s” was changed")

    def get_subtitle(self) -> str:
        return str(self.object.name)

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        return {"name": row.name, "name_en": row.name_en, "duties": row.duties, "area": row.area_code}

    def run(self, **cleaned: Any) -> Department:
        code = self.object.code
        return departments.save_department(department_id=self.object.pk, code=code, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:departments")


class DelegationPage(AdminPage):
    model = Delegation

    def rows(self) -> QuerySet[Delegation]:
        return Delegation.objects.filter(below(scope_of(self.request.user, Delegation, self.action), "area_code"))


class DelegationsView(RecentLoginMixin, DelegationPage, ErrorSummaryMixin, FormView):
    """Which police matters stations may do, where, on what basis and until when."""

    recent_login_for_writes_only = True
    form_class = DelegationForm
    template_name = "administration/delegations.html"
    title = gettext_lazy("Delegation of police matters")
    subtitle = gettext_lazy("Signing a permit stays with the county police and is never delegated.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        names = dict(Area.objects.filter(code__in=self.rows().values("area_code")).values_list("code", "name"))
        rows = [
            {
                "row": row,
                "area": names.get(row.area_code, row.area_code),
                "matters": [MATTERS.get(one, one) for one in row.matters],
                "ended": row.valid_to is not None and row.valid_to < today,
                "begins": row.valid_from > today,
            }
            for row in self.rows().select_related("delegator").order_by("-valid_from", "-pk")
        ]
        return super().get_context_data(**kwargs) | {
            "rows": rows,
            "may_change": can(self.request.user, Delegation, "change"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require("change")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            departments.add_delegation(**form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("The delegation is entered"))
        return redirect("administration:delegations")


class DelegationEndView(RecentLoginMixin, DelegationPage, View):
    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        get_object_or_404(self.rows(), pk=pk)
        form = ReasonForm(request.POST, user=request.user)
        if not form.is_valid():
            say(request, _("Please say why; nothing was changed."), level="bad")
            return redirect("administration:delegations")
        try:
            departments.end_delegation(delegation_id=pk, reason=form.cleaned_data["reason"], actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, _("The delegation has ended; stations do none of its matters from now on"))
        return redirect("administration:delegations")
