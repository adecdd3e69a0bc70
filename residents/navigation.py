from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.ui.navigation import NavItem, register
from residents.models import Registration

register(
    NavItem(
        group="daily",
        url_name="residents:arrival_new",
        label=_("Log an arrival"),
        icon="user-plus",
        order=10,
        visible=lambda user: can(user, Registration, "add"),
    )
)
