import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from portal.vault.fields import EncryptedTextField
from rentals.choices import LIVE, Gas, LandlordKind, Letting, RentalStatus, RentalStepKind
from residents.choices import DocumentKind
from residents.models import Dwelling


class RentalQuerySet(ScopedQuerySet):
    def live(self) -> "RentalQuerySet":
        """Handed in, returned or in force: the dwelling is spoken for."""
        return self.filter(status__in=LIVE)

    def registered(self) -> "RentalQuerySet":
        return self.filter(status=RentalStatus.REGISTERED)


def letter_indexes(level: str, scope: str) -> list[models.Index]:
    """For the lists of letters: in force by the end of the letter, and from door to door (all, or to be signed)."""
    in_force = Q(status=RentalStatus.REGISTERED)
    return [
        models.Index(fields=[scope, "letter_until"], name=f"rental_{level}_letter", condition=in_force),
        models.Index(fields=[scope, "area_code"], name=f"rental_{level}_walk", condition=in_force),
        models.Index(
            fields=[scope, "area_code"], name=f"rental_{level}_to_sign", condition=in_force & Q(letter_open=True)
        ),
    ]


@track(exclude=["document_index", "landlord_phone_index", "agent_phone_index", "letter_until", "letter_open"])
class RentalRegistration(Timestamped, Versioned, ScopedModel):
    """A dwelling let for living, as its landlord registers it with the police (居住房屋出租登记, decree 281 of
    Zhejiang; the fields are those of form F-2). At most one is live at a dwelling.

    `document_number` of an organisation is its unified social credit code (GB 32100). `spaces` are the kinds of rooms
    let where the dwelling is let in parts. Only triggers of the letters of responsibility write `letter_until`, the
    last day that a signed one holds, and `letter_open`: one waits to be signed. The day of birth, the hukou and the
    family of a landlord are not asked for.
    """

    scope_actions = ("view", "add", "review", "export", "export_full")
    field_classes = (
        c4("telling landlords apart", "document_number"),
        c4("finding an exact number without decrypting", "document_index", plain="a keyed hash"),
        c4(
            "which doors a proved phone may report of",
            "landlord_phone_index",
            "agent_phone_index",
            plain="a keyed hash",
        ),
        c4("reaching landlord and agent about the dwelling", "landlord_phone", "agent_phone"),
        c3("who lets the dwelling (住房租赁条例)", "landlord_name", "document_kind", "contact_address", "agent_name"),
        c3("what shows that it may be let", "title_number", "appraisal_number"),
        c3("the rent, when the landlord wants it noted", "monthly_rent"),
        c2("which dwelling is let, and under which number", "dwelling", "number", "voucher", "landlord_kind"),
        c2("what is let", "letting", "spaces", "rooms_total", "rooms_let", "floor_area", "let_from", "let_to"),
        c2("what kind of house it is", "ownership", "title_kind", "structure", "planned_use", "self_built"),
        c2("whether it is safe to live in", "danger_grade", "fire_passage", "safety_exit", "gas"),
        c2("state of the registration", "status", "registered_on", "ended_on", "submitted_by", "decided_by"),
        c2("state of its letter of responsibility", "letter_until", "letter_open"),
        c3("remarks of the reviewer: may speak of somebody", "return_reason", "end_reason"),
    )

    number = models.CharField(_("registration number"), max_length=22)
    voucher = models.UUIDField(default=uuid.uuid4, editable=False)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="rentals")
    landlord_kind = models.CharField(_("landlord is"), max_length=6, choices=LandlordKind)
    landlord_name = models.CharField(_("landlord"), max_length=80)
    document_kind = models.CharField(_("document"), max_length=8, choices=DocumentKind, blank=True)
    document_number = EncryptedTextField(_("document number"))
    document_index = models.BinaryField(editable=False)
    landlord_phone = EncryptedTextField(_("landlord's phone"))
    landlord_phone_index = models.BinaryField(null=True, editable=False)
    contact_address = models.CharField(_("contact address"), max_length=120, blank=True)
    agent_name = models.CharField(_("agent or broker"), max_length=80, blank=True)
    agent_phone = EncryptedTextField(_("agent's phone"), blank=True, default="")
    agent_phone_index = models.BinaryField(null=True, editable=False)
    ownership = models.CharField(_("ownership"), max_length=4)
    title_kind = models.CharField(_("proof of title"), max_length=4)
    title_number = models.CharField(_("number of the proof"), max_length=60)
    structure = models.CharField(_("structure"), max_length=4)
    planned_use = models.CharField(_("permitted use"), max_length=4)
    self_built = models.BooleanField(_("self-built without a construction permit"), default=False)
    danger_grade = models.CharField(_("grade of danger"), max_length=4, blank=True)
    appraisal_number = models.CharField(_("safety appraisal"), max_length=60, blank=True)
    floor_area = models.DecimalField(_("floor area (m²)"), max_digits=8, decimal_places=2)
    rooms_total = models.PositiveSmallIntegerField(_("rooms"))
    rooms_let = models.PositiveSmallIntegerField(_("rooms let"))
    letting = models.CharField(_("let as"), max_length=5, choices=Letting)
    spaces = ArrayField(models.CharField(max_length=4), default=list, blank=True, verbose_name=_("spaces let"))
    let_from = models.DateField(_("let from"))
    let_to = models.DateField(_("let until"), null=True, blank=True)
    monthly_rent = models.DecimalField(_("monthly rent (yuan)"), max_digits=9, decimal_places=2, null=True, blank=True)
    fire_passage = models.BooleanField(_("fire passage clear"), default=False)
    safety_exit = models.BooleanField(_("safety exit"), default=False)
    gas = models.CharField(_("gas"), max_length=7, choices=Gas)
    status = models.CharField(_("status"), max_length=10, choices=RentalStatus, default=RentalStatus.SUBMITTED)
    return_reason = models.CharField(_("what is to be completed"), max_length=200, blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=200, blank=True)
    submitted_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    letter_until = models.DateField(_("letter holds until"), null=True, editable=False)
    letter_open = models.BooleanField(_("a letter is to be signed"), default=False, db_default=False, editable=False)

    objects = RentalQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            *newest_first_indexes("rental"),
            models.Index(fields=["county_code", "status", "created_at"], name="rental_county_status"),
            models.Index(fields=["township_code", "status", "created_at"], name="rental_town_status"),
            *letter_indexes("county", "county_code"),
            *letter_indexes("town", "township_code"),
            models.Index(fields=["document_index"], name="rental_document"),
            models.Index(fields=["landlord_phone_index"], name="rental_landlord_phone"),
            models.Index(fields=["agent_phone_index"], name="rental_agent_phone"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="rental_number_once"),
            models.UniqueConstraint(fields=["voucher"], name="rental_voucher_once"),
            models.UniqueConstraint(fields=["dwelling"], condition=Q(status__in=LIVE), name="rental_one_live"),
            models.CheckConstraint(
                condition=Q(rooms_let__gte=1, rooms_let__lte=F("rooms_total")), name="rental_rooms_within"
            ),
            models.CheckConstraint(condition=Q(floor_area__gt=0), name="rental_has_area"),
            models.CheckConstraint(
                condition=Q(let_to=None) | Q(let_to__gte=F("let_from")), name="rental_dates_ordered"
            ),
            models.CheckConstraint(
                condition=~Q(status=RentalStatus.RETURNED) | ~Q(return_reason=""), name="rental_return_reasoned"
            ),
            models.CheckConstraint(
                condition=Q(status=RentalStatus.ENDED, ended_on__isnull=False)
                | (~Q(status=RentalStatus.ENDED) & Q(ended_on=None)),
                name="rental_end_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("rentals:rental_detail", args=[self.pk])


class RentalStep(Timestamped):
    """What was done with a rental registration, when and by whom."""

    walled_by = "rental"
    field_classes = (
        c2("the course of the registration", "rental", "kind", "actor"),
        c3("remarks on the course of the registration", "note"),
    )

    rental = models.ForeignKey(RentalRegistration, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(_("step"), max_length=10, choices=RentalStepKind)
    note = models.CharField(_("remark"), max_length=200, blank=True)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.rental_id} {self.kind}"
