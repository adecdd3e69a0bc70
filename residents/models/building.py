from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2
from portal.core.history import track
from portal.core.models import Timestamped, Versioned
from portal.org.scoping import ScopedModel, ScopedQuerySet


@track()
class Building(Timestamped, Versioned, ScopedModel):
    """A house with rooms: what stands between the estate or road and its doors. A house that is one door (同弓村12号)
    has no row here.

    `key` is the normalised estate and number: a community has each building once, in one of its grids. `floors` and
    `units` say how big it is; doors above or beside that are shown all the same. Whoever may act on the dwellings
    may act on their building: it has no rights of its own.
    """

    scope_actions = ()

    written_with = ("residents.Dwelling",)
    read_with = ("residents.Registration",)
    visible_through = "dwellings"
    field_classes = (c2("the address master: houses with rooms", "estate", "number", "key", "floors", "units"),)

    estate = models.CharField(_("estate or road"), max_length=60)
    number = models.CharField(_("building"), max_length=20)
    key = models.CharField(max_length=120, editable=False)
    floors = models.PositiveSmallIntegerField(_("floors"), null=True, blank=True)
    units = models.PositiveSmallIntegerField(_("units"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["community_code", "key"]
        constraints = [models.UniqueConstraint(fields=["community_code", "key"], name="building_key_once")]
        indexes = [
            models.Index(fields=["township_code", "key"], name="building_town_key"),
            models.Index(fields=["county_code", "key"], name="building_county_key"),
        ]

    def __str__(self) -> str:
        word = "幢" if self.number.isascii() and self.number[-1:].isalnum() else ""
        return f"{self.estate}{self.number}{word}"

    def get_absolute_url(self) -> str:
        return reverse("residents:building_grid", args=[self.pk])
