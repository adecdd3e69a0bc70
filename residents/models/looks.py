from django.db import models
from django.db.models import Q

from portal.core import clock
from portal.core.classes import c2, c3
from residents.models.dwelling import Dwelling
from residents.models.person import Person


class RecentLook(models.Model):
    """What somebody had open lately, for the search box to offer again: the last dozen a user, never a history.

    The log of access keeps every look; this is a convenience of its owner, whom the wall alone shows it to.
    """

    walled_owner = "viewer"
    field_classes = (
        c3("whom or what somebody had open lately", "person", "dwelling"),
        c2("whose list it is", "viewer", "seen_at"),
    )

    viewer = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    dwelling = models.ForeignKey(Dwelling, null=True, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["viewer", "person"], name="recent_person_once"),
            models.UniqueConstraint(fields=["viewer", "dwelling"], name="recent_dwelling_once"),
            models.CheckConstraint(
                condition=Q(person=None, dwelling__isnull=False) | Q(person__isnull=False, dwelling=None),
                name="recent_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["viewer", "-seen_at"], name="recent_newest")]

    def __str__(self) -> str:
        return f"{self.viewer_id}: {self.person_id or self.dwelling_id}"
