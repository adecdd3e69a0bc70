import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DecimalRangeField, RangeOperators
from django.db import models
from django.db.models import Case, DecimalField, F, Func, Q, Value, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from rentals.choices import LEASED, FiledBy, FilingStatus
from rentals.models.registration import RentalRegistration
from residents.models import Dwelling, Registration

WHOLE = ""


class FilingQuerySet(ScopedQuerySet):
    def live(self) -> "FilingQuerySet":
        """Handed in or filed: the room is taken for its term."""
        return self.filter(status__in=LEASED)


def _room_span() -> Func:
    """A room as a point on a line, the whole dwelling as the whole line: it overlaps with each of its rooms."""
    point = Case(
        When(room=WHOLE, then=Value(None)),
        default=Cast(
            Func(F("room"), Value(0), function="hashtextextended"), DecimalField(max_digits=20, decimal_places=0)
        ),
        output_field=DecimalField(max_digits=20, decimal_places=0),
    )
    return Func(point, point, Value("[]"), function="numrange", output_field=DecimalRangeField())


@track()
class LeaseFiling(Timestamped, Versioned, ScopedModel):
    """A lease contract filed with the housing department (住房租赁合同备案, 住房租赁条例; HL4), free of charge.

    `room` is the label of the room, "" for the whole dwelling. `starts_on` and `ends_on` are both days of the term.
    No room is leased twice for one day: the database holds it for live filings.
    """

    scope_actions = ("view", "add", "review")
    read_with = ("rentals.RentalRegistration",)  # the ledger of rented homes counts the tenants
    field_classes = (
        c2("which dwelling is leased, and under which number", "dwelling", "rental", "number", "voucher", "room"),
        c2("the term of the lease", "starts_on", "ends_on", "ended_on"),
        c2("state of the filing", "status", "filed_by", "filed_on", "submitted_by", "decided_by"),
        c3("the rent, when the parties want it noted", "monthly_rent"),
        c3("remarks of the reviewer: may speak of somebody", "refusal_reason", "end_reason"),
    )

    number = models.CharField(_("filing number"), max_length=22)
    voucher = models.UUIDField(default=uuid.uuid4, editable=False)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="leases")
    rental = models.ForeignKey(
        RentalRegistration, null=True, blank=True, on_delete=models.PROTECT, related_name="leases"
    )
    room = models.CharField(_("room leased"), max_length=20, blank=True)
    filed_by = models.CharField(_("filed by"), max_length=8, choices=FiledBy)
    starts_on = models.DateField(_("lease begins"))
    ends_on = models.DateField(_("lease ends"))
    monthly_rent = models.DecimalField(_("monthly rent (yuan)"), max_digits=9, decimal_places=2, null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=FilingStatus, default=FilingStatus.SUBMITTED)
    filed_on = models.DateField(_("filed on"), null=True, blank=True)
    refusal_reason = models.CharField(_("why it was refused"), max_length=200, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=200, blank=True)
    submitted_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = FilingQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            *newest_first_indexes("lease"),
            models.Index(fields=["county_code", "status", "created_at"], name="lease_county_status"),
            models.Index(fields=["ends_on"], name="lease_filed_until", condition=Q(status=FilingStatus.FILED)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="lease_number_once"),
            models.UniqueConstraint(fields=["voucher"], name="lease_voucher_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="lease_dates_ordered"),
            models.CheckConstraint(
                condition=~Q(status=FilingStatus.REFUSED) | ~Q(refusal_reason=""), name="lease_refusal_reasoned"
            ),
            ExclusionConstraint(
                name="lease_room_once_at_a_time",
                expressions=[
                    ("dwelling", RangeOperators.EQUAL),
                    (_room_span(), RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status__in=LEASED),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rentals:filing_detail", args=[self.pk])


class LeaseTenant(Timestamped):
    """A tenant of the contract by name. `registration` is the stay in the register, None for somebody who is not
    registered at the dwelling yet: a lead. `left_on` is the last day of that stay: the tenant has gone, the contract
    may go on with others. Forgetting a person empties the name (`privacy_forgets_rentals`)."""

    walled_by = "filing"
    field_classes = (
        c2("whose contract it is", "filing"),
        c2("since when a tenant is gone", "left_on"),
        c3("who rents (real-name contract, HL4)", "registration", "name"),
    )

    filing = models.ForeignKey(LeaseFiling, on_delete=models.CASCADE, related_name="tenants")
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.PROTECT, related_name="leases"
    )
    name = models.CharField(_("tenant"), max_length=50, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "registration"], name="lease_tenant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.registration_id or ''}"
