from django.db import models
from django.db.models import F, Q

from portal.core.classes import c2
from residents.models import Dwelling


class RentedHome(models.Model):
    """What triggers count about a door, so that the list of unregistered lettings reads no stays: active stays as in a
    rented home, and live registrations of the letting. `area_code` follows the dwelling. No row: nothing of either.

    Where the letting is in force, `living` is everybody in residence and `allowed` how many may (HL3) by the rules of
    last night; elsewhere `allowed` is None and `living` is not counted."""

    walled_by = "dwelling"
    field_classes = (
        c2("finding lettings that nobody registered", "dwelling", "area_code", "stays", "lettings"),
        c2("finding let homes where too many live", "living", "allowed"),
    )

    dwelling = models.OneToOneField(
        Dwelling, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    area_code = models.CharField(max_length=15)
    stays = models.IntegerField(default=0)
    lettings = models.IntegerField(default=0)
    living = models.IntegerField(default=0, db_default=0)
    allowed = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["area_code"],
                include=["dwelling"],
                name="rented_unregistered",
                condition=Q(stays__gt=0, lettings__lte=0),
            ),
            models.Index(
                fields=["area_code"],
                include=["dwelling"],
                name="rented_crowded",
                condition=Q(living__gt=F("allowed")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dwelling_id}: {self.stays} stays, {self.lettings} lettings"
