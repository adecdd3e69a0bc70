"""Closed lists of the rented homes. Uses, structures, spaces and grades of danger are code tables."""

from django.db import models
from django.utils.translation import pgettext_lazy

RENTED_HOME = "05"  # the entry 租赁房屋 of the code table `dwelling_kind`
HOME, REFUSED = "home", "refused"
"""What the code tables `house_use`, `letting_space` and `danger_grade` say of an entry (column `bucket`)."""


class LandlordKind(models.TextChoices):
    PERSON = "person", pgettext_lazy("landlord", "Person")
    ORGANISATION = "org", pgettext_lazy("landlord", "Organisation")


class Letting(models.TextChoices):
    """The whole dwelling to one party, or parts of it to several."""

    WHOLE = "whole", pgettext_lazy("letting", "Whole dwelling")
    ROOMS = "rooms", pgettext_lazy("letting", "Room by room")
    BEDS = "beds", pgettext_lazy("letting", "Bed by bed")


class Gas(models.TextChoices):
    NONE = "none", pgettext_lazy("gas", "No gas")
    PIPED = "piped", pgettext_lazy("gas", "Piped gas")
    BOTTLED = "bottled", pgettext_lazy("gas", "Bottled gas")


class RentalStatus(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("rental", "Waiting for review")
    RETURNED = "returned", pgettext_lazy("rental", "Returned to be completed")
    REGISTERED = "registered", pgettext_lazy("rental", "In force")
    ENDED = "ended", pgettext_lazy("rental", "Ended")


class RentalStepKind(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("rental step", "Handed in")
    CHANGED = "changed", pgettext_lazy("rental step", "Changed")
    ACCEPTED = "accepted", pgettext_lazy("rental step", "Accepted")
    RETURNED = "returned", pgettext_lazy("rental step", "Returned")
    RENEWED = "renewed", pgettext_lazy("rental step", "Renewed")
    ENDED = "ended", pgettext_lazy("rental step", "Ended")


LIVE = (RentalStatus.SUBMITTED, RentalStatus.RETURNED, RentalStatus.REGISTERED)


class FiledBy(models.TextChoices):
    """The lessor files the contract; where he does not, the tenant may (住房租赁条例, HL4)."""

    LANDLORD = "landlord", pgettext_lazy("filed by", "Landlord")
    TENANT = "tenant", pgettext_lazy("filed by", "Tenant")


class FilingStatus(models.TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("lease", "Waiting for review")
    FILED = "filed", pgettext_lazy("lease", "Filed")
    REFUSED = "refused", pgettext_lazy("lease", "Refused")
    ENDED = "ended", pgettext_lazy("lease", "Ended")


LEASED = (FilingStatus.SUBMITTED, FilingStatus.FILED)
