from django.db import models

from portal.core.classes import c2


class NumberSeries(models.Model):
    """The last number given out in a county, a year and a kind of paper. Its row is the lock (`permits.numbers`)."""

    field_classes = (c2("running numbers", "county_code", "kind", "year", "last"),)

    county_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county_code", "kind", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.county_code} {self.kind} {self.year}: {self.last}"
