"""Every page that a person can open: who opens it and where it is, made from the demo county.

A new GET address goes into PAGES, or into FRAGMENTS with the reason why nobody sees it alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count
from django.urls import reverse

from portal.core import clock
from portal.exchange.models import ExportRequest
from portal.jobs.models import Job
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, AreaChange, Department, User
from portal.oversight.models import Finding
from portal.policy.models import CodeItem, PolicyRule
from privacy.models import ProcessingActivity, SubjectRequest
from residents.choices import ApplicationStatus, PermitStatus, RegistrationStatus
from residents.models import (
    AddressLead,
    DepartureRequest,
    DuplicatePair,
    DuplicateSide,
    Dwelling,
    Household,
    HouseholdMember,
    Permit,
    PermitApplication,
    Person,
    PersonMerge,
    Registration,
    SampleItem,
    SamplingCampaign,
    TransferRequest,
    VisitTask,
)
from residents.services.merging.merge import merge
from residents.services.merging.pairs import refresh_pairs
from residents.services.permits.verification import token_for
from residents.services.transfers import ticket_for
from tests.factories.residents import PersonFactory, id_number

COMMUNITY = "330822001001"
MAIN_SIZE = 11


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


def household_head() -> Registration:
    """Somebody in residence in the co-administrator's community, with companions."""
    return (
        Registration.objects.filter(
            area_code__startswith=COMMUNITY, status=RegistrationStatus.ACTIVE, companions__isnull=False
        )
        .order_by("pk")
        .distinct()[0]
    )


def stay() -> int:
    return int(household_head().pk)


def request_of(kind: str) -> Callable[[], object]:
    """One of the requests of `demo.rights`."""
    return lambda: SubjectRequest.objects.get(kind=kind).pk


def large_file() -> int:
    """A file of the whole county that waits for a second person."""
    day = clock.today().isoformat()
    order = {"code": "L1", "area_code": "330822", "start": day, "end": day, "format": "xlsx", "full": False}
    row, _made = ExportRequest.objects.get_or_create(
        title=f"常山县流动人口台账_{day}",
        defaults={
            "area_code": "330822",
            "order": order,
            "rows": 12_346,
            "reason": "年度核对 · 县统计局年报",
            "recipient": "县统计局",
            "requested_by": User.objects.get(username="clerk"),
        },
    )
    return int(row.pk)


def person() -> int:
    return int(household_head().person_id)


def visit_task() -> VisitTask:
    """The first open task of the co-administrator's community; one is made when the county is too small."""
    rows = VisitTask.objects.filter(area_code__startswith=COMMUNITY, status="open").order_by("pk")
    home, today = household_head().dwelling, clock.today()
    first = rows.first()
    return first or VisitTask.objects.create(
        dwelling=home,
        area_code=home.area_code,
        starts_on=today,
        due_on=today,
        assignee=User.objects.get(username="coadmin"),
    )


def drawn() -> SampleItem:
    return SampleItem.objects.filter(area_code__startswith=COMMUNITY).earliest("pk")


def transfer() -> int:
    """A household of the co-administrator's community that another one has asked for."""
    held = household_head()
    asked = {
        "area_code": held.area_code,
        "registration": held,
        "to_area": "330822001002",
        "dwelling": Dwelling.objects.filter(community_code="330822001002").earliest("pk"),
        "moved_on": clock.today(),
        "lodging": held.lodging,
        "reason": "换了工作，搬到新住处",
        "due_on": clock.today() + timedelta(days=2),
        "requested_by": User.objects.get(username="police"),
    }
    return int(TransferRequest.objects.get_or_create(person=held.person, defaults=asked)[0].pk)


def ticket() -> str:
    """What the search gives out for somebody registered in another community."""
    elsewhere = Registration.objects.filter(status=RegistrationStatus.ACTIVE, community_code="330822001002").earliest(
        "pk"
    )
    return ticket_for(elsewhere.person_id, User.objects.get(username="coadmin"))


def dwelling() -> int:
    return int(household_head().dwelling_id)


def building() -> int:
    """The fullest house of the co-administrator's community."""
    doors = Dwelling.objects.filter(community_code=COMMUNITY).exclude(stands_in=None)
    return int(doors.values_list("stands_in").annotate(rooms=Count("pk")).order_by("-rooms", "stands_in")[0][0])


def lead() -> int:
    told: dict[str, Any] = {
        "area_code": COMMUNITY,
        "text": "老码头三号仓库二楼",
        "noted_by": User.objects.get(username="coadmin"),
    }
    return int(AddressLead.objects.get_or_create(**told)[0].pk)


def stay_that_ended() -> int:
    """The last stay of somebody who has left the co-administrator's community."""
    left = Registration.objects.filter(area_code__startswith=COMMUNITY, status=RegistrationStatus.LEFT)
    gone = left.exclude(person__registrations__status=RegistrationStatus.ACTIVE)
    return int(gone.latest("left_on").pk)


def application_for_person() -> str:
    return f"{reverse('residents:application_new')}?person={person()}"


def file(status: str) -> Callable[[], int]:
    return lambda: int(PermitApplication.objects.filter(status=status, permit=None).earliest("pk").pk)


def issued_file() -> int:
    return int(PermitApplication.objects.filter(status=ApplicationStatus.ISSUED).earliest("pk").pk)


def permit() -> Permit:
    return Permit.objects.filter(status=PermitStatus.ACTIVE, valid_until=None).earliest("pk")


def household() -> int:
    """A family of the co-administrator's community with somebody besides the head."""
    lines = HouseholdMember.objects.filter(left_on=None, household__community_code=COMMUNITY).exclude(relation="02")
    return int(lines.order_by("household", "pk").values_list("household", flat=True)[0])


def household_split() -> str:
    """The second step: one member of that family goes."""
    book = Household.objects.get(pk=household())
    goes = book.members.filter(left_on=None).exclude(person=book.head_id).order_by("pk").first()
    return f"{reverse('residents:household_split', args=[book.pk])}?people={goes.person_id if goes else 0}"


def household_with_child() -> int:
    """A family of that community with somebody under fourteen."""
    lines = HouseholdMember.objects.filter(left_on=None, person=child())
    return int(lines.values_list("household", flat=True)[0])


def child() -> int:
    """Somebody under fourteen in residence; one community of a small demo county may have none."""
    born_after = clock.today() - timedelta(days=13 * 365)
    stays = Registration.objects.active().filter(person__birth_date__gt=born_after)
    return stays.order_by("pk").values_list("person_id", flat=True)[0]


def night_work() -> Finding:
    """Something the auditor should look at."""
    finding, _made = Finding.objects.get_or_create(
        kind=Finding.Kind.OFF_HOURS,
        actor=User.objects.get(username="police"),
        day=date(2026, 11, 20),
        defaults={"facts": {"count": 6, "from": 21, "until": 6, "limit": 5}, "person_ids": [person()]},
    )
    return finding


def decided_in_bulk() -> Job:
    """The result page of a bulk decision about two files, one of which was left alone."""
    files = PermitApplication.objects.filter(status=ApplicationStatus.ACCEPTED).order_by("pk")[:2]
    results = [{"id": row.pk, "done": not at, "message": ""} for at, row in enumerate(files)]
    job, _made = Job.objects.get_or_create(
        kind="residents.decide_applications",
        requested_by=User.objects.get(username="police"),
        defaults={"state": "done", "cursor": {"results": results}},
    )
    return job


def pair() -> int:
    """Two files of one community that may be of one person; the township decides."""
    found = DuplicatePair.objects.filter(area_code__startswith=COMMUNITY[:9], status="open").first()
    if found is None:
        one, other = Person.objects.filter(area_code=COMMUNITY, merged_into=None).order_by("pk")[:2]
        found, _made = DuplicatePair.objects.get_or_create(
            first=one, second=other, defaults={"score": 55, "reasons": [["name", 20]], "area_code": COMMUNITY}
        )
        for person in (one, other):
            DuplicateSide.objects.get_or_create(pair=found, person=person, area_code=COMMUNITY)
    return int(found.pk)


def person_merge() -> int:
    """A merge of two files made for it."""
    actor = User.objects.get(username="township")
    done = PersonMerge.objects.filter(actor=actor, undone_at=None).first()
    if done is None:
        with scoped_transaction(actor):
            one, other = (
                PersonFactory.create(area_code=COMMUNITY, document_number=id_number(division="620321", sequence=number))
                for number in (11, 13)
            )
            refresh_pairs(person_ids=[one.pk])
            found = DuplicatePair.objects.get(first=one, second=other)
            done = merge(
                pair_id=found.pk, survivor_id=one.pk, taken=(), reason="本人到场，系同一人", version=1, actor=actor
            )
    return int(done.pk)


def account(username: str) -> Callable[[], int]:
    return lambda: int(User.objects.get(username=username).pk)


def group() -> int:
    """The co-administrators of one community."""
    return int(Group.objects.filter(name__startswith="coadmin@").earliest("pk").pk)


def area() -> int:
    return int(Area.objects.get(code=COMMUNITY).pk)


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
    page("residents:departure_request", "police", lambda: DepartureRequest.objects.earliest("pk").pk),
    page("residents:departure_ask", "coadmin"),
    page("residents:sampling_list", "police"),
    page("residents:sampling_new", "police"),
    page("residents:sampling_campaign", "police", lambda: SamplingCampaign.objects.earliest("pk").pk),
    page("residents:sample_list", "coadmin"),
    page("residents:sample_item", "coadmin", lambda: drawn().pk),
    page("residents:pair_list", "township"),
    page("residents:pair_detail", "township", pair),
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
