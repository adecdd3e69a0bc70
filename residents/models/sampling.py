from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from residents.choices import SampleOutcome, SamplingMethod
from residents.models.dwelling import Dwelling
from residents.models.registration import Registration


@track()
class SamplingCampaign(Timestamped, Versioned, ScopedModel):
    """A field test of the register (digest §6.3). The draw can be repeated by anybody from what is stored: `seed`
    and, for each community, the numbers it was drawn from."""

    scope_actions = ("view", "conduct")
    visible_through = "items"  # who checks a door knows what it is for
    field_classes = (
        c2("what is tested, where and when", "name", "method", "starts_on", "ends_on", "conducted_by"),
        c2("repeating the draw", "seed"),
    )

    name = models.CharField(_("name"), max_length=60)
    method = models.CharField(_("method"), max_length=8, choices=SamplingMethod)
    seed = models.CharField(_("seed"), max_length=32)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    conducted_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [*newest_first_indexes("sampling")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("residents:sampling_campaign", args=[self.pk])


class SamplingFrame(Timestamped, ScopedModel):
    """What a community's part was drawn from: keys of dwellings or registrations, in ascending order."""

    scope_actions = ("view",)
    written_with = ("residents.SamplingCampaign",)
    field_classes = (c2("repeating the draw", "campaign", "keys", "digest", "wanted"),)

    campaign = models.ForeignKey(SamplingCampaign, on_delete=models.CASCADE, related_name="frames")
    keys = ArrayField(models.BigIntegerField())
    digest = models.CharField(max_length=64)
    wanted = models.PositiveSmallIntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "area_code"], name="sampling_frame_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.area_code}"


@track()
class SampleItem(Timestamped, Versioned, ScopedModel):
    """One drawn door or record and what was found. At a door people are counted, never named: whoever is not
    registered stays unnamed until they register.

    `people_found` have to be registered; of them `people_registered` are anywhere in the register, and
    `people_here` at exactly this dwelling. `left_found` no longer live there; `left_closed` of them were deregistered.
    """

    scope_actions = ("view", "check")
    written_with = ("residents.SamplingCampaign",)
    field_classes = (
        c2("which draw", "campaign", "position", "assignee", "outcome", "checked_by", "checked_on"),
        c3("what was found at the door", "dwelling", "registration", "people_found", "people_registered"),
        c3("what was found at the door", "people_here", "left_found", "left_closed", "wrong_items"),
        c2("how the dwelling is let", "is_rented", "rental_registered", "undertaking_signed"),
    )

    campaign = models.ForeignKey(SamplingCampaign, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")
    registration = models.ForeignKey(Registration, null=True, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=10, choices=SampleOutcome, default=SampleOutcome.OPEN)
    people_found = models.PositiveSmallIntegerField(_("people who have to be registered"), default=0)
    people_registered = models.PositiveSmallIntegerField(_("of them registered"), default=0)
    people_here = models.PositiveSmallIntegerField(_("of them at this address"), default=0)
    left_found = models.PositiveSmallIntegerField(_("people who have left"), default=0)
    left_closed = models.PositiveSmallIntegerField(_("of them deregistered"), default=0)
    is_rented = models.BooleanField(_("is let"), default=False)
    rental_registered = models.BooleanField(_("registered as rental"), default=False)
    undertaking_signed = models.BooleanField(_("undertaking of the landlord signed"), default=False)
    wrong_items = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    checked_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    checked_on = models.DateField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "position"]
        indexes = [models.Index(fields=["campaign", "area_code", "outcome"], name="sample_campaign_area")]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="sample_position_once"),
            models.CheckConstraint(
                condition=Q(people_registered__lte=F("people_found"))
                & Q(people_here__lte=F("people_registered"))
                & Q(left_closed__lte=F("left_found")),
                name="sample_parts_within_wholes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.position}"

    def get_absolute_url(self) -> str:
        return reverse("residents:sample_item", args=[self.pk])
