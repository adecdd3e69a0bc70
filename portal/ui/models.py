from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2
from portal.core.models import Timestamped

LONGEST_NAME = 20
LONGEST_QUERY = 500


class SavedView(Timestamped):
    """A list as its owner likes it: a name for the filters in the address line (pattern P8). Private to the owner."""

    field_classes = (c2("a list as its owner likes it", "owner", "path", "name", "query"),)

    owner = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "path", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{self.path}?{self.query}"
