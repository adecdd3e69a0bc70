from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.classes import c2, c3, c4
from portal.org.models import User


class Link(models.Model):
    """Which account opens for somebody whom a provider vouches for. Entered by an administrator, never by a visitor.

    The subject is the provider's own key of the person (`sub`, the CAS name, the employee code), compared letter by
    letter: names, phone numbers and mail addresses change hands.
    """

    field_classes = (
        c2("which account, by which provider, entered by whom", "user", "provider", "made_by", "made_at", "used_at"),
        c3("finding the account of somebody whom the provider vouches for", "subject"),
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sso_links")
    provider = models.CharField(_("provider"), max_length=12)
    subject = models.CharField(_("key at the provider"), max_length=200)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["provider", "subject"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="ssolink_one_account_a_subject"),
            models.UniqueConstraint(fields=["user", "provider"], name="ssolink_one_subject_an_account"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} link {self.pk}"


class SpentProof(models.Model):
    """A code or ticket that was shown here once; a second time it opens nothing."""

    field_classes = (
        c2("when it was shown", "spent_at"),
        c4("refusing a code or ticket that was shown before", "hashed", plain="a keyed hash of a random text"),
    )

    hashed = models.CharField(max_length=64, primary_key=True)
    spent_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["spent_at"], name="ssospent_when")]

    def __str__(self) -> str:
        return f"spent at {self.spent_at:%Y-%m-%d %H:%M}"
