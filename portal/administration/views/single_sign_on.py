from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from portal.accounts.sso.models import Link
from portal.accounts.sso.provider import LABELS, switched_on
from portal.accounts.stepup import RecentLoginMixin
from portal.administration.forms.single_sign_on import LinkForm
from portal.administration.services.single_sign_on import link_key, unlink_key
from portal.administration.views.common import RowFormView, say
from portal.administration.views.people import PeoplePage
from portal.org.models import User
from portal.ui.http import StaffRequest


class SingleSignOnView(RecentLoginMixin, PeoplePage, RowFormView):
    """The keys that open one account, and a form for another one."""

    recent_login_for_writes_only = True
    template_name = "administration/single_sign_on.html"
    form_class = LinkForm
    title = gettext_lazy("Single sign-on of the account")
    success_message = gettext_lazy("The key of %(row)s is linked")

    def get_subtitle(self) -> str:
        return f"{self.object} · {self.object.username}"

    def get_crumbs(self) -> list[tuple[str, str]]:
        person = self.object
        return [*super().get_crumbs(), (str(person), reverse("administration:person", args=[person.pk]))]

    def run(self, **cleaned: Any) -> User:
        return link_key(user_id=self.object.pk, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:single_sign_on", args=[self.object.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Link.objects.filter(user=self.object).select_related("made_by")
        return super().get_context_data(**kwargs) | {
            "person": self.object,
            "links": [{"row": row, "label": LABELS.get(row.provider, row.provider)} for row in rows],
            "may_link": self.object.pk != self.request.user.pk,
            "is_on": bool(switched_on()),
        }


class UnlinkView(RecentLoginMixin, PeoplePage, View):
    model = User
    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int, link_id: int) -> HttpResponse:
        get_object_or_404(self.rows(), pk=pk)
        get_object_or_404(Link, pk=link_id, user_id=pk)
        unlink_key(user_id=pk, link_id=link_id, actor=request.user)
        say(request, _("The link was removed"))
        return redirect("administration:single_sign_on", pk=pk)
