from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2
from portal.core.models import Timestamped

LONGEST_NAME = 20
LONGEST_QUERY = 500


class SavedView(Timestamped):
    """A list as its owner likes it: a name for the filters in the address line (pattern P8).

    Private unless `unit` is set: then everybody of that department at that area (`unit_area`) may open it. A shared
    view may be what a role of the unit sees first (`default_for`). It leads to a page and gives no right to it.
    """

    field_classes = (
        c2("a list as its owner likes it", "owner", "path", "name", "query"),
        c2("with whom it is shared", "unit", "unit_area", "default_for"),
    )

    owner = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    query = models.CharField(max_length=LONGEST_QUERY)
    unit = models.ForeignKey("org.Department", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    unit_area = models.CharField(max_length=15, blank=True)
    default_for = models.ForeignKey("auth.Group", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "path", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["unit", "unit_area", "path", "default_for"],
                condition=models.Q(default_for__isnull=False),
                name="saved_view_one_default",
            ),
            models.CheckConstraint(
                condition=models.Q(default_for=None) | models.Q(unit__isnull=False), name="saved_view_default_is_shared"
            ),
        ]
        indexes = [models.Index(fields=["unit", "unit_area", "path"], name="saved_view_unit")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{self.path}?{self.query}"
