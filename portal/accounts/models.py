from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import CodePurpose, EndReason
from portal.core import clock
from portal.core.classes import c2, c3, c4
from portal.org.models import User
from portal.vault.fields import EncryptedTextField


class Credential(models.Model):
    """What an account's password is like: since when, and whether it must be changed before anything else."""

    field_classes = (
        c2("age of the password and what must happen to it", "user", "password_changed_at", "must_change"),
        c3("failed attempts since the last login, told to the person", "failures", "last_failure_at"),
    )

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="credential")
    password_changed_at = models.DateTimeField(default=clock.now)
    must_change = models.BooleanField(default=False)
    failures = models.PositiveIntegerField(default=0)
    last_failure_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"credential of {self.user_id}"


class OldPassword(models.Model):
    """Hashes of passwords an account had, so that none comes back too soon (等保 8.1.4.1 a)."""

    field_classes = (
        c2("whose it was and when", "user", "replaced_at"),
        c4("refusing a password that was used before", "hashed", plain="a salted hash that cannot be turned back"),
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    hashed = models.CharField(max_length=128)
    replaced_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    def __str__(self) -> str:
        return f"old password of {self.user_id}"


class LoginSession(models.Model):
    """One stay of somebody in the product, from logging in to its end; kept as the record of who was in when.

    The times are the database's clock, the same for every worker. `confirmed_at` is when the person last proved who
    they are (logging in counts), `acted_at` when the person last sent something instead of only reading.
    """

    field_classes = (
        c3(
            "who was logged in, when and where from",
            "user",
            "started_at",
            "seen_at",
            "acted_at",
            "confirmed_at",
            "address",
        ),
        c3("which browser, so that a stolen cookie fits nowhere else", "agent", "agent_hash"),
        c2("how it ended", "ended_at", "end_reason"),
        c4("which session it is", "key", plain="random, replaced when the session ends, useless after that"),
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    key = models.CharField(max_length=64)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    acted_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(db_default=Now())
    address = models.GenericIPAddressField(null=True, blank=True)
    agent = models.CharField(max_length=60, blank=True)
    agent_hash = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=EndReason, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["key"], name="loginsession_key_once")]
        indexes = [
            models.Index(fields=["user", "-started_at"], name="loginsession_user"),
            models.Index(fields=["user"], condition=Q(ended_at=None), name="loginsession_open"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk} of {self.user_id}"


class OneTimeCode(models.Model):
    """A code that an administrator hands over; it opens one page once. Only its hash is kept."""

    field_classes = (
        c2("for whom, by whom, until when", "user", "purpose", "made_by", "made_at", "expires_at", "used_at"),
        c4("comparing the code", "hashed", plain="a keyed hash of 100 random bits"),
    )

    purpose = models.CharField(max_length=12, choices=CodePurpose)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    hashed = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["hashed"], name="onetimecode_hash_once")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Bucket(models.Model):
    """How many more login attempts one address may make now; refills with time. Shared by all workers."""

    field_classes = (
        c3("from which address, as a keyed hash", "key"),
        c2("attempts left, and when that was counted", "tokens", "counted_at"),
    )

    key = models.CharField(max_length=64, primary_key=True)
    tokens = models.FloatField()
    counted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.key


class KeptForm(models.Model):
    """What somebody had typed when the session ended; it comes back on the same page after the next login."""

    field_classes = (
        c2("whose form of which page", "user", "path", "kept_at"),
        c4("giving back what was typed", "content"),
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    content = EncryptedTextField()
    kept_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="keptform_once_a_page")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.path}"
