"""An import from upload to undo: the batch, its rows between file and register, and what each row did there."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.core.classes import c2, c3, c4
from portal.core.models import Timestamped
from portal.vault.fields import EncryptedJSONField


class BatchState(models.TextChoices):
    READING = "reading", pgettext_lazy("import", "Reading the file")
    MAPPING = "mapping", pgettext_lazy("import", "Columns to confirm")
    CHECKING = "checking", pgettext_lazy("import", "Being checked")
    CHECKED = "checked", pgettext_lazy("import", "Checked, not imported yet")
    APPLYING = "applying", pgettext_lazy("import", "Being imported")
    DONE = "done", pgettext_lazy("import", "Imported")
    UNDOING = "undoing", pgettext_lazy("import", "Being taken back")
    UNDONE = "undone", pgettext_lazy("import", "Taken back")
    DISCARDED = "discarded", pgettext_lazy("import", "Given up")


class Decision(models.TextChoices):
    """What the check found. DUPLICATE waits for a person; until somebody decides it is left out."""

    CREATE = "create", pgettext_lazy("import", "New")
    UPDATE = "update", pgettext_lazy("import", "Changed")
    UNCHANGED = "unchanged", pgettext_lazy("import", "Unchanged")
    DUPLICATE = "duplicate", pgettext_lazy("import", "Duplicate")
    ERROR = "error", pgettext_lazy("import", "With errors")


class Outcome(models.TextChoices):
    """What became of a row in the end; the sums of these are the reconciliation."""

    CREATED = "created", pgettext_lazy("import outcome", "Created")
    UPDATED = "updated", pgettext_lazy("import outcome", "Updated")
    UNCHANGED = "unchanged", pgettext_lazy("import outcome", "Unchanged")
    SKIPPED = "skipped", pgettext_lazy("import outcome", "Left out")
    REJECTED = "rejected", pgettext_lazy("import outcome", "Rejected")


class Task(models.TextChoices):
    """What is done part by part."""

    CHECK = "check", pgettext_lazy("import", "Being checked")
    APPLY = "apply", pgettext_lazy("import", "Being imported")


class ImportBatch(Timestamped):
    """One uploaded file of one kind. It belongs to whoever uploaded it; nobody else reads its rows.

    The name the file had is not kept, it may name somebody. `sample` holds the first rows of every sheet, `mapping`
    the number of the column for each key. The counts are final once the state is DONE and balance by a constraint:
    read = created + updated + unchanged + skipped + rejected.
    """

    State: ClassVar = BatchState
    walled_owner = "owner"

    field_classes = (
        c2("which import it is and whose", "owner", "kind", "state", "job"),
        c2("the same file is not imported twice", "sha256", "size"),
        c2("where in the workbook the rows stand", "sheet", "header_row", "mapping"),
        c4("the first rows, to choose the columns by", "sample"),
        c2("the reconciliation", "read", "created", "updated", "unchanged", "skipped", "rejected"),
        c2("what the check found", "found"),
        c2("when it was done and taken back", "applied_at", "undone_at"),
        c2("what stands in the way of taking it back; numbers of rows only", "obstacles"),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of import"), max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=BatchState, default=BatchState.READING)
    job = models.UUIDField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sheet = models.PositiveSmallIntegerField(default=0)
    header_row = models.PositiveSmallIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    sample = EncryptedJSONField(null=True, blank=True)
    found = models.JSONField(default=dict)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    obstacles = models.JSONField(default=list)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["owner", "-created_at"], name="import_batch_mine")]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "sha256"],
                condition=~Q(state__in=["undone", "discarded"]),
                name="import_file_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | Q(
                    read=models.F("created")
                    + models.F("updated")
                    + models.F("unchanged")
                    + models.F("skipped")
                    + models.F("rejected")
                ),
                name="import_balances",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("imports:batch", args=[self.pk])

    @property
    def written(self) -> int:
        return self.created + self.updated

    @property
    def number(self) -> str:
        """What people call it: the day and six characters of the id."""
        return f"{self.created_at:%Y%m%d}-{self.pk.hex[:6].upper()}"


class ImportRow(models.Model):
    """One row of the file. `raw` is what stood in the cells by key, `cleaned` what the register would write.

    `outcome` is only written where it is not what the decision says (`portal.imports.applying`).
    `key` is the keyed hash of what tells rows of this kind apart; `message` and `problems` hold no values.
    The database has no constraint on `batch`, here and in `ImportEffect`: the wall looks for the batch at each insert,
    and the same question once more for every row was a twentieth of the time of an import.
    """

    walled_by = "batch"

    field_classes = (
        c2("which row of which file", "batch", "number"),
        c4("the cells as they came", "raw"),
        c4("what would be written", "cleaned"),
        c4("telling rows apart without reading them", "key", plain="a keyed hash; the key is outside the database"),
        c2("what the check found", "decision", "force", "outcome"),
        c3("what is wrong with the row, for the clerk", "problems", "note"),
    )

    batch = models.ForeignKey(
        ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField(_("row"))
    raw = EncryptedJSONField()
    cleaned = EncryptedJSONField(null=True, blank=True)
    key = models.BinaryField(null=True, editable=False)
    decision = models.CharField(max_length=10, choices=Decision)
    force = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    problems = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "decision", "number"], name="import_row_decision")]

    def __str__(self) -> str:
        return f"{self.number}"


class ImportPart(models.Model):
    """A run of rows that one worker checks or writes in one transaction; there are none once the import is over."""

    walled_by = "batch"

    field_classes = (c2("who works on which rows", "batch", "task", "ordinal", "first", "last", "rows", "is_done"),)

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="parts", db_index=False)
    task = models.CharField(max_length=5, choices=Task)
    ordinal = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["ordinal"]
        constraints = [models.UniqueConstraint(fields=["batch", "task", "ordinal"], name="import_part_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.first}–{self.last}"


class ImportEffect(models.Model):
    """What one row did to one record of the register. `before` holds the changed fields as they were (None: the
    record was made by this row); `version` is the one it had right afterwards, to see whether it was touched since."""

    walled_by = "batch"

    field_classes = (
        c2("what a row did, so that it can be taken back", "batch", "row_number", "table", "object_id", "version"),
        c4("how the record was before", "before"),
    )

    batch = models.ForeignKey(
        ImportBatch, on_delete=models.CASCADE, related_name="effects", db_index=False, db_constraint=False
    )
    row_number = models.PositiveIntegerField()
    table = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    version = models.PositiveIntegerField(default=0)
    before = EncryptedJSONField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "table", "object_id", "row_number"], name="import_effect_once")
        ]

    def __str__(self) -> str:
        return f"{self.table}:{self.object_id}"
