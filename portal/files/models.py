import uuid

from django.db import models
from django.db.models import Q

from portal.core.classes import c2, c3
from portal.core.history import track
from portal.core.models import Timestamped
from portal.org.scoping import ScopedModel, ScopedQuerySet


@track()
class Attachment(Timestamped, ScopedModel):
    """A photo or scan that proves something about one record of the register. Its bytes lie encrypted beside the
    database under the row's id; the name the file had on somebody's computer is not kept.

    `target_model` and `target_id` say what it belongs to; `person_id` whose data it shows (0: nobody's), for the
    rights of that person. A removed one keeps its row and hash and loses its file.
    """

    scope_actions = ("view", "add", "remove")
    admitted_by = ("person", "person_id")

    field_classes = (
        c2("which record the file belongs to", "target_model", "target_id", "kind"),
        c3("whose data the file shows", "person_id"),
        c2("the file itself lies encrypted outside the database", "content_type", "size", "sha256", "width", "height"),
        c2("who handed it in and who took it out", "uploader", "removed_at", "removed_by"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target_model = models.CharField(max_length=80)
    target_id = models.BigIntegerField()
    person_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=24)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    uploader = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["target_model", "target_id"], name="attachment_target"),
            models.Index(fields=["person_id"], name="attachment_person"),
            models.Index(fields=["uploader", "-created_at"], name="attachment_uploader"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="attachment_removal_told",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def megabytes(self) -> float:
        return self.size / 1_000_000
