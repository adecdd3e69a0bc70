"""Closed lists of what landlords, property managers and brokers report."""

from django.db import models
from django.utils.translation import pgettext_lazy


class ReportKind(models.TextChoices):
    MOVED_IN = "in", pgettext_lazy("tenancy report", "Moved in")
    MOVED_OUT = "out", pgettext_lazy("tenancy report", "Moved out")


class ReporterKind(models.TextChoices):
    """Whose duty it is, each with its own clock (Zhejiang arts 9, 10, 11: Z4, Z5, Z6)."""

    LANDLORD = "landlord", pgettext_lazy("reporter", "Landlord")
    MANAGER = "manager", pgettext_lazy("reporter", "Property manager")
    BROKER = "broker", pgettext_lazy("reporter", "Broker")


class ReportStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("tenancy report", "Waiting to be verified")
    REGISTERED = "registered", pgettext_lazy("tenancy report", "Registered")
    LINKED = "linked", pgettext_lazy("tenancy report", "Was registered already")
    LEFT = "left", pgettext_lazy("tenancy report", "Stay ended")
    UNTRUE = "untrue", pgettext_lazy("tenancy report", "Not true")


FOUND_TRUE = (ReportStatus.REGISTERED, ReportStatus.LINKED, ReportStatus.LEFT)
