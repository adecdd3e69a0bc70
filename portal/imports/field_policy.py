"""A batch is its owner's own work: whoever uploaded the file has seen what is in it, and nobody else sees any of it."""

from portal.core.classes import DataClass
from portal.imports.models import ImportBatch, ImportEffect, ImportPart, ImportRow
from portal.vault.projection import Gets, Policy, register

OWN = Gets(full=(DataClass.C2, DataClass.C3))
for model in (ImportBatch, ImportRow, ImportPart, ImportEffect):
    register(Policy(model, rules=(), staff=OWN))
