"""A campaign for rented homes that is under way in the community of the demo co-administrator, and a planned one."""

from datetime import timedelta

from demo.rentals import CLERK
from portal.core import clock
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from rentals.choices import CampaignStatus, Grade, InspectionStatus
from rentals.models import CampaignInspection, Inspection, RentalCampaign
from rentals.services import campaigns

OFFICER = "police"
SINCE, UNTIL = timedelta(days=30), timedelta(days=20)
ACCIDENTS, DISORDER = "05", "04"


def fill_campaigns() -> None:
    """Repeatable. Call it after `fill_inspections`: what was inspected since its first day counts for it."""
    if RentalCampaign.objects.exists():
        return
    officer, today = User.objects.get(username=OFFICER), clock.today()
    community = User.objects.get(username=CLERK).area_code[:12]
    with scoped_transaction(officer):
        running = campaigns.plan_campaign(
            name="冬季消防安全专项清理整顿",
            category=ACCIDENTS,
            area_code=community,
            least_grade=Grade.LOW,
            starts_on=today - SINCE,
            ends_on=today + UNTIL,
            actor=officer,
        )
        running.status = CampaignStatus.RUNNING
        running.save(update_fields=["status"])
        campaigns.open_doors(campaign_id=running.pk, actor=officer, progress=lambda _done, _total: None)
        done = Inspection.objects.within(community).filter(status=InspectionStatus.DONE, done_on__gte=running.starts_on)
        CampaignInspection.objects.bulk_create(
            CampaignInspection(campaign=running, inspection=row) for row in done.order_by("pk")
        )
        campaigns.plan_campaign(
            name="春节前环境脏乱清理整顿",
            category=DISORDER,
            area_code=community[:9],
            least_grade=Grade.MEDIUM,
            starts_on=today + UNTIL,
            ends_on=today + UNTIL + SINCE,
            actor=officer,
        )
