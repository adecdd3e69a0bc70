from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.classes import DataClass, c1, c2
from portal.core.history import track
from portal.core.models import Timestamped
from privacy.choices import Basis


@track()
class ProcessingActivity(Timestamped):
    """What is done with personal data, and the one legal ground on which (PIPL art. 13, digest P1).

    `law` cites the text. `retention_rule` is the code of the policy rule that says how long; `valid_to` is the last
    day. `verified` is False while nobody has compared the entry with the law. `pack` is "" for a row that an
    administrator wrote or changed: loading the pack leaves it alone. Texts are Chinese, as the notice has them.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")
    field_classes = (
        c1(
            "the public register of processing", "code", "name", "purpose", "basis", "law", "data_kinds", "data_classes"
        ),
        c1("the public register of processing", "retention_rule", "recipients", "valid_from", "valid_to", "verified"),
        c2("where the entry came from", "pack"),
    )

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("processing activity"), max_length=80)
    purpose = models.CharField(_("purpose"), max_length=300)
    basis = models.CharField(_("legal ground"), max_length=10, choices=Basis)
    law = models.CharField(_("legal basis"), max_length=300)
    data_kinds = models.CharField(_("kinds of data"), max_length=300)
    data_classes = ArrayField(
        models.CharField(max_length=2, choices=[(one.value, one.value) for one in DataClass]),
        verbose_name=_("data classes"),
    )
    retention_rule = models.CharField(_("retention rule"), max_length=80)
    recipients = models.CharField(_("shared with"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    verified = models.BooleanField(_("checked against the text"), default=False)
    pack = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ["basis", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="activity_code_once"),
            models.CheckConstraint(condition=~Q(law=""), name="activity_has_law"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="activity_term"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def needs_consent(self) -> bool:
        return self.basis == Basis.CONSENT
