"""The log is for auditors; what somebody did is told to that person as well (`readable_by`)."""

from portal.audit.models import AccessEvent, AuditEntry
from portal.core.classes import DataClass
from portal.vault.projection import Gets, Policy, Rule, register

ORDINARY = Gets(full=(DataClass.C2, DataClass.C3))

for model in (AuditEntry, AccessEvent):
    register(Policy(model, rules=(Rule((model, "view"), ORDINARY),)))
