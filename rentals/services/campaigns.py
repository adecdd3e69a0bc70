"""Campaigns by area and category (专项清理整顿, digest row 73): the doors are opened by a job, told by building."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.services import enqueue
from portal.org.models import User
from portal.org.scoping import can, require
from rentals.choices import CampaignStatus, Grade, HazardStatus, InspectionStatus
from rentals.models import CampaignInspection, Inspection, RentalCampaign, RentalRegistration
from rentals.services.inspections.planning import with_grade
from residents.models import Building, Dwelling
from residents.services.code_fields import require_code
from residents.services.versions import require_version

CATEGORIES = "campaign_category"
OPEN_DOORS = "rentals.open_campaign"
NAME, AT_ONCE, HOUSES_SHOWN = 60, 1_000, 100
Progress = Callable[[int, int], None]
COUNTS = {
    "inspected": Count("pk", filter=Q(inspection__status=InspectionStatus.DONE), distinct=True),
    "hazards": Count("inspection__hazards", distinct=True),
    "mended": Count("inspection__hazards", filter=Q(inspection__hazards__status=HazardStatus.CLOSED), distinct=True),
}


@dataclass(frozen=True, slots=True)
class HouseProgress:
    """A building, or a house of one door. `mended` are hazards that are closed."""

    title: str
    doors: int
    inspected: int
    hazards: int
    mended: int


@dataclass(frozen=True, slots=True)
class CampaignProgress:
    """`joined` doors had an open inspection already. `houses` are at most a hundred, those with most left to do first,
    of `houses_in_all`."""

    doors: int
    joined: int
    inspected: int
    hazards: int
    mended: int
    houses: list[HouseProgress]
    houses_in_all: int

    @property
    def percent(self) -> int:
        return 100 * self.inspected // self.doors if self.doors else 0


@transaction.atomic
def plan_campaign(
    *, name: str, category: str, area_code: str, least_grade: str, starts_on: date, ends_on: date, actor: User
) -> RentalCampaign:
    """Nobody goes anywhere before it is started."""
    require(actor, RentalCampaign, "conduct", at=area_code)
    require_code(CATEGORIES, category, field="category")
    if least_grade not in Grade.values:
        raise DomainError(_("Please choose one of the offered entries."), field="least_grade")
    if ends_on < starts_on:
        raise DomainError(_("The last day lies before the first."), field="ends_on")
    if ends_on < clock.today():
        raise DomainError(_("The campaign would be over already."), field="ends_on")
    campaign = RentalCampaign.objects.create(
        area_code=area_code,
        name=name.strip()[:NAME],
        category=category,
        least_grade=least_grade,
        starts_on=starts_on,
        ends_on=ends_on,
        conducted_by=actor,
    )
    audit.record(actor=actor, action="campaign.planned", target=campaign)
    return campaign


@transaction.atomic
def start_campaign(*, campaign_id: int, version: int, actor: User) -> RentalCampaign:
    """Its doors are opened by a job that the actor sees among the own ones."""
    campaign = _locked(campaign_id, version, actor)
    _require_inspector(campaign, actor)
    if campaign.status != CampaignStatus.PLANNED:
        raise DomainError(_("This campaign was started already."), code="wrong_state")
    if campaign.ends_on < clock.today():
        raise DomainError(_("The campaign would be over already."), code="over")
    campaign.status = CampaignStatus.RUNNING
    campaign.save(update_fields=["status", "version"])
    title = _("Open the inspections of “%(name)s”") % {"name": campaign.name}
    enqueue(kind=OPEN_DOORS, actor=actor, title=title, dedupe_key=f"{OPEN_DOORS}:{campaign.pk}", campaign=campaign.pk)
    audit.record(actor=actor, action="campaign.started", target=campaign)
    return campaign


@transaction.atomic
def open_doors(*, campaign_id: int, actor: User, progress: Progress) -> int:
    """An inspection until the last day at each let dwelling that the campaign is about. One that stands open already
    is not opened twice; it counts for the campaign and keeps its day. Returns how many doors there are. Repeatable."""
    campaign: RentalCampaign = RentalCampaign.objects.restrict(actor, "conduct").get(pk=campaign_id)
    if campaign.status != CampaignStatus.RUNNING:
        return 0
    doors = list(doors_of(campaign))
    found, total, done = iter(doors), len(doors), 0
    while batch := list(islice(found, AT_ONCE)):
        _open(campaign, batch)
        done += len(batch)
        progress(done, total)
    return done


@transaction.atomic
def end_campaign(*, campaign_id: int, version: int, actor: User) -> RentalCampaign:
    """Inspections that only the campaign asked for and that nobody has begun are no longer needed. What was found
    stays until it is mended."""
    campaign = _locked(campaign_id, version, actor)
    _require_inspector(campaign, actor)
    if campaign.status != CampaignStatus.RUNNING:
        raise DomainError(_("Only a running campaign can be ended."), code="wrong_state")
    campaign.status = CampaignStatus.ENDED
    campaign.save(update_fields=["status", "version"])
    rows = Inspection.objects.restrict(actor, "work").filter(
        campaigns__campaign=campaign,
        campaigns__was_open=False,
        status=InspectionStatus.OPEN,
        inspector=None,
        passed=[],
        skipped=[],
        hazards=None,
    )
    left = Inspection.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    dropped = left.update(status=InspectionStatus.DROPPED, version=F("version") + 1, updated_at=clock.now())
    audit.record(actor=actor, action="campaign.ended", target=campaign, dropped=dropped)
    return campaign


def doors_of(campaign: RentalCampaign) -> QuerySet[RentalRegistration, tuple[int, str, str]]:
    """(dwelling, area, grade of the house) of each registered letting the campaign is about: houses, never people."""
    grades = list(Grade)
    wanted = grades[grades.index(Grade(campaign.least_grade)) :]
    rows = with_grade(RentalRegistration.objects.registered().within(campaign.area_code), clock.today())
    return rows.filter(house_grade__in=wanted).order_by("pk").values_list("dwelling", "area_code", "house_grade")


def progress_of(campaign: RentalCampaign) -> CampaignProgress:
    """Some queries, however many doors."""
    rows = campaign.doors.order_by()
    sums = rows.aggregate(
        doors=Count("pk", distinct=True),
        joined=Count("pk", filter=Q(was_open=True), distinct=True),
        **COUNTS,
    )
    door = Case(When(inspection__dwelling__stands_in=None, then=F("inspection__dwelling")))
    houses: Any = rows.values(building=F("inspection__dwelling__stands_in"), door=door).annotate(
        doors=Count("pk", distinct=True), **COUNTS
    )
    shown = list(houses.order_by(F("inspected") - F("doors"), "building", "door")[:HOUSES_SHOWN])
    names = _names(shown)
    return CampaignProgress(
        **sums,
        houses=[
            HouseProgress(
                names[one["building"], one["door"]], one["doors"], one["inspected"], one["hazards"], one["mended"]
            )
            for one in shown
        ],
        houses_in_all=houses.count(),
    )


def _names(houses: list[dict[str, Any]]) -> dict[tuple[int | None, int | None], str]:
    buildings = Building.objects.filter(pk__in=[one["building"] for one in houses if one["building"]])
    named: dict[tuple[int | None, int | None], str] = {(row.pk, None): str(row) for row in buildings}
    doors = Dwelling.objects.filter(pk__in=[one["door"] for one in houses if one["door"]])
    return named | {(None, pk): address for pk, address in doors.values_list("pk", "address")}


def _open(campaign: RentalCampaign, batch: list[tuple[int, str, str]]) -> None:
    dwellings = [dwelling for dwelling, _area, _grade in batch]
    ours = CampaignInspection.objects.filter(campaign=campaign, inspection=OuterRef("pk"))
    counted = Inspection.objects.filter(Exists(ours), dwelling__in=dwellings)
    missing = set(dwellings) - set(counted.values_list("dwelling", flat=True))
    waiting = Inspection.objects.filter(dwelling__in=missing, status=InspectionStatus.OPEN)
    standing = set(waiting.values_list("pk", flat=True))
    fresh = [
        Inspection(dwelling_id=dwelling, area_code=area, due_on=campaign.ends_on, grade=grade)
        for dwelling, area, grade in batch
        if dwelling in missing
    ]
    Inspection.objects.bulk_create(fresh, ignore_conflicts=True)
    CampaignInspection.objects.bulk_create(
        CampaignInspection(campaign=campaign, inspection_id=key, was_open=key in standing)
        for key in waiting.values_list("pk", flat=True)
    )


def _require_inspector(campaign: RentalCampaign, actor: User) -> None:
    if not can(actor, Inspection, "work", at=campaign.area_code):
        raise DomainError(_("A campaign opens inspections: the right to inspect in this area is needed as well."))


def _locked(campaign_id: int, version: int, actor: User) -> RentalCampaign:
    rows = RentalCampaign.objects.restrict(actor, "conduct").select_for_update(of=("self",))
    row: RentalCampaign = require_version(rows.get(pk=campaign_id), version)
    return row
