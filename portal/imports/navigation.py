from django.utils.translation import gettext_lazy as _

from portal.imports.kinds import may_import
from portal.ui.navigation import NavItem, register

register(
    NavItem(
        group="data",
        url_name="imports:home",
        section="/imports/",
        label=_("Imports"),
        icon="upload",
        order=35,
        visible=may_import,
    )
)
