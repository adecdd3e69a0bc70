import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.core.web.numbered import address_of
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from portal.vault.fields import EncryptedTextField
from residents.choices import LeadStatus
from residents.models.building import Building


class DwellingQuerySet(ScopedQuerySet):
    def standing(self) -> "DwellingQuerySet":
        """Without the addresses that were found to be another one's double."""
        return self.filter(merged_into=None)


@track()
class Dwelling(Timestamped, Versioned, ScopedModel):
    """One door of the county's address master. People register at a dwelling, never at free text.

    `shorthand` is what a clerk types: initials of the estate and the numbers, `jxhy3-2-501`.
    `plate` is the opaque token on the door plate; it says nothing about who lives there.
    `key` is the address as it is compared, however it was written. `beds` is how many beds are let one by one; a
    stay there may name its bed (`Registration.bed`). A double that was merged stays as a row, so that its plate and
    its number still lead to the dwelling in `merged_into`; nobody registers there.
    """

    scope_actions = ("view", "add", "change", "merge", "import")

    read_with = ("residents.Registration", "residents.Permit", "residents.PermitApplication")
    visible_through = "registrations"
    admitted_by = ("dwelling", "id")
    field_classes = (
        c2("the address master", "code", "plate", "estate", "building", "unit", "room", "address", "shorthand"),
        c2("the address master", "key", "stands_in", "merged_into"),
        c2("what kind of dwelling it is", "kind", "rental_registered", "capacity", "beds", "area_square_metres"),
        c3("who lets it (Zhejiang art. 14)", "landlord_name"),
        c4("reaching the landlord", "landlord_phone"),
    )

    code = models.CharField(_("dwelling number"), max_length=20)
    plate = models.UUIDField(default=uuid.uuid4, editable=False)
    estate = models.CharField(_("estate or road"), max_length=60)
    building = models.CharField(_("building"), max_length=20, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    room = models.CharField(_("room"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=200)
    shorthand = models.CharField(max_length=80, editable=False)
    key = models.CharField(max_length=160, editable=False, default="")
    stands_in = models.ForeignKey(
        Building, null=True, blank=True, on_delete=models.PROTECT, related_name="dwellings", verbose_name=_("building")
    )
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="doubles")
    kind = models.CharField(_("dwelling kind"), max_length=4)
    rental_registered = models.BooleanField(_("registered as rental"), default=False)
    landlord_name = models.CharField(_("landlord"), max_length=50, blank=True)
    landlord_phone = EncryptedTextField(_("landlord's phone"), blank=True, default="")
    capacity = models.PositiveSmallIntegerField(_("most occupants"), null=True, blank=True)
    beds = models.PositiveSmallIntegerField(_("beds let one by one"), null=True, blank=True)
    area_square_metres = models.DecimalField(_("floor area"), max_digits=8, decimal_places=2, null=True, blank=True)

    objects = DwellingQuerySet.as_manager()

    class Meta:
        ordering = ["address"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="dwelling_code_once"),
            models.UniqueConstraint(fields=["area_code", "address"], name="dwelling_address_once"),
            models.UniqueConstraint(fields=["plate"], name="dwelling_plate_once"),
        ]
        indexes = [
            *newest_first_indexes("dwelling"),
            models.Index(fields=["county_code", "shorthand"], name="dwelling_shorthand"),
            models.Index(fields=["township_code", "shorthand"], name="dwelling_town_shorthand"),
            models.Index(fields=["county_code", "address"], name="dwelling_county_address"),
            models.Index(fields=["community_code", "key"], name="dwelling_comm_key"),
        ]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return address_of("residents:dwelling_detail", self.pk)


class DwellingAlias(models.Model):
    """Another way people write the same address; a search hit on it leads to the dwelling."""

    walled_by = "dwelling"
    field_classes = (c2("other ways to write an address", "dwelling", "text", "shorthand"),)

    dwelling = models.ForeignKey(Dwelling, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(_("alias"), max_length=120)
    shorthand = models.CharField(max_length=80, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dwelling", "text"], name="dwelling_alias_once")]
        indexes = [models.Index(fields=["shorthand"], name="dwelling_alias_shorthand")]

    def __str__(self) -> str:
        return self.text


class DwellingMerge(Timestamped, ScopedModel):
    """Two rows were one door: everything at `double` was pointed at `survivor`.

    `moved` holds what went over, by "app.Model.field" the keys of the rows; `filled` the fields that the survivor
    had empty and took from the double. The double's own row is its snapshot. Undoing takes back what still stands
    as the merge left it.
    """

    scope_actions = ()

    written_with = ("residents.Dwelling",)
    field_classes = (
        c2("merging doubles of an address", "survivor", "double", "moved", "filled", "reason", "actor"),
        c2("taking a merge back", "undone_at", "undone_by"),
    )

    survivor = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="merges")
    double = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="merged_by")
    moved = models.JSONField(default=dict)
    filled = models.JSONField(default=list)
    reason = models.CharField(_("reason"), max_length=200)
    actor = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["double"], condition=models.Q(undone_at=None), name="dwelling_merge_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.double_id} → {self.survivor_id}"


class AddressLead(Timestamped, Versioned, ScopedModel):
    """An address that somebody named and that the master does not have. Nobody can be registered at it: a clerk adds
    or finds the dwelling and answers the lead with it, or says why there is none. Who told is dropped then."""

    scope_actions = ()

    written_with = ("residents.Dwelling", "residents.Registration")
    field_classes = (
        c3("an address missing in the master, as somebody told it", "text", "told_by"),
        c2("working off missing addresses", "status", "dwelling", "answer", "answered_at", "answered_by", "noted_by"),
    )

    text = models.CharField(_("address as it was told"), max_length=200)
    told_by = models.CharField(_("told by"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=LeadStatus, default=LeadStatus.OPEN)
    dwelling = models.ForeignKey(Dwelling, null=True, blank=True, on_delete=models.PROTECT, related_name="leads")
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("org.User", null=True, on_delete=models.PROTECT, related_name="+")
    noted_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["county_code", "status", "-created_at"], name="address_lead_open")]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return address_of("residents:lead_answer", self.pk)
