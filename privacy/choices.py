"""Closed lists of the rights of the person (PIPL arts 13, 14–16, 44–50)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Basis(models.TextChoices):
    """PIPL art. 13(1) no. 1 to 7. A state organ's statutory duty needs no consent (art. 35), but notice."""

    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract")
    DUTY = "duty", _("Statutory duty")
    EMERGENCY = "emergency", _("Public health or emergency")
    NEWS = "news", _("News and supervision in the public interest")
    PUBLISHED = "published", _("Published by the person or lawfully")
    LAW = "law", _("Other ground in law")


class ConsentStatus(models.TextChoices):
    GIVEN = "given", pgettext_lazy("consent", "Given")
    REFUSED = "refused", pgettext_lazy("consent", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")


class ConsentForm(models.TextChoices):
    """How it was told. Withdrawing is always possible in each of the ways in which it can be given (art. 15)."""

    WRITTEN = "written", _("In writing")
    SPOKEN = "spoken", _("Told at the window")
    PHONE = "phone", _("By phone")


class RequestKind(models.TextChoices):
    SEE = "see", _("See the data")
    COPY = "copy", _("Copy of the data")
    CORRECT = "correct", _("Correct or supplement")
    DELETE = "delete", _("Delete")
    RESTRICT = "restrict", _("Restrict the use")
    EXPLAIN = "explain", _("Explain the rules")


class RequestStatus(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("subject request", "Received")
    CHECKED = "checked", pgettext_lazy("subject request", "Identity checked")
    STARTED = "started", pgettext_lazy("subject request", "In progress")
    ANSWERED = "answered", pgettext_lazy("subject request", "Answered")
    REFUSED = "refused", pgettext_lazy("subject request", "Refused")


class Requester(models.TextChoices):
    """Near relatives of a deceased person may see, copy, correct and delete for their own lawful interest (art. 49)."""

    SELF = "self", _("The person")
    GUARDIAN = "guardian", _("Guardian of a minor")
    AGENT = "agent", _("Agent with a power of attorney")
    RELATIVE = "relative", _("Near relative of a deceased person")


class StepKind(models.TextChoices):
    RECEIVED = "received", _("Request received")
    CHECKED = "checked", _("Identity of the requester checked")
    STARTED = "started", _("Taken up")
    ACTED = "acted", _("Carried out")
    PRINTED = "printed", _("Sheet printed")
    ANSWERED = "answered", pgettext_lazy("step", "Answered")
    REFUSED = "refused", pgettext_lazy("step", "Refused")
