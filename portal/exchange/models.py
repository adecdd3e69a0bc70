from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2, c3
from portal.jobs.models import Job
from portal.org.scoping import ScopedModel, ScopedQuerySet


class ProvisionRecord(models.Model):
    """Personal data left the system: as a file or on paper, to whom, for what, on which ground (PIPL art. 23,
    Network Data Regulations art. 12; digest P8). Written in the transaction that makes the file: no record, no file.

    Kept for the term of the rule `retention.provision_records_years`. Holds no personal value: whose data it was is
    told by the access rows of the same `reference`.
    """

    class Recipient(models.TextChoices):
        PERSON = "person", _("The person")
        INSIDE = "inside", _("Own department")
        OUTSIDE = "outside", _("Another body")

    class Form(models.TextChoices):
        FILE = "file", _("File")
        PAPER = "paper", _("Paper")

    scope_actions: ClassVar[tuple[str, ...]] = ("view",)
    field_classes = (
        c2("records of providing data (NDR art. 12)", "at", "form", "recipient_kind", "legal_basis", "data_kinds"),
        c2("what was handed over", "title", "row_count", "full_numbers", "sha256", "reference"),
        c2("who handed it over", "actor", "unit"),
        c3("to whom and what for, in the words of the person who asked", "recipient", "purpose"),
    )

    at = models.DateTimeField(_("moment"), default=clock.now)
    form = models.CharField(_("form"), max_length=6, choices=Form)
    title = models.CharField(_("what was handed over"), max_length=120)
    recipient_kind = models.CharField(_("kind of recipient"), max_length=8, choices=Recipient)
    recipient = models.CharField(_("recipient"), max_length=120)
    purpose = models.CharField(_("purpose"), max_length=200)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    data_kinds = ArrayField(models.CharField(max_length=60), verbose_name=_("kinds of data"))
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    full_numbers = models.BooleanField(_("full numbers"), default=False)
    sha256 = models.CharField(_("hash of the file"), max_length=64, blank=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(_("department"), max_length=80, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at", "-id"], name="provision_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(recipient="") & ~Q(purpose="") & ~Q(legal_basis=""), name="provision_to_whom_and_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} → {self.recipient}"


class ExportRequest(ScopedModel):
    """A file larger than the rule `export.large_rows` waits for a second person (security design A12).

    `area_code` is the area of the file; who holds "approve" there decides, never the one who asked. `order` is the
    order as the job will get it. Nothing is made, and no row is read beyond counting, before it is approved.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    scope_actions = ("approve",)
    walled_owner = "requested_by"
    field_classes = (
        c2("which file was asked for, and how large it is", "order", "title", "rows", "job", "state"),
        c2("who asked and who decided", "requested_by", "requested_at", "decided_by", "decided_at"),
        c3("why and for whom, in the words of the person who asked", "reason", "recipient", "answer"),
    )

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    order = models.JSONField()
    title = models.CharField(_("file"), max_length=120)
    rows = models.PositiveIntegerField(_("rows"))
    reason = models.CharField(_("purpose"), max_length=200)
    recipient = models.CharField(_("recipient"), max_length=120, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("asked on"), default=clock.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("reason for the refusal"), max_length=200, blank=True)
    job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="approval")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        indexes = [
            models.Index(fields=["requested_by", "-requested_at"], name="export_request_mine"),
            models.Index(fields=["county_code"], condition=Q(state="waiting"), name="export_request_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("requested_by")) | Q(state="withdrawn"),
                name="export_request_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="export_request_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exports:approval", args=[self.pk])

    @property
    def is_full(self) -> bool:
        return bool(self.order.get("full"))
