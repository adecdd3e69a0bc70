import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped
from portal.vault.fields import EncryptedJSONField
from residents.models.person import Person


class Draft(Timestamped):
    """A form somebody began and did not finish, encrypted as a whole; only its author sees it (pattern P15)."""

    walled_owner = "author"
    field_classes = (
        c2("whose form it is", "form", "author"),
        c4("a form not finished yet", "data"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form = models.CharField(max_length=40)
    author = models.ForeignKey("org.User", on_delete=models.CASCADE, related_name="+")
    data = EncryptedJSONField(default=dict)

    class Meta:
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["author", "form"], name="draft_one_per_form")]

    def __str__(self) -> str:
        return f"{self.form} of {self.author_id}"


class NotSamePerson(Timestamped):
    """A clerk said that a suggested person is somebody else, and why; the suggestion does not come back.

    `candidate_index` is the keyed hash of the document that was being registered.
    """

    walled_by = "person"
    field_classes = (
        c3("who is not whom, and why", "person", "reason", "decided_by"),
        c4(
            "the document that was being registered",
            "candidate_index",
            plain="a keyed hash; the key is outside the database",
        ),
    )

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    candidate_index = models.BinaryField()
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "candidate_index"], name="not_same_person_once"),
        ]

    def __str__(self) -> str:
        return f"not {self.person_id}"
