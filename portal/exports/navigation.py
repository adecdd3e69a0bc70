from django.utils.translation import gettext_lazy as _

from portal.exchange.services import ledgers_for
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
