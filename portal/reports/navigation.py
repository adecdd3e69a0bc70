from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.reports.models import AreaCount
from portal.ui.navigation import NavItem, register

register(
    NavItem(
        group="daily", url_name="reports:workbench", label=_("Workbench"), icon="layout-dashboard", order=1, tab=True
    )
)
register(
    NavItem(
        group="data",
        url_name="reports:dashboard",
        label=_("Overview"),
        icon="chart-column",
        order=10,
        visible=lambda user: can(user, AreaCount, "view"),
        tab=True,
    )
)
