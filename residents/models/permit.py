from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.core.web.numbered import address_of
from portal.org.duties import differs
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from residents.choices import (
    ApplicationKind,
    ApplicationStatus,
    Ground,
    PermitStatus,
    PermitStepKind,
    ProofKind,
)
from residents.models.dwelling import Dwelling
from residents.models.person import Person, PersonalQuerySet
from residents.models.registration import Registration

OPEN_APPLICATION = [
    ApplicationStatus.RETURNED,
    ApplicationStatus.ACCEPTED,
    ApplicationStatus.REVIEWED,
]


@track(found_by=("person",))
class Permit(Timestamped, Versioned, ScopedModel):
    """A residence permit. `endorse_by` is the anniversary: the window is the month before it, that day excluded
    (decree 663 art. 10, R8). `counted_from` is where the residence years run from; a late endorsement moves it (R9).
    `valid_until` is set for permits of the old kind only: valid to that day, never endorsed (R18).
    `end_proposed` is a code of `permit_end_reason` that the register suggests (the holder left); a person decides.
    """

    scope_actions = ("view", "remind", "endorse", "change", "terminate", "print")

    written_with = ("residents.PermitApplication",)
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("whose permit it is (decree 663)", "number", "person", "dwelling", "ground", "termination_reason"),
        c2("state of the permit", "status", "suspended_on", "terminated_on", "end_proposed", "card_serial"),
        c2("dates of the permit", "issued_on", "counted_from", "endorse_from", "endorse_by", "valid_until"),
        c2("what was done", "delivered_on", "reminded_on"),
    )

    number = models.CharField(_("permit number"), max_length=22)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="permits")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    status = models.CharField(_("status"), max_length=10, choices=PermitStatus, default=PermitStatus.ACTIVE)
    issued_on = models.DateField(_("issue date"))
    counted_from = models.DateField(_("residence years count from"))
    endorse_from = models.DateField(_("endorsement window opens"))
    endorse_by = models.DateField(_("endorse before"))
    suspended_on = models.DateField(_("suspended on"), null=True, blank=True)
    terminated_on = models.DateField(_("terminated on"), null=True, blank=True)
    termination_reason = models.CharField(_("reason"), max_length=200, blank=True)
    valid_until = models.DateField(_("old permit valid until"), null=True, blank=True)
    end_proposed = models.CharField(_("termination to be decided"), max_length=16, blank=True)
    card_serial = models.PositiveSmallIntegerField(_("card"), default=1)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    reminded_on = models.DateField(_("reminded on"), null=True, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-id"]
        indexes = [
            *newest_first_indexes("permit"),
            models.Index(fields=["county_code", "status", "endorse_by"], name="permit_county_due"),
            models.Index(fields=["community_code", "status", "endorse_by"], name="permit_comm_due"),
            models.Index(fields=["person", "-issued_on"], name="permit_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="permit_number_once"),
            models.UniqueConstraint(
                fields=["person"], condition=~Q(status=PermitStatus.TERMINATED), name="permit_one_living"
            ),
            models.CheckConstraint(
                condition=Q(status=PermitStatus.TERMINATED, terminated_on__isnull=False)
                | (~Q(status=PermitStatus.TERMINATED) & Q(terminated_on=None)),
                name="permit_termination_dated",
            ),
            models.CheckConstraint(
                condition=Q(status=PermitStatus.SUSPENDED, suspended_on__isnull=False)
                | ~Q(status=PermitStatus.SUSPENDED),
                name="permit_suspension_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return address_of("residents:permit_detail", self.pk)


@track(found_by=("person",))
class PermitApplication(Timestamped, Versioned, ScopedModel):
    """One file at the window. Its clock starts on acceptance: `due_on` is computed from policy and kept with its basis.

    Registrar, reviewer and signer: whoever accepted the file may not review or sign it; signing is for the county
    police alone (decree 663 art. 10, R7). Stations accept and deliver under a delegation.
    """

    scope_actions = (
        "view",
        "add",
        "accept",
        "review",
        "sign",
        "deliver",
        "withdraw",
        "print",
        "export",
        "export_full",
    )

    admitted_by = ("person", "person_id")

    field_classes = (
        c3("who applies, and on what ground", "number", "person", "registration", "permit", "ground", "eligibility"),
        c3("who applies for somebody else", "applicant", "applicant_relation"),
        c3("why it was decided so", "decision_reason"),
        c2("state and clock of the file", "kind", "status", "submitted_on", "accepted_at", "due_on"),
        c2("state and clock of the file", "due_rule", "closed_at"),
        c2("papers and checks", "notice_issued_on", "notice_items", "checks_passed", "fee"),
        c2("who decided", "registrar", "reviewer", "reviewed_at", "signer", "signed_at"),
    )

    number = models.CharField(_("file number"), max_length=22)
    kind = models.CharField(_("business"), max_length=8, choices=ApplicationKind, default=ApplicationKind.FIRST)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="applications")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="applications")
    permit = models.ForeignKey(Permit, null=True, blank=True, on_delete=models.PROTECT, related_name="applications")
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    status = models.CharField(_("status"), max_length=10, choices=ApplicationStatus)
    applicant = models.CharField(_("applied by"), max_length=50, blank=True)
    applicant_relation = models.CharField(_("relation"), max_length=4, blank=True)
    submitted_on = models.DateField(_("submitted on"))
    notice_issued_on = models.DateField(_("one-time notice"), null=True, blank=True)
    notice_items = ArrayField(models.CharField(max_length=24, choices=ProofKind), default=list, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    due_rule = models.JSONField(default=dict, blank=True)
    eligibility = models.JSONField(default=dict, blank=True)
    checks_passed = models.BooleanField(_("all checks passed"), default=False)
    registrar = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    signer = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    decision_reason = models.CharField(_("reason"), max_length=300, blank=True)
    fee = models.DecimalField(_("fee"), max_digits=6, decimal_places=2, default=0)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            *newest_first_indexes("appl"),
            models.Index(fields=["county_code", "status", "due_on"], name="appl_county_due"),
            models.Index(fields=["township_code", "status", "due_on"], name="appl_town_due"),
            models.Index(fields=["community_code", "status", "due_on"], name="appl_comm_due"),
            models.Index(fields=["person", "-created_at"], name="appl_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="application_number_once"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(status__in=OPEN_APPLICATION), name="application_one_open"
            ),
            differs("reviewer", "registrar", name="application_reviewer_not_registrar"),
            differs("signer", "registrar", name="application_signer_not_registrar"),
            models.CheckConstraint(
                condition=Q(fee=0) | ~Q(kind=ApplicationKind.FIRST), name="application_first_issue_free"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, due_on=None) | Q(accepted_at__isnull=False, due_on__isnull=False),
                name="application_clock_with_acceptance",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return address_of("residents:application_detail", self.pk)


class PermitMaterial(Timestamped):
    """One paper of the checklist of decree 663 art. 9; `received_on` empty means still missing."""

    walled_by = "application"
    field_classes = (
        c2("papers of a file", "application", "kind", "required", "received_on"),
        c3("what a paper says", "note"),
    )

    application = models.ForeignKey(PermitApplication, on_delete=models.CASCADE, related_name="materials")
    kind = models.CharField(_("paper"), max_length=24, choices=ProofKind)
    required = models.BooleanField(default=True)
    received_on = models.DateField(_("received on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["application", "kind"], name="material_once")]

    def __str__(self) -> str:
        return self.kind


@track()
class Endorsement(Timestamped):
    """A yearly endorsement; `late` ones restart the residence years (R9)."""

    walled_by = "permit"
    field_classes = (
        c2("yearly endorsements", "permit", "endorsed_on", "late", "previous_due", "next_due", "ground", "actor"),
    )

    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="endorsements")
    endorsed_on = models.DateField(_("endorsed on"))
    late = models.BooleanField(_("late"), default=False)
    previous_due = models.DateField()
    next_due = models.DateField()
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-endorsed_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(next_due__gt=F("endorsed_on")), name="endorsement_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.permit_id} {self.endorsed_on}"


class PermitStep(Timestamped, ScopedModel):
    """What happened to a permit, for its timeline, ledger L3 and report S5. Written by services, never changed."""

    scope_actions = ("view",)

    written_with = ("residents.Permit", "residents.PermitApplication")
    field_classes = (
        c2("what happened to a permit", "permit", "kind", "happened_on", "actor"),
        c3("why it happened", "reason"),
    )

    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(_("event"), max_length=14, choices=PermitStepKind)
    happened_on = models.DateField(_("date"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-id"]
        indexes = [
            models.Index(fields=["permit", "-happened_on"], name="permit_step_permit"),
            models.Index(fields=["county_code", "kind", "happened_on"], name="permit_step_county"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.happened_on}"
