"""Doors that a one-time code opens: a new password, and the first administrator of an installation."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from portal.accounts import first_run, services
from portal.accounts.forms import FirstRunForm, ResetForm
from portal.accounts.views.login import EntranceView
from portal.core.errors import DomainError
from portal.ui.views import add_domain_error, say

HIDDEN = ("code", "password1", "password2")


@method_decorator([login_not_required, sensitive_post_parameters(*HIDDEN)], name="dispatch")
class ResetPage(EntranceView):
    """Account, code of the administrator, new password. A wrong code tells nothing about the account."""

    form_class = ResetForm
    template_name = "accounts/reset.html"
    title = gettext_lazy("Set a new password")

    def form_valid(self, form: Any) -> HttpResponse:
        cleaned = form.cleaned_data
        try:
            services.reset_password(code=cleaned["code"], username=cleaned["username"], password=cleaned["password1"])
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("The password is set. Please log in with it."))  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("login"))


@method_decorator([login_not_required, sensitive_post_parameters(*HIDDEN)], name="dispatch")
class FirstRunPage(EntranceView):
    """Exists only until there is an account; the code stands in the output of the first start."""

    form_class = FirstRunForm
    template_name = "accounts/first_run.html"
    title = gettext_lazy("Make the first administrator")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not services.needs_first_run():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        cleaned = form.cleaned_data
        try:
            made = first_run.make_administrator(
                code=cleaned["code"],
                username=cleaned["username"],
                display_name=cleaned["display_name"],
                password=cleaned["password1"],
            )
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        context = {"title": _("The administrators are made"), "made": made}
        return render(self.request, "accounts/first_run_done.html", context)
