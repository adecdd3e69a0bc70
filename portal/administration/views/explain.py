from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from portal.administration.forms.explain import WhyForm
from portal.administration.reach import givers_for
from portal.administration.services.explain import explain, explain_own, find_target
from portal.administration.views.common import AdminPage, PageMixin, add_domain_error
from portal.core.errors import DomainError
from portal.org.models import AreaGroupGrant
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin

LONGEST_PATH = 200


class WhyView(AdminPage, ErrorSummaryMixin, FormView):
    """One person, one record: every step of the decision. Sent by POST, so that no address of a record is logged."""

    model = AreaGroupGrant
    form_class = WhyForm
    template_name = "administration/why.html"
    title = gettext_lazy("Who can see this?")
    subtitle = gettext_lazy("Each step as the product takes it, and what is missing.")

    def get_initial(self) -> dict[str, Any]:
        return {"person": self.request.GET.get("person")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        area = given["area"]
        try:
            target = find_target(
                text=given["record"],
                action=given["action"],
                model=given["model"],
                area_code=area.code if area else "",
            )
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        told = explain(person=given["person"], target=target, actor=self.request.user)
        return self.render_to_response(self.get_context_data(form=form, told=told))


class OwnWhyView(PageMixin, TemplateView):
    """From the pages 403 and 404: which right a page asks for and where the reader has it."""

    template_name = "administration/own_why.html"
    title = gettext_lazy("Why do I not see this?")
    request: StaffRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        path = self.request.GET.get("page", "")[:LONGEST_PATH]
        return super().get_context_data(**kwargs) | {
            "path": path,
            "steps": explain_own(user=user, path=path),
            "givers": givers_for(user.area_code or settings.COUNTY_CODE).select_related("department")[:5],
        }
