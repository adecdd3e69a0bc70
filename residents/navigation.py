from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.org.scoping import can
from portal.ui import search
from portal.ui.navigation import NavItem, register
from residents.models import (
    DepartureRequest,
    Dwelling,
    MappingFile,
    Permit,
    PermitApplication,
    Person,
    Registration,
    SampleItem,
    SamplingCampaign,
    TransferRequest,
    VisitTask,
)
from residents.palette import (
    all_people,
    find_doors,
    find_employers,
    find_people,
    find_permits,
    last_doors,
    last_people,
)
from residents.selectors import mass_departures_to_decide, transfers_to_answer
from residents.services.permits.queues import mine_to_decide, to_remind
from residents.services.visits.route import due_for

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
        url_name="residents:pair_list",
        section="/duplicates/",
        label=_("Likely duplicates"),
        icon="users",
        order=25,
        visible=lambda user: can(user, Person, "merge"),
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
for provider in (
    search.SearchProvider("people", _("Person files"), find_people, order=10, recent=last_people, more=all_people),
    search.SearchProvider("dwellings", _("Dwellings"), find_doors, order=20, recent=last_doors),
    search.SearchProvider("permits", _("Residence permits"), find_permits, order=30),
    search.SearchProvider("employers", _("Employers and schools"), find_employers, order=40),
):
    search.register(provider)

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

register(
    NavItem(
        group="daily",
        url_name="residents:visit_plan",
        section="/visits/",
        label=_("Visits of the day"),
        icon="footprints",
        order=15,
        visible=lambda user: can(user, VisitTask, "view"),
        badge=due_for,
        tab=True,
    )
)
register(
    NavItem(
        group="daily",
        url_name="residents:sample_list",
        section="/sampling/items/",
        label=_("Samples to check"),
        icon="clipboard-check",
        order=40,
        visible=lambda user: can(user, SampleItem, "check"),
    )
)
register(
    NavItem(
        group="approvals",
        url_name="residents:departure_request_list",
        section="/visits/departures/",
        label=_("Mass deregistrations"),
        icon="users-round",
        order=40,
        visible=lambda user: can(user, DepartureRequest, "approve"),
        badge=mass_departures_to_decide,
    )
)
register(
    NavItem(
        group="approvals",
        url_name="residents:sampling_list",
        label=_("Field tests"),
        icon="scan-line",
        order=50,
        visible=lambda user: can(user, SamplingCampaign, "view"),
    )
)
register(
    NavItem(
        group="admin",
        url_name="residents:mappings",
        section="/administration/mappings/",
        label=_("Mapping files"),
        icon="building-2",
        order=45,
        visible=lambda user: can(user, MappingFile, "view", at=settings.COUNTY_CODE),
    )
)
