from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.exchange.approvals import waiting_for
from portal.exchange.models import ExportRequest, ProvisionRecord
from portal.exchange.services import ledgers_for
from portal.org.scoping import can
from portal.ui.navigation import NavItem, register

register(
    NavItem(
        group="data",
        url_name="exports:centre",
        label=_("Export centre"),
        icon="file-spreadsheet",
        order=40,
        visible=lambda user: bool(ledgers_for(user)),
    )
)
register(
    NavItem(
        group="data",
        url_name="exports:approvals",
        label=_("Approval of exports"),
        icon="circle-check",
        order=50,
        visible=lambda user: can(user, ExportRequest, "approve"),
        badge=lambda user: waiting_for(user).count(),
    )
)
register(
    NavItem(
        group="data",
        url_name="exports:provisions",
        label=_("Data handed on"),
        icon="send",
        order=70,
        visible=lambda user: can(user, ProvisionRecord, "view", at=settings.COUNTY_CODE),
    )
)
