from django.conf import settings
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from portal.audit.models import AccessEvent, AuditSeal
from portal.org.models import User
from portal.org.scoping import can
from portal.oversight import break_glass
from portal.oversight.models import Finding
from portal.ui.navigation import NavItem, register, register_alarm


def sees_log(user: User) -> bool:
    return can(user, AccessEvent, "view", at=settings.COUNTY_CODE)


def sees_findings(user: User) -> bool:
    return can(user, Finding, "view", at=settings.COUNTY_CODE)


def open_findings(_user: User) -> int | None:
    return Finding.objects.filter(looked_at=None).count() or None


def broken_glass(user: User) -> list[str]:
    """For the auditor and the security administrator, as long as an emergency access is open."""
    if not break_glass.may_see(user):
        return []
    sentence = _("Emergency access is open: %(who)s holds every right until %(until)s. Reason: %(reason)s")
    return [
        sentence % {"who": row.user.username, "until": f"{localtime(row.ends_at):%Y-%m-%d %H:%M}", "reason": row.reason}
        for row in break_glass.open_now()
    ]


register_alarm(broken_glass)
register(
    NavItem(
        group="admin",
        url_name="oversight:looks",
        label=_("Access log"),
        icon="eye",
        order=10,
        visible=sees_log,
        tab=True,
    )
)
register(
    NavItem(
        group="admin",
        url_name="oversight:breach",
        label=_("Who was touched"),
        icon="footprints",
        order=20,
        visible=sees_log,
        tab=True,
    )
)
register(
    NavItem(
        group="admin",
        url_name="oversight:findings",
        label=_("Findings"),
        icon="flag",
        order=30,
        visible=sees_findings,
        badge=open_findings,
        tab=True,
    )
)
register(
    NavItem(
        group="admin",
        url_name="oversight:seals",
        label=_("Seals of the log"),
        icon="shield-check",
        order=40,
        visible=lambda user: can(user, AuditSeal, "view", at=settings.COUNTY_CODE),
        tab=True,
    )
)
