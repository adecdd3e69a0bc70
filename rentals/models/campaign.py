from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from rentals.choices import CampaignStatus, Grade
from rentals.models.inspection import Inspection


@track()
class RentalCampaign(Timestamped, Versioned, ScopedModel):
    """A campaign against one kind of trouble in rented homes (专项清理整顿, digest row 73): every let dwelling of the
    area is inspected between two days, or those in houses of a grade from `least_grade` on. It is about houses: who
    lives in them is never looked at. `category` is a code of the table `campaign_category`.
    """

    scope_actions = ("view", "conduct")
    field_classes = (
        c2("what the campaign is about, where and when", "name", "category", "least_grade", "starts_on", "ends_on"),
        c2("how far it is and who conducts it", "status", "conducted_by"),
    )

    name = models.CharField(_("name"), max_length=60)
    category = models.CharField(_("category of the campaign"), max_length=4)
    least_grade = models.CharField(_("houses from this grade on"), max_length=6, choices=Grade, default=Grade.LOW)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    status = models.CharField(_("status"), max_length=8, choices=CampaignStatus, default=CampaignStatus.PLANNED)
    conducted_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [*newest_first_indexes("rentalcampaign")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="rentalcampaign_days_ordered"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("rentals:campaign_detail", args=[self.pk])


class CampaignInspection(Timestamped):
    """An inspection that counts for a campaign. `was_open`: it stood open already when the campaign began, so it does
    not end with it."""

    walled_by = "campaign"
    field_classes = (c2("which inspections count for a campaign", "campaign", "inspection", "was_open"),)

    campaign = models.ForeignKey(RentalCampaign, on_delete=models.CASCADE, related_name="doors")
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="campaigns")
    was_open = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "inspection"], name="campaign_inspection_once"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.inspection_id}"
