from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.org.models import Area, AreaGroupGrant, Delegation, Department, User
from portal.org.scoping import can
from portal.policy.models import CalendarDay, CodeItem, PolicyRule
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
register(
    NavItem(
        group="admin",
        url_name="administration:why",
        label=_("Who can see this?"),
        icon="circle-help",
        order=8,
        visible=lambda user: can(user, AreaGroupGrant, "view"),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:areas",
        label=_("Areas"),
        icon="network",
        order=10,
        visible=lambda user: can(user, Area, "view"),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:reorganisations",
        label=_("Re-organisations"),
        icon="merge",
        order=10,
        visible=lambda user: can(user, Area, "view", at=settings.COUNTY_CODE),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:departments",
        label=_("Departments"),
        icon="building-2",
        order=11,
        visible=lambda user: can(user, Department, "view"),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:delegations",
        label=_("Delegation of police matters"),
        icon="handshake",
        order=12,
        visible=lambda user: can(user, Delegation, "view"),
    )
)
register(
    NavItem(
        group="admin",
        url_name="administration:codes",
        label=_("Code tables"),
        icon="book-open",
        order=25,
        visible=lambda user: can(user, CodeItem, "view", at=settings.COUNTY_CODE),
    )
)
