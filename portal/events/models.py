from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from portal.core import clock
from portal.core.classes import c2


class StoredEvent(models.Model):
    """The outbox: a fact, written in the same transaction as the change it tells of.

    `settled_at` is set once every subscriber has either handled it or been given up on.
    """

    field_classes = (
        c2("facts for other departments; ids and codes, no values", "name", "payload", "at", "settled_at"),
    )

    name = models.CharField(max_length=80)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["at"], condition=Q(settled_at=None), name="event_unsettled")]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Delivery(models.Model):
    """`delivered_at` commits with the subscriber's own work, so that each subscriber handles an event once."""

    field_classes = (
        c2("did a subscriber handle the fact", "event", "subscriber", "attempts", "next_try_at"),
        c2("did a subscriber handle the fact", "delivered_at", "is_dead"),
        c2("why a subscriber failed; holds no values", "last_error"),
    )

    event = models.ForeignKey(StoredEvent, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=160)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    is_dead = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")]
        indexes = [models.Index(fields=["event"], condition=Q(is_dead=True), name="delivery_dead")]

    def __str__(self) -> str:
        return f"{self.event_id} -> {self.subscriber}"


class Submission(models.Model):
    """One press of a save button: the same key from the same person has one effect, however often it arrives."""

    field_classes = (
        c2("one press of a button has one effect", "actor", "key", "body_hash", "result_url", "result_ref", "at"),
    )

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64, blank=True)
    result_url = models.CharField(max_length=300, blank=True)
    result_ref = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="submission_once")]
        indexes = [models.Index(fields=["at"], name="submission_at")]

    def __str__(self) -> str:
        return self.key
