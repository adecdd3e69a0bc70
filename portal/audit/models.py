from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2, c3, c4


class AuditEntry(models.Model):
    """Who did what to which record, in words a supervisor can read. Never updated."""

    field_classes = (
        c2("who did what, when and where", "at", "actor", "action", "target_model", "target_id"),
        c2("who did what, when and where", "area_code", "request_id"),
        c3("the deed in words; no C4 value", "details"),
    )

    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=80)
    target_model = models.CharField(max_length=80)
    target_id = models.CharField(max_length=40)
    area_code = models.CharField(max_length=15, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["target_model", "target_id", "-at"], name="audit_target"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_model}:{self.target_id}"


class AccessEvent(models.Model):
    """Who was shown whose data, why, and by which page (security design §3.2). One row a response, ids in an array.

    Values shown are never stored; a search term only as a keyed hash.
    """

    class Action(models.TextChoices):
        LIST = "list", _("List")
        OPEN = "open", _("Open")
        SEARCH = "search", _("Search")
        REVEAL = "reveal", _("Reveal")
        EXPORT = "export", _("Export")
        PRINT = "print", _("Print")
        VERIFY = "verify", _("Verify")

    field_classes = (
        c3("who was shown whose data", "at", "actor", "action", "person_ids", "fields", "row_count"),
        c3("why it was shown", "purpose", "reason"),
        c3("from which request and machine", "request_id", "address"),
        c4("was this word searched for", "query_hash", plain="a keyed hash; the key is outside the database"),
    )

    at = models.DateTimeField(default=clock.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=12, choices=Action)
    purpose = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    person_ids = ArrayField(models.BigIntegerField(), default=list)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    row_count = models.PositiveIntegerField(default=0)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    query_hash = models.BinaryField(null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["actor", "-at"], name="access_actor"),
            GinIndex(fields=["person_ids"], name="access_person", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor_id}"
