import uuid

import pghistory
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet, newest_first_indexes
from portal.vault.fields import EncryptedTextField


@pghistory.track()
class Dwelling(Timestamped, Versioned, ScopedModel):
    """One door of the county's address master. People register at a dwelling, never at free text.

    `shorthand` is what a clerk types: initials of the estate and the numbers, `jxhy3-2-501`.
    `plate` is the opaque token on the door plate; it says nothing about who lives there.
    """

    scope_actions = ("view", "add", "change", "import")

    read_with = ("residents.Registration", "residents.Permit", "residents.PermitApplication")
    visible_through = "registrations"
    admitted_by = ("dwelling", "id")
    field_classes = (
        c2("the address master", "code", "plate", "estate", "building", "unit", "room", "address", "shorthand"),
        c2("what kind of dwelling it is", "kind", "rental_registered", "capacity", "area_square_metres"),
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
    kind = models.CharField(_("dwelling kind"), max_length=4)
    rental_registered = models.BooleanField(_("registered as rental"), default=False)
    landlord_name = models.CharField(_("landlord"), max_length=50, blank=True)
    landlord_phone = EncryptedTextField(_("landlord's phone"), blank=True, default="")
    capacity = models.PositiveSmallIntegerField(_("most occupants"), null=True, blank=True)
    area_square_metres = models.DecimalField(_("floor area"), max_digits=8, decimal_places=2, null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

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
            models.Index(fields=["county_code", "address"], name="dwelling_county_address"),
        ]

    def __str__(self) -> str:
        return self.address

    def get_absolute_url(self) -> str:
        return reverse("residents:dwelling_detail", args=[self.pk])


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
