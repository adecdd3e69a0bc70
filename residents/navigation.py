from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.ui import search
from portal.ui.navigation import NavItem, register
from residents.models import Dwelling, Permit, PermitApplication, Registration, TransferRequest
from residents.palette import find_doors, find_people
from residents.selectors import transfers_to_answer
from residents.services.permits.queues import mine_to_decide, to_remind

register(
    NavItem(
        group="daily",
        url_name="residents:arrival_new",
        section="/arrivals/",
        label=_("Log an arrival"),
        icon="user-plus",
        order=10,
        visible=lambda user: can(user, Registration, "add"),
    )
)
register(
    NavItem(
        group="daily",
        url_name="residents:person_list",
        label=_("Person files"),
        icon="users",
        order=20,
        visible=lambda user: can(user, Registration, "view"),
        tab=True,
    )
)
register(
    NavItem(
        group="daily",
        url_name="residents:dwelling_list",
        label=_("Dwellings"),
        icon="house",
        order=30,
        visible=lambda user: can(user, Dwelling, "view"),
    )
)
register(
    NavItem(
        group="approvals",
        url_name="residents:transfer_list",
        label=_("Transfer requests"),
        icon="truck",
        order=30,
        visible=lambda user: can(user, TransferRequest, "view"),
        badge=transfers_to_answer,
    )
)
search.register(search.SearchProvider(name="people", label=_("Person files"), find=find_people, order=10))
search.register(search.SearchProvider(name="dwellings", label=_("Dwellings"), find=find_doors, order=20))

register(
    NavItem(
        group="approvals",
        url_name="residents:application_queue",
        label=_("Residence permit review"),
        icon="id-card",
        order=10,
        visible=lambda user: can(user, PermitApplication, "view"),
        badge=mine_to_decide,
        tab=True,
    )
)
register(
    NavItem(
        group="approvals",
        url_name="residents:endorsement_list",
        label=_("Endorsement reminders"),
        icon="calendar-clock",
        order=20,
        visible=lambda user: can(user, Permit, "view"),
        badge=to_remind,
    )
)
