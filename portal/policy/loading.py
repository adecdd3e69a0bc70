"""Bringing packs into the database. Loading again changes nothing; what an administrator wrote stays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.policy import packs
from portal.policy.models import CodeItem, Division, PolicyRule

RULE_FIELDS = ["value", "unit", "text", "basis", "effective_to", "verified", "note"]
CODE_FIELDS = ["name", "name_en", "sort", "active", "standard", "source", "verified", "bucket"]
DIVISION_FIELDS = ["name", "full_name", "level", "valid_to"]
NATIONAL_LIST = Path(settings.BASE_DIR) / "data" / "divisions" / "national_to_county.tsv"


@dataclass
class Outcome:
    """What one loading did: counts per kind and a line for every row that was changed, removed or left alone."""

    added: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def changed_anything(self) -> bool:
        return any(self.added.values()) or any(not line.startswith("kept") for line in self.lines)


@transaction.atomic
def load(names: list[str]) -> Outcome:
    """Load the packs with all they require, the code tables and the divisions. Raises packs.PackError."""
    outcome = Outcome()
    resolved = packs.resolve(names)
    _load_rules(resolved, outcome)
    code_values = [values for name in packs.CODE_PACKS for values in packs.read(name).codes()]
    _load_codes(code_values, outcome)
    _load_divisions(outcome)
    return outcome


def _load_rules(resolved: Iterable[packs.Pack], outcome: Outcome) -> None:
    rows = list(PolicyRule.objects.select_for_update())
    by_hand = {(row.code, row.area_code) for row in rows if not row.pack}
    for pack in resolved:
        kept = {(row.code, row.area_code, row.effective_from): row for row in rows if row.pack == pack.name}
        wanted = {}
        for values in pack.rules():
            if (values["code"], values["area_code"]) in by_hand:
                outcome.lines.append(f"kept    {values['code']} {values['area_code'] or '*'}: entered by hand")
                continue
            wanted[values["code"], values["area_code"], values["effective_from"]] = {
                **values,
                "value": Decimal(str(values["value"])),
            }
        stale = [row for key, row in kept.items() if key not in wanted and key[:2] not in by_hand]
        PolicyRule.objects.filter(pk__in=[row.pk for row in stale]).delete()
        outcome.lines += [f"removed {row.code} {row.area_code or '*'}: no longer in pack {pack.name}" for row in stale]
        _write(PolicyRule, wanted=wanted, rows=kept, fields=RULE_FIELDS, outcome=outcome)


def _load_codes(code_values: list[dict[str, Any]], outcome: Outcome) -> None:
    rows = {(row.table, row.code): row for row in CodeItem.objects.select_for_update()}
    wanted = {(values["table"], values["code"]): values for values in code_values}
    for key, row in rows.items():
        if not row.pack and key in wanted:
            del wanted[key]
            outcome.lines.append(f"kept    code {row.table}:{row.code}: entered by hand")
        elif row.pack and row.active and key not in wanted:
            row.active = False
            row.save(update_fields=["active"])
            outcome.lines.append(f"retired code {row.table}:{row.code}: no longer in the packs")
    _write(CodeItem, wanted=wanted, rows=rows, fields=CODE_FIELDS, outcome=outcome)


def _load_divisions(outcome: Outcome) -> None:
    rows = {(row.code, row.valid_from): row for row in Division.objects.all()}
    wanted = {(values["code"], values["valid_from"]): values for values in packs.divisions(NATIONAL_LIST)}
    _write(Division, wanted=wanted, rows=rows, fields=DIVISION_FIELDS, outcome=outcome)


def _write(
    model: type[PolicyRule | CodeItem | Division],
    *,
    wanted: dict[Any, dict[str, Any]],
    rows: dict[Any, Any],
    fields: list[str],
    outcome: Outcome,
) -> None:
    kind = str(model._meta.verbose_name_plural)
    fresh, changed = [], []
    for key, values in wanted.items():
        row = rows.get(key)
        if row is None:
            fresh.append(model(**values))
            continue
        differing = [name for name in fields if getattr(row, name) != values[name]]
        if differing:
            for name in differing:
                setattr(row, name, values[name])
            changed.append(row)
            outcome.lines.append(f"changed {row}: {', '.join(differing)}")
    model.objects.bulk_create(fresh, batch_size=1000)
    model.objects.bulk_update(changed, fields, batch_size=500)
    outcome.added[kind] = outcome.added.get(kind, 0) + len(fresh)
