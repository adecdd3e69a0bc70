from django.db import models
from django.db.models import Q

from portal.core.classes import c2
from residents.models import Dwelling


class RentedHome(models.Model):
    """What triggers count about a door, so that the list of unregistered lettings reads no stays: active stays as in a
    rented home, and live registrations of the letting. `area_code` follows the dwelling. No row: nothing of either."""

    walled_by = "dwelling"
    field_classes = (c2("finding lettings that nobody registered", "dwelling", "area_code", "stays", "lettings"),)

    dwelling = models.OneToOneField(
        Dwelling, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    area_code = models.CharField(max_length=15)
    stays = models.IntegerField(default=0)
    lettings = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["area_code"],
                include=["dwelling"],
                name="rented_unregistered",
                condition=Q(stays__gt=0, lettings__lte=0),
            )
        ]

    def __str__(self) -> str:
        return f"{self.dwelling_id}: {self.stays} stays, {self.lettings} lettings"
