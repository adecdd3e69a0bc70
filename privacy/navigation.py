from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.org.models import User
from portal.org.scoping import can
from portal.ui.navigation import NavItem, register
from privacy.models import LegalHold, ProcessingActivity, SubjectRequest
from privacy.selectors import SOON, pile


def to_answer_soon(user: User) -> int | None:
    """Only those who deal with requests are reminded."""
    if not can(user, SubjectRequest, "handle"):
        return None
    return SubjectRequest.objects.restrict(user, "handle").filter(pile(SOON, user)).count() or None


register(
    NavItem(
        group="approvals",
        url_name="privacy:request_list",
        label=_("Requests of persons"),
        icon="shield-check",
        order=60,
        visible=lambda user: can(user, SubjectRequest, "view"),
        badge=to_answer_soon,
        hot=True,
    )
)
register(
    NavItem(group="data", url_name="privacy:activities", label=_("Processing of personal data"), icon="scale", order=80)
)
register(
    NavItem(
        group="admin",
        url_name="privacy:notices",
        label=_("Notices of data collection"),
        icon="file-text",
        order=60,
        visible=lambda user: can(user, ProcessingActivity, "view", at=settings.COUNTY_CODE),
    )
)
register(
    NavItem(
        group="admin",
        url_name="privacy:retention",
        label=_("Retention of data"),
        icon="archive",
        order=61,
        visible=lambda user: can(user, ProcessingActivity, "view", at=settings.COUNTY_CODE),
    )
)
register(
    NavItem(
        group="admin",
        url_name="privacy:holds",
        label=_("Investigations"),
        icon="lock",
        order=62,
        visible=lambda user: can(user, LegalHold, "view", at=settings.COUNTY_CODE),
    )
)
