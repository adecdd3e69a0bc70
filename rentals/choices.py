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


class HazardClass(models.TextChoices):
    """The four classes of an inspection of rented homes (digest row 76)."""

    FIRE = "fire", pgettext_lazy("hazard", "Fire")
    BUILDING = "building", pgettext_lazy("hazard", "Building")
    ORDER = "order", pgettext_lazy("hazard", "Public order")
    NUISANCE = "nuisance", pgettext_lazy("hazard", "Nuisance to neighbours")


class HazardLevel(models.TextChoices):
    ORDINARY = "ordinary", pgettext_lazy("hazard", "Ordinary")
    SERIOUS = "serious", pgettext_lazy("hazard", "Serious")


class Disposal(models.TextChoices):
    """What the inspector does about a hazard at the door."""

    ON_SPOT = "on_spot", pgettext_lazy("hazard", "Mended on the spot")
    DEADLINE = "deadline", pgettext_lazy("hazard", "To be mended by a day")
    REFERRAL = "referral", pgettext_lazy("hazard", "Referred to a department")


class HazardStatus(models.TextChoices):
    """An open one is with the landlord, a referred one with a department, a mended one waits to be looked at again."""

    OPEN = "open", pgettext_lazy("hazard", "To be mended")
    REFERRED = "referred", pgettext_lazy("hazard", "With a department")
    RECHECK = "recheck", pgettext_lazy("hazard", "To be looked at again")
    CLOSED = "closed", pgettext_lazy("hazard", "Closed")


UNMENDED = (HazardStatus.OPEN, HazardStatus.REFERRED, HazardStatus.RECHECK)


class HazardStepKind(models.TextChoices):
    FOUND = "found", pgettext_lazy("hazard step", "Found")
    MENDED = "mended", pgettext_lazy("hazard step", "Said to be mended")
    REFERRED = "referred", pgettext_lazy("hazard step", "Referred")
    TAKEN = "taken", pgettext_lazy("hazard step", "Taken on by the department")
    ANSWERED = "answered", pgettext_lazy("hazard step", "Dealt with by the department")
    RETURNED = "returned", pgettext_lazy("hazard step", "Sent back by the department")
    FAILED = "failed", pgettext_lazy("hazard step", "Looked at again: not mended")
    CLOSED = "closed", pgettext_lazy("hazard step", "Closed")


class Recipient(models.TextChoices):
    """To whom a hazard is referred. The values are those of `portal.org.choices.Duty`."""

    HOUSING = "housing", pgettext_lazy("referral", "Housing")
    FIRE = "fire", pgettext_lazy("referral", "Fire and rescue")
    MARKET = "market", pgettext_lazy("referral", "Market supervision")
    TOWNSHIP = "station", pgettext_lazy("referral", "Township")


class ReferralStatus(models.TextChoices):
    SENT = "sent", pgettext_lazy("referral", "Sent")
    TAKEN = "taken", pgettext_lazy("referral", "Taken on")
    ANSWERED = "answered", pgettext_lazy("referral", "Dealt with")
    RETURNED = "returned", pgettext_lazy("referral", "Sent back")


WITH_DEPARTMENT = (ReferralStatus.SENT, ReferralStatus.TAKEN)


class InspectionStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("inspection", "To be inspected")
    DONE = "done", pgettext_lazy("inspection", "Inspected")
    DROPPED = "dropped", pgettext_lazy("inspection", "No longer needed")


class Criterion(models.TextChoices):
    """The public criteria by which a house is graded. None of them is about who lives there."""

    FIRE = "fire", pgettext_lazy("criterion", "Fire safety")
    STRUCTURE = "structure", pgettext_lazy("criterion", "Structure")
    OCCUPANCY = "occupancy", pgettext_lazy("criterion", "Occupancy")
    WIRING = "wiring", pgettext_lazy("criterion", "Wiring")
    GAS = "gas", pgettext_lazy("criterion", "Gas")
    PAST = "past", pgettext_lazy("criterion", "Past hazards")


class Grade(models.TextChoices):
    LOW = "low", pgettext_lazy("hazard grade", "Low")
    MEDIUM = "medium", pgettext_lazy("hazard grade", "Medium")
    HIGH = "high", pgettext_lazy("hazard grade", "High")


class AppealStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("appeal", "Waiting for a decision")
    GRANTED = "granted", pgettext_lazy("appeal", "Granted")
    REFUSED = "refused", pgettext_lazy("appeal", "Refused")


class MessageKind(models.TextChoices):
    """What a landlord is told without having asked."""

    LEFT = "left", pgettext_lazy("message", "A tenant has left")


class CampaignStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("campaign", "Planned")
    RUNNING = "running", pgettext_lazy("campaign", "Running")
    ENDED = "ended", pgettext_lazy("campaign", "Ended")


class SignedHow(models.TextChoices):
    """On a screen the name is typed before an official; a paper is kept as a scan."""

    SCREEN = "screen", pgettext_lazy("letter", "On screen")
    PAPER = "paper", pgettext_lazy("letter", "On paper, scan kept")
