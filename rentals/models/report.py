import uuid
from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from portal.vault.fields import EncryptedTextField
from rentals.report_choices import FOUND_TRUE, ReporterKind, ReportKind, ReportStatus
from residents.choices import DocumentKind
from residents.models import Dwelling, Registration


class PenaltyReferral(Timestamped, Versioned, ScopedModel):
    """Late reports of one duty-bearer handed to those who may fine: on which law, with what evidence, after what
    notice. A record of the hand-over; no fine is decided or computed here."""

    scope_actions = ("view", "add")
    read_with = ("rentals.TenancyReport",)
    field_classes = (
        c2("which duty-bearer was referred to whom", "number", "reporter_kind", "sent_to", "sent_by", "basis"),
        c3("who reported late, and what shows it", "reporter_name", "evidence", "notice", "notified_on"),
        c4("which duty-bearer it is", "reporter_index", plain="a keyed hash of the phone"),
    )

    number = models.CharField(_("referral number"), max_length=22)
    reporter_kind = models.CharField(_("reported by"), max_length=8, choices=ReporterKind)
    reporter_name = models.CharField(_("duty-bearer"), max_length=80)
    reporter_index = models.BinaryField(editable=False)
    basis = models.CharField(_("legal basis"), max_length=200)
    evidence = models.TextField(_("evidence"), max_length=1000)
    notice = models.TextField(_("notice given"), max_length=1000)
    notified_on = models.DateField(_("notified on"))
    sent_to = models.CharField(_("handed over to"), max_length=80)
    sent_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [*newest_first_indexes("referral")]
        constraints = [models.UniqueConstraint(fields=["number"], name="referral_number_once")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rentals:penalty_detail", args=[self.pk])


class ReportQuerySet(ScopedQuerySet):
    def waiting(self) -> "ReportQuerySet":
        return self.filter(status=ReportStatus.WAITING)

    def late(self) -> "ReportQuerySet":
        """What counts against a duty-bearer: found true, after the clock, and from a phone that was confirmed.

        Anybody at a door can write down the number of somebody else.
        """
        return self.filter(status__in=FOUND_TRUE, confirmed=True, late_days__gt=0)


class TenancyReport(Timestamped, Versioned, ScopedModel):
    """What a duty-bearer said about one tenant: a lead, until somebody of the community has looked.

    `happened_on` is the day of moving in or out, `counted_from` the day the reporter's own clock starts (for a
    manager the day of being told, for a broker that of the contract). `late_days` are working days after `due_on`.
    `confirmed`: the phone was proved by a code; without it the report came by the plate of the door. Once decided,
    the row keeps the stay and nothing else of the tenant. `dwelling` is empty until the address was found.
    """

    scope_actions = ("view", "review", "refer")
    field_classes = (
        c4("finding the tenant in the register", "document_number"),
        c4("finding an exact number without decrypting", "document_index", plain="a keyed hash"),
        c4("reaching reporter and tenant until it is decided", "reporter_phone", "phone"),
        c4("which duty-bearer it is", "reporter_index", plain="a keyed hash of the phone"),
        c3("who reported whom", "reporter_name", "name", "document_kind", "registration"),
        c3("where, as it was told", "address", "room"),
        c3("remarks of the reviewer: may speak of somebody", "answer"),
        c2("which report it is", "batch", "line", "kind", "reporter_kind", "confirmed", "dwelling"),
        c2("the clock of the report", "happened_on", "counted_from", "reported_on", "due_on", "late_days"),
        c2("state of the report", "status", "decided_by", "decided_on", "referral"),
    )

    batch = models.UUIDField(editable=False)
    line = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(_("report"), max_length=3, choices=ReportKind)
    reporter_kind = models.CharField(_("reported by"), max_length=8, choices=ReporterKind)
    reporter_name = models.CharField(_("reporter"), max_length=80)
    reporter_phone = EncryptedTextField(_("reporter's phone"))
    reporter_index = models.BinaryField(editable=False)
    confirmed = models.BooleanField(_("phone confirmed"), default=False)
    dwelling = models.ForeignKey(Dwelling, null=True, on_delete=models.PROTECT, related_name="tenancy_reports")
    address = models.CharField(_("address as told"), max_length=120, blank=True)
    room = models.CharField(_("room"), max_length=20, blank=True)
    name = models.CharField(_("tenant"), max_length=60, blank=True)
    document_kind = models.CharField(_("document"), max_length=8, choices=DocumentKind, blank=True)
    document_number = EncryptedTextField(_("document number"), blank=True, default="")
    document_index = models.BinaryField(null=True, editable=False)
    phone = EncryptedTextField(_("tenant's phone"), blank=True, default="")
    happened_on = models.DateField(_("moved on"))
    counted_from = models.DateField(_("clock counts from"))
    reported_on = models.DateField(_("reported on"))
    due_on = models.DateField(_("due on"))
    late_days = models.PositiveSmallIntegerField(_("working days late"), default=0)
    status = models.CharField(_("status"), max_length=10, choices=ReportStatus, default=ReportStatus.WAITING)
    registration = models.ForeignKey(Registration, null=True, on_delete=models.PROTECT, related_name="tenancy_reports")
    answer = models.CharField(_("why it is not true"), max_length=200, blank=True)
    decided_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("looked into on"), null=True)
    referral = models.ForeignKey(PenaltyReferral, null=True, on_delete=models.PROTECT, related_name="reports")

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            *newest_first_indexes("report"),
            models.Index(fields=["community_code", "status", "due_on"], name="report_comm_status"),
            models.Index(fields=["township_code", "status", "due_on"], name="report_town_status"),
            models.Index(fields=["reporter_index", "-created_at"], name="report_reporter"),
            models.Index(fields=["document_index"], name="report_document", condition=Q(status=ReportStatus.WAITING)),
            models.Index(fields=["dwelling", "status"], name="report_dwelling"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="report_line_once"),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.WAITING, decided_on=None)
                | (~Q(status=ReportStatus.WAITING) & Q(decided_on__isnull=False)),
                name="report_decision_dated",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReportStatus.UNTRUE) | ~Q(answer=""), name="report_untrue_reasoned"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=FOUND_TRUE) | Q(registration__isnull=False), name="report_true_has_stay"
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.WAITING) | Q(name="", document_index=None),
                name="report_forgets_the_tenant",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What the reporter's receipt shows, and which line of it this is."""
        return f"{receipt_of(self.batch)}-{self.line}"

    def is_overdue_on(self, day: date) -> bool:
        return self.status == ReportStatus.WAITING and day > self.due_on

    def get_absolute_url(self) -> str:
        return reverse("rentals:report_detail", args=[self.pk])


def receipt_of(batch: uuid.UUID) -> str:
    return batch.hex[:8].upper()


class ReporterVisit(models.Model):
    """A phone that asked for a code, and, once the code was right, a short stay on the landlord's page.

    Made for every number alike, whether it stands in the register or not.
    """

    field_classes = (
        c4("sending the code, and knowing who reports", "phone"),
        c4("counting what one number asks for", "phone_index", plain="a keyed hash"),
        c4("comparing the code", "hashed", plain="a keyed hash, bound to this row"),
        c2("until when, and how often it was tried", "asked_at", "expires_at", "attempts", "confirmed_at"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = EncryptedTextField()
    phone_index = models.BinaryField()
    hashed = models.BinaryField()
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["phone_index", "asked_at"], name="reporter_visit_phone"),
            models.Index(fields=["expires_at"], name="reporter_visit_expires"),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"
