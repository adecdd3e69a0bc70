"""Every rule and code table that the product asks for must ship: a missing one would stop a clerk in mid-work."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.policy import packs

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", ".data", "tests", "node_modules", "static", "migrations"}
RULE_CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+")


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in ROOT.rglob("*.py"):
        if not SKIPPED.intersection(path.relative_to(ROOT).parts):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, node


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def first_literal(node: ast.Call, position: int) -> str | None:
    if len(node.args) > position and isinstance(node.args[position], ast.Constant):
        value = node.args[position].value  # type: ignore[attr-defined]
        return value if isinstance(value, str) else None
    return None


def shipped_everywhere() -> set[str]:
    """Rules that hold in every locality, or that Changshan's own packs give."""
    return {values["code"] for pack in packs.resolve(["changshan"]) for values in pack.rules()}


def test_every_rule_named_in_code_ships():
    used = {
        (str(path.relative_to(ROOT)), code)
        for path, node in calls()
        for position, names in ((0, {"rule", "services.rule"}), (1, {"due_on", "services.due_on"}))
        if called(node) in names and (code := first_literal(node, position)) is not None
    }
    assert used
    assert not {item for item in used if item[1] not in shipped_everywhere()}


def test_every_code_table_named_in_code_ships():
    shipped = {values["table"] for name in packs.CODE_PACKS for values in packs.read(name).codes()}
    functions = {f"codes.{name}" for name in ("choices", "items", "label", "name", "bucket")}
    used = {
        (str(path.relative_to(ROOT)), table)
        for path, node in calls()
        if called(node) in functions and (table := first_literal(node, 0)) is not None
    }
    assert not {item for item in used if item[1] not in shipped}


@pytest.mark.parametrize("name", packs.available())
def test_every_rule_of_a_pack_is_well_formed_and_says_where_it_comes_from(name):
    seen = set()
    for values in packs.read(name).rules():
        assert RULE_CODE.fullmatch(values["code"])
        assert values["basis"]
        assert values["text"]
        key = (values["code"], values["effective_from"])
        assert key not in seen
        seen.add(key)


@pytest.mark.parametrize("name", packs.CODE_PACKS)
def test_no_code_is_listed_twice(name):
    listed = [(values["table"], values["code"]) for values in packs.read(name).codes()]
    assert len(listed) == len(set(listed))
