"""Every page that a person can open: who opens it and where it is, made from the demo county.

A new GET address goes into PAGES, or into FRAGMENTS with the reason why nobody sees it alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from portal.org.models import AreaChange, Department
from portal.policy.models import CodeItem, PolicyRule
from privacy.models import ProcessingActivity
from rentals.models import RentalRegistration
from residents.choices import ApplicationStatus
from residents.models import (
    Dwelling,
    SamplingCampaign,
)
from residents.services.permits.verification import token_for
from tests.e2e import example_imports
from tests.e2e.examples import (
    COMMUNITY,
    account,
    application_for_person,
    area,
    building,
    child,
    decided_in_bulk,
    drawn,
    dwelling,
    file,
    group,
    household,
    household_head,
    household_split,
    household_with_child,
    issued_file,
    large_file,
    lead,
    lease_of,
    mass_departure,
    night_work,
    pair,
    permit,
    person,
    person_merge,
    rental_of,
    request_of,
    stay,
    stay_that_ended,
    ticket,
    transfer,
    visit_task,
)

MAIN_SIZE = 15


@dataclass(frozen=True)
class PortalPage:
    """`name` is the URL's name, with a variant after a slash. `main`: one of the most used, held to more rules.
    `chart`: loads the chart bundle. `paper`: a print view; paper is black on white in every theme, without a shell."""

    name: str
    role: str
    path: Callable[[], str]
    main: bool = False
    chart: bool = False
    paper: bool = False
    status: int = 200

    def __str__(self) -> str:
        return self.name

    @property
    def url_name(self) -> str:
        return self.name.split("/")[0]


def page(name: str, role: str, *args: Callable[[], object], query: str = "", **rest: bool) -> PortalPage:
    def path() -> str:
        return reverse(name.split("/", maxsplit=1)[0], args=[make() for make in args]) + query

    return PortalPage(name, role, path, **rest)


def broken(name: str, role: str, path: str, status: int) -> PortalPage:
    return PortalPage(name, role, lambda: path, status=status)


PAGES = [
    page("login", ""),
    page("accounts:reset", ""),
    page("accounts:security", "coadmin"),
    page("accounts:password", "coadmin"),
    page("accounts:totp", "coadmin"),
    page("accounts:key_add", "coadmin"),
    page("accounts:confirm", "coadmin"),
    page("reports:workbench", "coadmin", main=True, chart=True),
    page("reports:workbench/reviewer", "police", chart=True),
    page("reports:workbench/township", "township", chart=True),
    page("reports:workbench/administrator", "sysadmin", chart=True),
    page("reports:dashboard", "leader", main=True, chart=True),
    page("reports:dashboard_area", "leader", lambda: "330822001", chart=True),
    page("reports:dashboard_area/community", "leader", lambda: COMMUNITY, chart=True),
    page("residents:arrival_new", "coadmin", main=True),
    page("residents:arrival_household", "coadmin", main=True),
    page("residents:arrival_drafts", "coadmin"),
    page("residents:arrival_voucher", "coadmin", stay, paper=True),
    page("residents:voucher_check", "", lambda: household_head().voucher),
    page("residents:person_list", "coadmin", main=True),
    page("residents:visit_plan", "coadmin", main=True),
    page("residents:visit_plan/supervisor", "police", query="?of=all"),
    page("residents:visit_sheet", "coadmin", paper=True),
    page("residents:visit_door", "coadmin", lambda: visit_task().pk, main=True),
    page("residents:visit_postpone", "coadmin", lambda: visit_task().pk),
    page("residents:visit_assign", "police", lambda: visit_task().pk),
    page("residents:visit_anomalies", "police"),
    page("residents:suspected_list", "coadmin"),
    page("residents:departure_request_list", "police"),
    page("residents:departure_request", "police", mass_departure),
    page("residents:departure_ask", "coadmin"),
    page("residents:sampling_list", "police"),
    page("residents:sampling_new", "police"),
    page("residents:sampling_campaign", "police", lambda: SamplingCampaign.objects.earliest("pk").pk),
    page("residents:sample_list", "coadmin"),
    page("residents:sample_item", "coadmin", lambda: drawn().pk),
    page("residents:pair_list", "township"),
    page("residents:pair_detail", "township", pair),
    page("residents:pair_name", "township", person),
    page("residents:merge_list", "township"),
    page("residents:merge_detail", "township", person_merge),
    page("residents:building_list", "coadmin"),
    page("residents:building_grid", "coadmin", building, main=True),
    page("residents:building_grid/counts", "housing", building),
    page("residents:building_rooms", "coadmin"),
    page("residents:plate_sheets", "coadmin", query="?q=jx", paper=True),
    page("residents:dwelling_merge", "coadmin", dwelling),
    page("residents:dwelling_places", "coadmin", dwelling),
    page("residents:dwelling_scan", "", lambda: Dwelling.objects.earliest("pk").plate),
    page("residents:lead_list", "coadmin"),
    page("residents:lead_add", "coadmin"),
    page("residents:lead_answer", "coadmin", lead),
    page("residents:transfer_list", "coadmin"),
    page("residents:transfer_answer", "coadmin", transfer),
    page("residents:transfer_new", "coadmin", ticket),
    page("residents:person_list/empty", "coadmin", query="?q=0000"),
    page("residents:person_detail", "coadmin", person, main=True),
    page("residents:person_detail/police", "police", person),
    page("residents:person_correct", "police", person),
    page("residents:person_minor", "police", child),
    page("residents:person_detail/family", "coadmin", person, query="?tab=family"),
    page("residents:household", "coadmin", household),
    page("residents:household_print", "coadmin", household, paper=True),
    page("residents:household_split", "coadmin", household),
    PortalPage("residents:household_split/relations", "coadmin", household_split),
    page("residents:household_head", "coadmin", household),
    page("residents:household_join", "coadmin", household),
    page("residents:household_move", "coadmin", household),
    page("residents:household_leave", "coadmin", household),
    page("residents:household_guardian", "police", household_with_child),
    page("residents:person_move", "coadmin", stay),
    page("residents:person_workplace", "coadmin", stay),
    page("residents:person_leave", "coadmin", stay),
    page("residents:person_restore", "coadmin", stay_that_ended),
    page("residents:dwelling_list", "coadmin"),
    page("residents:dwelling_add", "coadmin"),
    page("residents:dwelling_detail", "coadmin", dwelling),
    page("residents:dwelling_then", "coadmin", dwelling),
    page("residents:dwelling_plate", "coadmin", dwelling, paper=True),
    page("residents:application_queue", "police", main=True),
    page("residents:application_queue/signature", "police2", query="?t=sign"),
    page("residents:application_bulk_result", "police", lambda: decided_in_bulk().pk),
    page("residents:application_new", "station"),
    PortalPage("residents:application_new/person", "coadmin", application_for_person),
    page("residents:application_detail", "police", file(ApplicationStatus.ACCEPTED), main=True),
    page("residents:application_detail/reviewed", "police2", file(ApplicationStatus.REVIEWED)),
    page("residents:application_detail/returned", "police", file(ApplicationStatus.RETURNED)),
    page("residents:application_detail/issued", "police", issued_file),
    page("residents:application_receipt", "police", file(ApplicationStatus.ACCEPTED), paper=True),
    page("residents:application_notice", "police", file(ApplicationStatus.RETURNED), paper=True),
    page("residents:endorsement_list", "police", main=True),
    page("residents:permit_detail", "police", lambda: permit().pk, main=True),
    page("residents:permit_card", "police", lambda: permit().pk, paper=True),
    page("residents:permit_endorsements", "police", lambda: permit().pk, paper=True),
    page("residents:permit_verify", "", lambda: token_for(permit())),
    page("exports:centre", "clerk", main=True),
    page("imports:home", "station", main=True),
    page("imports:upload", "station", lambda: "registrations"),
    PortalPage("imports:batch/columns", "station", example_imports.to_confirm),
    PortalPage("imports:batch", "station", example_imports.to_import),
    PortalPage("imports:batch/result", "station", example_imports.read_in),
    PortalPage("imports:row", "station", example_imports.wrong_row),
    page("exports:preview", "clerk", lambda: "L1"),
    page("exports:preview/statistic", "clerk", lambda: "S1"),
    page("jobs:mine", "clerk"),
    page("jobs:failures", "auditor"),
    page("events:dead_letters", "auditor"),
    page("oversight:looks", "auditor"),
    page("oversight:entries", "auditor"),
    page("oversight:person", "auditor", person),
    page("oversight:breach", "auditor"),
    page("oversight:breach/answered", "auditor", query="?account=police&start=2026-01-01&end=2036-12-31"),
    page("oversight:findings", "auditor"),
    page("oversight:finding", "auditor", lambda: night_work().pk),
    page("oversight:inspections", "auditor"),
    page("oversight:seals", "auditor"),
    page("residents:mappings", "sysadmin"),
    page("residents:mapping", "sysadmin", lambda: example_imports.mapping().pk),
    page("administration:calendar", "secadmin"),
    page("administration:rules", "secadmin"),
    page("administration:rule_edit", "secadmin", lambda: PolicyRule.objects.earliest("pk").pk),
    page("administration:people", "sysadmin"),
    page("administration:person_new", "sysadmin"),
    page("administration:person", "sysadmin", account("coadmin")),
    page("administration:person/rights", "secadmin", account("coadmin")),
    page("administration:person_edit", "sysadmin", account("coadmin")),
    page("administration:single_sign_on", "sysadmin", account("coadmin")),
    page("administration:groups", "secadmin"),
    page("administration:group_new", "secadmin"),
    page("administration:group", "secadmin", group),
    page("administration:grants", "secadmin", lambda: "group", group),
    page("administration:grants/person", "secadmin", lambda: "person", account("coadmin")),
    page("administration:see_as", "secadmin", lambda: "person", account("coadmin")),
    page("administration:unused", "secadmin"),
    page("administration:why", "secadmin"),
    page("administration:own_why", "coadmin", query="?page=/people/1/"),
    page("administration:areas", "sysadmin"),
    page("administration:area_new", "sysadmin", area),
    page("administration:area_rename", "sysadmin", area),
    page("administration:area_archive", "sysadmin", area),
    page("administration:reorganisations", "sysadmin"),
    page("administration:reorganisation", "secadmin", lambda: AreaChange.objects.earliest("pk").pk),
    page("administration:reorganisation_new", "sysadmin", lambda: "merge"),
    page("administration:reorganisation_new/communities", "sysadmin", lambda: "merge", query="?at=330822001"),
    page("administration:reorganisation_new/parts", "sysadmin", lambda: "split", query="?at=330822001001"),
    page("administration:reorganisation_new/code", "sysadmin", lambda: "recode", query="?at=330822001001"),
    page("administration:departments", "sysadmin"),
    page("administration:department_new", "sysadmin"),
    page("administration:department_edit", "sysadmin", lambda: Department.objects.earliest("pk").pk),
    page("administration:delegations", "secadmin"),
    page("administration:codes", "secadmin"),
    page("administration:code_table", "secadmin", lambda: "occupation"),
    page("administration:code_new", "secadmin", lambda: "occupation"),
    page(
        "administration:code_edit",
        "secadmin",
        lambda: "occupation",
        lambda: CodeItem.objects.filter(table="occupation").earliest("pk").pk,
    ),
    page("exports:approvals", "leader"),
    page("exports:approval", "leader", large_file),
    page("exports:provisions", "auditor"),
    page("rentals:rental_list", "police"),
    page("rentals:rental_list/force", "housing", query="?t=force"),
    page("rentals:unregistered", "coadmin"),
    page("rentals:rental_new", "coadmin"),
    page("rentals:rental_detail", "police", rental_of("submitted")),
    page("rentals:rental_detail/force", "coadmin", rental_of("registered")),
    page("rentals:rental_edit", "coadmin", rental_of("returned")),
    page("rentals:rental_sheet", "coadmin", rental_of("registered"), paper=True),
    page("rentals:filing_list", "housing"),
    page("rentals:filing_detail", "housing", lease_of("submitted")),
    page("rentals:filing_new", "coadmin", dwelling),
    page("rentals:filing_sheet", "housing", lease_of("submitted"), paper=True),
    page("rentals:rental_check", "", lambda: RentalRegistration.objects.earliest("pk").voucher),
    page("privacy:activities", "coadmin"),
    page("privacy:activity_edit", "secadmin", lambda: ProcessingActivity.objects.earliest("pk").pk),
    page("privacy:notices", "secadmin"),
    page("privacy:retention", "sysadmin"),
    page("privacy:holds", "auditor"),
    page("privacy:request_list", "police"),
    page("privacy:request_list/closed", "police", query="?t=closed"),
    page("privacy:request_new", "coadmin", person),
    page("privacy:consent_new", "coadmin", person),
    page("privacy:request_detail", "police", request_of("see")),
    page("privacy:request_detail/started", "police", request_of("restrict")),
    page("privacy:data_copy", "police", request_of("copy"), paper=True),
    page("privacy:access_sheet", "police", request_of("copy"), paper=True),
    page("privacy:answer_sheet", "police", request_of("explain"), paper=True),
    page("ui:prefs", "coadmin"),
    page("ui:search", "coadmin"),
    page("ui:styleguide", "coadmin", chart=True),
    broken("error/400", "coadmin", "/on-purpose/400/", 400),
    broken("error/403", "leader", "/arrivals/new/", 403),
    broken("error/404", "coadmin", "/no-such-page/", 404),
    broken("error/500", "coadmin", "/on-purpose/500/", 500),
    broken("error/csrf", "coadmin", "/on-purpose/csrf/", 403),
]

FRAGMENTS = {
    "imports:progress": "a part of the page of a batch",
    "imports:errors": "a file",
    "imports:template": "a file",
    "healthz": "for machines",
    "readyz": "for machines",
    "account_login": "another name of the login page",
    "mfa_authenticate": "only between the password and the end of a login; see test_login",
    "accounts:first_run": "does not exist once there is an account",
    "accounts:codes": "only for somebody with a second factor; see test_login",
    "accounts:totp_qr": "a picture",
    "accounts:session_state": "for the page's own clock",
    "ui:palette": "results inside the search dialog",
    "ui:bell": "the bell in the head of the page",
    "ui:watermark": "a picture",
    "exports:download": "a file",
    "files:download": "a file",
    "residents:mapping_example": "a file",
    "jobs:status": "one row that renews itself",
    "residents:arrival_addresses": "options of the address field",
    "residents:arrival_divisions": "options of the hukou field",
    "residents:arrival_duplicates": "the panel beside the form",
    "residents:arrival_duty": "remarks beside the form",
    "residents:arrival_dwelling": "the form inside the dialog for a new dwelling",
    "residents:arrival_load": "fills the form",
    "residents:arrival_companion": "remarks in the row of a companion",
    "residents:application_preview": "the pane beside the queue",
}
