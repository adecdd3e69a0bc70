"""Closed lists that rules depend on. Open lists (reasons, dwelling kinds …) are code tables in `portal.policy`."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DocumentKind(models.TextChoices):
    """GA/T 517 style numbers; HMT_RP has no verified number yet, so it is our own code."""

    RESIDENT_ID = "111", _("Resident ID card")
    HOUSEHOLD_BOOK = "113", _("Household register booklet")
    PASSPORT = "414", _("Passport")
    TAIWAN_PERMIT = "511", _("Mainland travel permit for Taiwan residents")
    HK_MACAU_PERMIT = "516", _("Mainland travel permit for Hong Kong and Macau residents")
    FOREIGN_PERMANENT = "553", _("Foreign permanent resident ID card")
    HMT_RESIDENCE = "HMT_RP", _("Residence permit for Hong Kong, Macau and Taiwan residents")


class Sex(models.TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", _("Unknown")
    MALE = "1", _("Male")
    FEMALE = "2", _("Female")
    UNSTATED = "9", _("Not stated")


class RegistrationStatus(models.TextChoices):
    ACTIVE = "active", _("In residence")
    LEFT = "left", _("Departed")
    VOID = "void", _("Undone")


class ChangeKind(models.TextChoices):
    """The rows of ledger L2."""

    ARRIVAL = "arrival", _("New registration")
    RENEWAL = "renewal", _("Renewal")
    ADDRESS = "address", _("Address change")
    WORKPLACE = "workplace", _("Workplace change")
    CORRECTION = "correction", _("Correction")
    DEPARTURE = "departure", _("Deregistration")
    RESTORE = "restore", _("Restoration")
    UNDO = "undo", _("Undone")


class DiscoveredBy(models.TextChoices):
    """Ledger L2, column 发现方式."""

    PERSON = "person", _("The person")
    LANDLORD = "landlord", _("Landlord")
    EMPLOYER = "employer", _("Employer")
    VISIT = "visit", _("Home visit")
    SYSTEM = "system", _("System")


class VisitResult(models.TextChoices):
    PRESENT = "present", _("Still here")
    MOVED = "moved", _("Moved within the county")
    LEFT = "left", _("Left")
    ABSENT = "absent", _("Nobody home")


class Ground(models.TextChoices):
    """Decree 663 art. 2: one condition is enough."""

    JOB = "job", _("Lawful and stable job")
    DWELLING = "dwelling", _("Lawful and stable dwelling")
    SCHOOLING = "schooling", _("Continuous schooling")


class ApplicationKind(models.TextChoices):
    FIRST = "first", _("First issue")
    DAMAGED = "damaged", _("Replacement of a damaged card")
    LOST = "lost", _("Replacement of a lost card")


class ApplicationStatus(models.TextChoices):
    """Digest §2.2, permit state machine. A RETURNED file waits for the applicant; its clock has not started."""

    RETURNED = "returned", pgettext_lazy("application", "Returned for completion")
    ACCEPTED = "accepted", pgettext_lazy("application", "Accepted, under review")
    REVIEWED = "reviewed", pgettext_lazy("application", "Reviewed, waiting for signature")
    ISSUED = "issued", pgettext_lazy("application", "Issued, waiting for delivery")
    DELIVERED = "delivered", pgettext_lazy("application", "Delivered")
    REJECTED = "rejected", pgettext_lazy("application", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")


class PermitStatus(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("permit", "Valid")
    SUSPENDED = "suspended", pgettext_lazy("permit", "Suspended")
    TERMINATED = "terminated", pgettext_lazy("permit", "Terminated")


class PermitStepKind(models.TextChoices):
    """What happened to a permit; ledger L3 and report S5 count these rows."""

    ISSUED = "issued", _("Issued")
    DELIVERED = "delivered", _("Delivered")
    ENDORSED = "endorsed", _("Endorsed")
    LATE_ENDORSED = "late_endorsed", _("Endorsed late")
    SUSPENDED = "suspended", _("Suspended")
    RESUMED = "resumed", _("Restored")
    ADDRESS = "address", _("Address changed")
    REPLACED = "replaced", _("Replaced")
    TERMINATED = "terminated", _("Permit terminated")
    UNDONE = "undone", _("Step undone")


class TransferStatus(models.TextChoices):
    REQUESTED = "requested", _("Waiting for the answer")
    ACCEPTED = "accepted", _("Handed over")
    REFUSED = "refused", _("Refused")


class PairStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("pair", "To be decided")
    MERGED = "merged", pgettext_lazy("pair", "Merged")
    NOT_SAME = "not_same", pgettext_lazy("pair", "Not the same person")
    GONE = "gone", pgettext_lazy("pair", "No longer alike")


class ProofKind(models.TextChoices):
    """Decree 663 art. 9: identity and photo always, and one proof of the ground."""

    ID_CARD = "id_card", _("Resident ID card")
    PHOTO = "photo", _("Recent photograph")
    LEASE = "lease", _("Lease contract")
    TITLE = "title", _("Property title")
    PURCHASE = "purchase", _("Purchase contract")
    LODGING = "lodging", _("Lodging certificate by lessor, employer or school")
    LABOUR_CONTRACT = "labour_contract", _("Labour contract")
    BUSINESS_LICENCE = "business_licence", _("Business licence")
    EMPLOYER_CERTIFICATE = "employer_certificate", _("Employer's certificate")
    STUDENT_CARD = "student_card", _("Student card")
    SCHOOL_CERTIFICATE = "school_certificate", _("School certificate")
    GUARDIAN_ID = "guardian_id", _("ID card of the guardian or relative who applies")
    OLD_CARD = "old_card", _("Old permit card handed in")


class SuspectedBy(models.TextChoices):
    """Why somebody registered may have left without telling."""

    MISSED = "missed", _("Nobody home, again and again")
    HINT = "hint", _("Told by a landlord or neighbour")


class TaskStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("visit", "To visit")
    DONE = "done", pgettext_lazy("visit", "Visited")
    CLOSED = "closed", pgettext_lazy("visit", "No longer needed")


class RequestStatus(models.TextChoices):
    ASKED = "asked", pgettext_lazy("mass deregistration", "Waiting for approval")
    APPROVED = "approved", pgettext_lazy("mass deregistration", "Approved")
    REFUSED = "refused", pgettext_lazy("mass deregistration", "Turned down")


class SamplingMethod(models.TextChoices):
    """Digest §6.3: 顺查 goes from the door to the register, 倒查 from the register to the door."""

    DOORS = "doors", _("Door to register")
    RECORDS = "records", _("Register to door")


class SampleOutcome(models.TextChoices):
    OPEN = "open", pgettext_lazy("sample", "To check")
    CHECKED = "checked", pgettext_lazy("sample", "Checked")
    UNREACHED = "unreached", pgettext_lazy("sample", "Nobody reached")


class HouseholdActKind(models.TextChoices):
    """What can happen to a household book."""

    FORMED = "formed", pgettext_lazy("household", "Household book opened")
    ARRIVED = "arrived", pgettext_lazy("household", "Arrived together")
    JOINED = "joined", pgettext_lazy("household", "Joined")
    SPLIT = "split", pgettext_lazy("household", "Split")
    HEAD = "head", pgettext_lazy("household", "Householder changed")
    MOVED = "moved", pgettext_lazy("household", "Moved")
    LEFT = "left", pgettext_lazy("household", "Left the household")
    RETURNED = "returned", pgettext_lazy("household", "Came back")
    GUARDIAN = "guardian", pgettext_lazy("household", "Guardian named")
    UNDONE = "undone", pgettext_lazy("household", "Step undone")


class LeadStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("lead", "To be looked up")
    RESOLVED = "resolved", pgettext_lazy("lead", "Found")
    DISMISSED = "dismissed", pgettext_lazy("lead", "No such address")
