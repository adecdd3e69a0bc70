"""The records of what was handed over and asked for hold words of the person who asked, no values of residents."""

from portal.core.classes import DataClass
from portal.exchange.models import ExportRequest, ProvisionRecord
from portal.vault.projection import Gets, Policy, Rule, register

register(Policy(ProvisionRecord, rules=(Rule((ProvisionRecord, "view"), Gets(full=(DataClass.C2, DataClass.C3))),)))
register(Policy(ExportRequest, rules=(Rule((ExportRequest, "approve"), Gets(full=(DataClass.C2, DataClass.C3))),)))
