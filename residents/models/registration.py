import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c1, c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, newest_first_indexes
from residents.choices import ChangeKind, DiscoveredBy, RegistrationStatus, SuspectedBy, VisitResult
from residents.models.dwelling import Dwelling
from residents.models.person import Person, PersonalQuerySet


class Notice(Timestamped):
    """A version of the notice of data collection shown at intake (PIPL arts 17, 30, 35; digest P3)."""

    scope_actions = ("publish",)
    field_classes = (
        c1("what people are told at intake (PIPL art. 17)", "code", "version", "effective_from", "body", "body_en"),
    )

    code = models.CharField(_("notice"), max_length=40, default="registration")
    version = models.CharField(_("notice version"), max_length=20)
    effective_from = models.DateField(_("effective from"))
    body = models.TextField(_("text"))
    body_en = models.TextField(_("English text"), blank=True)

    class Meta:
        ordering = ["-effective_from"]
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="notice_version_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class RegistrationQuerySet(PersonalQuerySet):
    def active(self) -> "RegistrationQuerySet":
        return self.filter(status=RegistrationStatus.ACTIVE)

    def standing(self) -> "RegistrationQuerySet":
        """Active or ended, but not undone."""
        return self.exclude(status=RegistrationStatus.VOID)


@track(found_by=("person",))
class Registration(Timestamped, Versioned, ScopedModel):
    """A stay: this person lived at this dwelling from `arrived_on` until `left_on` (the day of leaving not counted).

    An address change ends one stay and begins the next. `counts_from` is the day the half-year runs from: the day of
    registration, not of arrival (Zhejiang art. 16, Z10); it is carried over by changes and by a restoration.
    `suspended_days` are days that do not count (Hangzhou art. 20, H4). `bed` counts from 1 to `Dwelling.beds`.

    From `suspected_on` on the person seems to have left: a question to be settled, not an end. The stay remains active
    and the half-year runs on until somebody deregisters.
    """

    scope_actions = ("view", "add", "change", "deregister", "restore", "verify", "import")

    written_with = ("residents.Permit", "residents.PermitApplication")  # an endorsement moves the half-year
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("who lived where, and when", "person", "dwelling", "arrived_on", "planned_until", "left_on"),
        c3("who lived where, and when", "left_for", "previous", "bed"),
        c3("why somebody came, stays and left", "reason", "left_reason", "lodging", "remark"),
        c3("work or school", "workplace", "occupation", "employment", "social_insurance"),
        c3("who came together", "head", "relation"),
        c2("state of the registration", "status", "registered_on", "counts_from", "suspended_days", "closed_on"),
        c2("how and by whom it was taken", "channel", "notice", "voucher", "registrar"),
        c2("was it looked up", "verified_on", "verified_result", "suspected_on", "suspected_by"),
    )

    # Foreign keys without an index of their own begin one of the indexes below.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="registrations", db_index=False)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="registrations", db_index=False)
    bed = models.PositiveSmallIntegerField(_("bed"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=RegistrationStatus, default=RegistrationStatus.ACTIVE)
    arrived_on = models.DateField(_("arrival date"))
    registered_on = models.DateField(_("registration date"))
    counts_from = models.DateField(_("half-year counts from"))
    suspended_days = models.PositiveIntegerField(default=0)
    planned_until = models.DateField(_("intends to stay until"), null=True, blank=True)
    lodging = models.CharField(_("kind of lodging"), max_length=4)
    reason = models.CharField(_("reason for coming"), max_length=4)
    workplace = models.CharField(_("employer or school"), max_length=100, blank=True)
    occupation = models.CharField(_("occupation"), max_length=30, blank=True)
    employment = models.CharField(_("employment"), max_length=4, blank=True)
    social_insurance = models.CharField(_("social insurance"), max_length=4, blank=True)
    channel = models.CharField(_("registered through"), max_length=10)
    head = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="companions", db_index=False
    )
    relation = models.CharField(_("relation to the first person"), max_length=4, blank=True)
    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    voucher = models.UUIDField(default=uuid.uuid4, editable=False)
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    left_on = models.DateField(_("departure date"), null=True, blank=True)
    left_reason = models.CharField(_("reason for leaving"), max_length=4, blank=True)
    left_for = models.CharField(_("gone to"), max_length=80, blank=True)
    closed_on = models.DateField(_("deregistered on"), null=True, blank=True)
    verified_on = models.DateField(_("last verified"), null=True, blank=True)
    verified_result = models.CharField(_("result"), max_length=8, choices=VisitResult, blank=True)
    suspected_on = models.DateField(_("seems to have left since"), null=True, blank=True)
    suspected_by = models.CharField(_("suspected because"), max_length=8, choices=SuspectedBy, blank=True)
    registrar = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["-arrived_on", "-id"]
        indexes = [
            *newest_first_indexes("reg"),
            models.Index(fields=["person", "-arrived_on"], name="reg_person"),
            models.Index(fields=["dwelling", "status"], name="reg_dwelling"),
            models.Index(fields=["community_code", "status", "counts_from"], name="reg_comm_counts"),
            models.Index(fields=["county_code", "status", "registered_on"], name="reg_county_status"),
            models.Index(fields=["registrar", "-created_at"], name="reg_registrar"),
            models.Index(fields=["head"], name="reg_head", condition=Q(head__isnull=False)),
            models.Index(fields=["previous"], name="reg_previous", condition=Q(previous__isnull=False)),
            models.Index(
                fields=["community_code", "suspected_on"], name="reg_suspected", condition=Q(suspected_on__isnull=False)
            ),
            models.Index(fields=["workplace", "county_code"], name="reg_workplace", condition=~Q(workplace="")),
            models.Index(
                fields=["township_code", "workplace"],
                include=["area_code", "person"],
                name="reg_town_workplace",
                condition=~Q(workplace="") & Q(status=RegistrationStatus.ACTIVE),
            ),
            GinIndex(
                F("township_code"),
                Func(F("workplace"), Value(None), function="string_to_array"),
                name="reg_town_work_chars",
                condition=~Q(workplace=""),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(status=RegistrationStatus.ACTIVE), name="registration_one_active"
            ),
            models.UniqueConstraint(fields=["voucher"], name="registration_voucher_once"),
            ExclusionConstraint(
                name="registration_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (
                        Func(
                            F("arrived_on"),
                            F("left_on"),
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(status=RegistrationStatus.VOID),
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("arrived_on")), name="registration_dates_ordered"
            ),
            models.CheckConstraint(
                condition=Q(status=RegistrationStatus.ACTIVE, left_on=None)
                | Q(status=RegistrationStatus.LEFT, left_on__isnull=False)
                | Q(status=RegistrationStatus.VOID),
                name="registration_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} @ {self.dwelling_id}"


class RegistrationChange(Timestamped, ScopedModel):
    """One line of the change ledger (L2): what was recorded, when it had happened and who found it.

    `undone_by` is set when the step was taken back within the undo window.
    """

    scope_actions = ("view",)

    written_with = ("residents.Registration", "residents.Person")
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("ledger of changes: what was recorded of whom", "registration", "person", "before", "after"),
        c3("ledger of changes: what was recorded of whom", "reason", "destination"),
        c2("ledger of changes: when and by whom", "kind", "recorded_on", "happened_on", "discovered_by"),
        c2("ledger of changes: when and by whom", "actor", "undone_by"),
    )

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="changes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="changes", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ChangeKind)
    recorded_on = models.DateField(_("date"))
    happened_on = models.DateField(_("happened on"))
    before = models.CharField(_("before"), max_length=240, blank=True)
    after = models.CharField(_("after"), max_length=240, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    destination = models.CharField(_("gone to"), max_length=80, blank=True)
    discovered_by = models.CharField(_("found by"), max_length=10, choices=DiscoveredBy, default=DiscoveredBy.PERSON)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    undone_by = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undoes")

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="change_person"),
            models.Index(fields=["county_code", "recorded_on"], name="change_county_day"),
            models.Index(fields=["community_code", "recorded_on"], name="change_comm_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.recorded_on}"


class Visit(Timestamped, ScopedModel):
    """Somebody looked whether the person still lives there. Updates `Registration.verified_on`.

    `before` is what the stay said until then, `change` the line of the ledger that the answer led to: both are for
    taking the answer back (`undone_at`). `in_bulk`: recorded faster than anybody walks, so no rate counts it.
    """

    scope_actions = ("view",)

    written_with = ("residents.Registration",)
    admitted_by = ("person", "person_id")
    field_classes = (
        c3("does somebody still live there", "registration", "person", "visited_on", "result", "note"),
        c2("who went there, and on which errand", "visitor", "task", "in_bulk"),
        c2("taking the answer back", "before", "change", "undone_at"),
    )

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="visits", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="visits", db_index=False)
    visited_on = models.DateField(_("visited on"))
    result = models.CharField(_("result"), max_length=8, choices=VisitResult)
    note = models.CharField(_("note"), max_length=200, blank=True)
    visitor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    task = models.ForeignKey(
        "residents.VisitTask", null=True, blank=True, on_delete=models.PROTECT, related_name="answers"
    )
    in_bulk = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    change = models.OneToOneField(RegistrationChange, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-visited_on", "-id"]
        indexes = [
            models.Index(fields=["person", "-visited_on"], name="visit_person"),
            models.Index(fields=["visitor", "-created_at"], name="visit_visitor"),
            models.Index(fields=["community_code", "-visited_on"], name="visit_community"),
            models.Index(fields=["registration", "-id"], name="visit_registration"),
        ]

    def __str__(self) -> str:
        return f"{self.result} {self.visited_on}"
