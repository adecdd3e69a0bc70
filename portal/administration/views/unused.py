from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from portal.administration.services.unused import unused_days, unused_grants
from portal.administration.views.common import AdminPage
from portal.org.models import AreaGroupGrant


class UnusedView(AdminPage, TemplateView):
    model = AreaGroupGrant
    template_name = "administration/unused.html"
    title = gettext_lazy("Rights not used")

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Groups and grants"), reverse("administration:groups"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "rows": unused_grants(self.request.user),
            "days": unused_days(),
        }
