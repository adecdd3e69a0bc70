from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.classes import c2, c3
from portal.core.models import Timestamped
from residents.models import Person


class LegalHold(Timestamped):
    """An investigation: access rows it names are not told to the person (PIPL art. 18), and nothing is deleted.

    It names an account, a person or both; rows match when they match all that it names, between `since` and `until`
    (both included, empty: still going on). `case_number` is the file of the investigating body.
    """

    scope_actions: ClassVar[tuple[str, ...]] = ("view", "change")
    field_classes = (
        c3("what an investigation keeps back", "case_number", "account", "person", "reason"),
        c2("how long and by whom", "since", "until", "set_by", "lifted_by", "lifted_on"),
    )

    case_number = models.CharField(_("case number"), max_length=60)
    account = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    since = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    set_by = models.ForeignKey("org.User", on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(_("lifted on"), null=True, blank=True)
    lifted_by = models.ForeignKey("org.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(person__isnull=False), name="hold_names_something"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="hold_term"),
        ]

    def __str__(self) -> str:
        return self.case_number
