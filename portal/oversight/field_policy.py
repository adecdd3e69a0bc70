"""Findings are for auditors."""

from portal.core.classes import DataClass
from portal.oversight.models import Finding
from portal.vault.projection import Gets, Policy, Rule, register

register(Policy(Finding, rules=(Rule((Finding, "view"), Gets(full=(DataClass.C2, DataClass.C3))),)))
