from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.org.models import AreaGroupGrant, User
from portal.org.scoping import can
from portal.policy.models import CalendarDay, PolicyRule
from portal.ui.navigation import NavItem, register

register(
    NavItem(
        group="admin",
        url_name="administration:calendar",
        label=_("Working-day calendar"),
        icon="calendar",
        order=30,
        visible=lambda user: can(user, CalendarDay, "view", at=settings.COUNTY_CODE),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:rules",
        label=_("Deadlines and rules"),
        icon="clock",
        order=20,
        visible=lambda user: can(user, PolicyRule, "view", at=settings.COUNTY_CODE),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:people",
        label=_("Staff and accounts"),
        icon="users",
        order=5,
        visible=lambda user: can(user, User, "view"),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:groups",
        label=_("Groups and grants"),
        icon="shield-check",
        order=6,
        visible=lambda user: can(user, AreaGroupGrant, "view"),
    )
)
