"""Campaigns by area and category (issue 5, part 5; digest row 73), counted by hand."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.core.errors import DomainError, StaleRecordError
from portal.jobs.models import Job
from portal.org.models import User
from portal.policy import codes
from rentals.models import Hazard, Inspection, RentalCampaign, RentalRegistration
from rentals.services import campaigns
from residents.models import Dwelling
from tests.factories.campaigns import CampaignDoorFactory, CampaignFactory
from tests.factories.inspections import DoneFactory, GradeFactory, HazardFactory, InspectionFactory
from tests.factories.rentals import RentalFactory
from tests.factories.residents import BuildingFactory, DwellingFactory

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "330822001001", "330822002001"


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


@pytest.fixture
def officer(staff) -> User:
    user = staff(Inspection, "view", "work", user=staff(RentalRegistration, "view"))
    return staff(RentalCampaign, "view", "conduct", user=user)


def let(area_code: str = HERE, **changes) -> Dwelling:
    door = DwellingFactory.create(area_code=area_code)
    return RentalFactory.create(dwelling=door, status="registered", registered_on="2026-11-03", **changes).dwelling


def given(**changes):
    values = {
        "name": "冬季消防专项清理整顿",
        "category": "05",
        "area_code": HERE,
        "least_grade": "low",
        "starts_on": date(2026, 11, 20),
        "ends_on": date(2026, 12, 20),
    }
    return values | changes


def opened(campaign: RentalCampaign, actor: User) -> tuple[int, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    done = campaigns.open_doors(
        campaign_id=campaign.pk, actor=actor, progress=lambda done, total: told.append((done, total))
    )
    return done, told


def test_row_73_the_six_categories_are_an_editable_code_table():
    names = [item.name for item in codes.items("campaign_category").values()]
    assert names == ["无照经营", "非法用工", "违章建筑", "环境脏乱", "安全事故", "治安"]


def test_row_73_a_campaign_is_planned_started_and_opened_by_a_job(officer):
    campaign = campaigns.plan_campaign(**given(), actor=officer)
    assert (campaign.status, Inspection.objects.count()) == ("planned", 0)
    campaign = campaigns.start_campaign(campaign_id=campaign.pk, version=1, actor=officer)
    assert campaign.status == "running"
    job = Job.objects.get(kind="rentals.open_campaign")
    assert (job.params, job.requested_by) == ({"campaign": campaign.pk}, officer)


def test_row_73_each_let_home_of_the_area_gets_one_inspection_until_the_last_day(officer):
    first, second = let(), let()
    let(ELSEWHERE)
    RentalFactory.create(dwelling=DwellingFactory.create(area_code=HERE))  # handed in only
    DwellingFactory.create(area_code=HERE)  # nobody lets it
    campaign = CampaignFactory.create(status="running")
    assert opened(campaign, officer) == (2, [(2, 2)])
    rows = Inspection.objects.values_list("dwelling", "due_on", "status", "inspector")
    assert set(rows) == {(door.pk, date(2026, 12, 15), "open", None) for door in (first, second)}


def test_row_73_an_open_inspection_is_counted_and_not_opened_twice(officer):
    standing = InspectionFactory.create(dwelling=let(), due_on=date(2026, 11, 25))
    let()
    campaign = CampaignFactory.create(status="running")
    opened(campaign, officer)
    opened(campaign, officer)  # the job was started again
    assert dict(campaign.doors.values_list("inspection__due_on", "was_open")) == {
        date(2026, 11, 25): True,
        date(2026, 12, 15): False,
    }
    assert Inspection.objects.count() == campaign.doors.count() == 2
    standing.refresh_from_db()
    assert standing.due_on == date(2026, 11, 25)
    assert campaigns.progress_of(campaign).joined == 1


@pytest.mark.parametrize(("least", "doors"), [("low", 3), ("medium", 2), ("high", 1)])
def test_row_73_only_houses_from_a_grade_on(officer, least, doors):
    let()  # nobody graded it: low
    GradeFactory.create(dwelling=let(), grade="medium", points=30)
    GradeFactory.create(dwelling=let(), grade="low", set_grade="high", set_until="2026-12-31")  # after an appeal
    assert opened(CampaignFactory.create(status="running", least_grade=least), officer)[0] == doors


def test_row_73_progress_by_building_is_counted_by_hand(django_assert_num_queries):
    """Building: two doors, one inspected with three hazards of which one is mended. A house of one door: not yet."""
    building = BuildingFactory.create(area_code=HERE)
    campaign = CampaignFactory.create(status="running")
    inside = [DwellingFactory.create(area_code=HERE) for _number in range(2)]
    Dwelling.objects.filter(pk__in=[door.pk for door in inside]).update(stands_in=building)
    done = DoneFactory.create(dwelling=inside[0])
    for item, status in (("04", "open"), ("05", "recheck"), ("07", "closed")):
        HazardFactory.create(inspection=done, item=item, status=status)
    alone = InspectionFactory.create(dwelling=DwellingFactory.create(area_code=HERE, address="东明路 8 号"))
    for inspection in (done, InspectionFactory.create(dwelling=inside[1]), alone):
        CampaignDoorFactory.create(campaign=campaign, inspection=inspection)
    HazardFactory.create()  # of another inspection
    with django_assert_num_queries(5):
        found = campaigns.progress_of(campaign)
    assert (found.doors, found.inspected, found.hazards, found.mended, found.percent) == (3, 1, 3, 1, 33)
    told = {one.title: (one.doors, one.inspected, one.hazards, one.mended) for one in found.houses}
    assert told == {str(building): (2, 1, 3, 1), "东明路 8 号": (1, 0, 0, 0)}


def test_the_end_drops_what_nobody_began_and_keeps_the_rest(officer):
    campaign = CampaignFactory.create(status="running")
    untouched, begun, taken = (InspectionFactory.create(dwelling=let()) for _number in range(3))
    standing, done = InspectionFactory.create(dwelling=let()), DoneFactory.create(dwelling=let())
    Inspection.objects.filter(pk=begun.pk).update(passed=["01"])
    Inspection.objects.filter(pk=taken.pk).update(inspector=officer)
    for row in (untouched, begun, taken, standing, done):
        CampaignDoorFactory.create(campaign=campaign, inspection=row, was_open=row == standing)
    HazardFactory.create(inspection=done)
    campaigns.end_campaign(campaign_id=campaign.pk, version=1, actor=officer)
    states = dict(Inspection.objects.values_list("pk", "status"))
    assert states == {
        untouched.pk: "dropped",
        begun.pk: "open",
        taken.pk: "open",
        standing.pk: "open",
        done.pk: "done",
    }
    assert Hazard.objects.get().status == "open"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "99"}, "category"),
        ({"least_grade": "none"}, "least_grade"),
        ({"ends_on": date(2026, 11, 19)}, "ends_on"),
        ({"starts_on": date(2026, 11, 1), "ends_on": date(2026, 11, 19)}, "ends_on"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_beside_its_field(officer, changes, field):
    with pytest.raises(DomainError) as refused:
        campaigns.plan_campaign(**given(**changes), actor=officer)
    assert refused.value.field == field


def test_a_campaign_starts_once_ends_once_and_not_from_an_old_page(officer):
    campaign = CampaignFactory.create()
    with pytest.raises(DomainError):
        campaigns.end_campaign(campaign_id=campaign.pk, version=1, actor=officer)
    campaigns.start_campaign(campaign_id=campaign.pk, version=1, actor=officer)
    with pytest.raises(StaleRecordError):
        campaigns.start_campaign(campaign_id=campaign.pk, version=1, actor=officer)
    with pytest.raises(DomainError):
        campaigns.start_campaign(campaign_id=campaign.pk, version=2, actor=officer)


def test_a_job_that_comes_after_the_end_opens_nothing(officer):
    let()
    assert opened(CampaignFactory.create(status="ended"), officer) == (0, [])
    assert not Inspection.objects.exists()


def test_nobody_conducts_beyond_the_own_areas_or_without_the_right_to_inspect(officer, staff):
    with pytest.raises(PermissionDenied):
        campaigns.plan_campaign(**given(area_code=ELSEWHERE), actor=officer)
    bare = staff(RentalCampaign, "view", "conduct")
    with pytest.raises(DomainError):
        campaigns.start_campaign(campaign_id=CampaignFactory.create().pk, version=1, actor=bare)


# The pages, behind the wall


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_costs_the_same_for_one_campaign_or_forty(client, officer, rows, django_assert_max_num_queries):
    for campaign in CampaignFactory.create_batch(rows):
        CampaignDoorFactory.create(campaign=campaign)
    client.force_login(officer)
    client.get(reverse("rentals:campaign_list"))
    with django_assert_max_num_queries(17):
        page = client.get(reverse("rentals:campaign_list"))
    assert page.content.decode().count("0 / 1") == rows


def test_whoever_sees_campaigns_alone_reads_how_far_they_are(client, staff):
    hazard = HazardFactory.create(status="closed")
    door = CampaignDoorFactory.create(inspection=hazard.inspection)
    client.force_login(staff(RentalCampaign, "view"))
    page = client.get(door.campaign.get_absolute_url())
    found = page.context["progress"]
    assert (found.doors, found.inspected, found.hazards, found.mended) == (1, 1, 1, 1)
    assert hazard.dwelling.address in page.content.decode()
    assert "启动行动" not in page.content.decode()


def test_planned_on_the_page_and_started_by_a_button(client, officer):
    let()
    client.force_login(officer)
    sent = client.post(reverse("rentals:campaign_new"), given(starts_on="2026-11-20", ends_on="2026-12-20"))
    campaign = RentalCampaign.objects.get()
    assert sent.headers["Location"] == campaign.get_absolute_url()
    assert "启动行动" in client.get(campaign.get_absolute_url()).content.decode()
    url = reverse("rentals:campaign_step", args=[campaign.pk, "start"])
    client.post(url, {"version": 1})
    campaign.refresh_from_db()
    assert campaign.status == "running"
    assert Job.objects.filter(kind="rentals.open_campaign").exists()
    client.post(url, {"version": 1})  # pressed twice
    campaign.refresh_from_db()
    assert (campaign.version, Job.objects.filter(kind="rentals.open_campaign").count()) == (2, 1)
