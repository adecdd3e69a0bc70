"""Rows of the demo county that the pages of the browser tests are about; what it lacks is made once."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count
from django.urls import reverse

from portal.core import clock
from portal.exchange.models import ExportRequest
from portal.jobs.models import Job
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, User
from portal.oversight.models import Finding
from privacy.models import SubjectRequest
from rentals.models import (
    Hazard,
    HazardReferral,
    HouseGrade,
    Inspection,
    LeaseFiling,
    PenaltyReferral,
    RentalCampaign,
    RentalRegistration,
    ResponsibilityLetter,
    TenancyReport,
)
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
    TransferRequest,
    VisitTask,
)
from residents.services.merging.merge import merge
from residents.services.merging.pairs import refresh_pairs
from residents.services.transfers import ticket_for
from tests.factories.residents import PersonFactory, id_number

COMMUNITY = "330822001001"


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


def rental_of(status: str) -> Callable[[], object]:
    """A rental registration of the co-administrator's community."""
    rows = RentalRegistration.objects.filter(status=status, community_code=COMMUNITY)
    return lambda: rows.earliest("pk").pk


def report_of(**wanted: Any) -> Callable[[], object]:
    """A landlord's report of the co-administrator's community."""
    rows = TenancyReport.objects.filter(community_code=COMMUNITY, **wanted)
    return lambda: rows.earliest("pk").pk


def late_report() -> int:
    return int(TenancyReport.objects.all().late().filter(referral=None).earliest("pk").pk)


def referral() -> int:
    return int(PenaltyReferral.objects.earliest("pk").pk)


def inspection_of(status: str) -> Callable[[], object]:
    """An inspection of the co-administrator's community; those that are finished found a hazard."""
    rows = Inspection.objects.filter(status=status, area_code__startswith=COMMUNITY)
    return lambda: rows.order_by("pk").values_list("pk", flat=True)[:1][0]


def hazard_of(*status: str) -> Callable[[], object]:
    """A hazard of the co-administrator's community, unless it is closed: then of any."""
    rows = Hazard.objects.filter(status__in=status).order_by("pk")
    rows = rows if "closed" in status else rows.filter(area_code__startswith=COMMUNITY)
    return lambda: rows.order_by("pk").values_list("pk", flat=True)[:1][0]


def letter_of(*, signed: bool) -> Callable[[], object]:
    """The registration of a letter in the co-administrator's community."""
    rows = ResponsibilityLetter.objects.filter(signed_on__isnull=not signed, rental__status="registered")
    rows = rows.filter(rental__area_code__startswith=COMMUNITY).order_by("pk")
    return lambda: rows.values_list("rental", flat=True)[:1][0]


def campaign() -> int:
    """The one that is under way."""
    return int(RentalCampaign.objects.filter(status="running").earliest("pk").pk)


def work_order(status: str) -> Callable[[], object]:
    return lambda: HazardReferral.objects.filter(status=status).order_by("pk").values_list("pk", flat=True)[:1][0]


def graded_house() -> object:
    """The most dangerous house of the co-administrator's community."""
    rows = HouseGrade.objects.filter(area_code__startswith=COMMUNITY)
    return rows.order_by("-points", "pk").values_list("pk", flat=True)[:1][0]


def lease_of(status: str) -> Callable[[], object]:
    """A lease of the co-administrator's community."""
    rows = LeaseFiling.objects.filter(status=status, community_code=COMMUNITY)
    return lambda: rows.earliest("pk").pk


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


def mass_departure() -> int:
    """Three people whose departure waits for a supervisor; a small demo county has no such request."""
    found = DepartureRequest.objects.order_by("pk").first()
    if found is None:
        asked_by = User.objects.get(username="coadmin")
        found = DepartureRequest.objects.create(
            area_code=COMMUNITY,
            left_on=clock.today(),
            reason="01",
            explanation="项目部证实工地已完工，工人集体离开。",
            requested_by=asked_by,
        )
        for row in Registration.objects.active().filter(area_code__startswith=COMMUNITY).order_by("pk")[:3]:
            found.items.create(area_code=row.area_code, registration=row, person=row.person)
    return int(found.pk)


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
        one, other = Person.objects.filter(area_code__startswith=COMMUNITY, merged_into=None).order_by("pk")[:2]
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
