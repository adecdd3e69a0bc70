"""The tables of sources and of controls name every row, and nothing in them is invented."""

import ast
import re
from pathlib import Path

import pytest
from django.urls import resolve

ROOT = Path(__file__).parent.parent
COVERAGE = ROOT / "docs/coverage.md"
COMPLIANCE = ROOT / "docs/compliance.md"
MODULES = {"portal", "residents", "rentals", "employers", "familyplanning", "education", "casework"}
NOT_BUILT = {29, 62, 65, 66, 67, 82, 106, 120, 121, 127, 128, 132, 133, 134, 135, 141, 172}
LAW = [f"R{n}" for n in range(1, 19)] + [f"Z{n}" for n in range(1, 21)] + [f"H{n}" for n in range(1, 8)]
LAW += [f"P{n}" for n in range(1, 20)]
PLATE = "0b8f8d62-7d1a-4b53-9d0e-3a6d3a7c3f10"
BY_PLATE = {"/landlord/d/…/"}  # "…" stands for a token of a door, everywhere else for a number
# ASVS 5.0 (A access, B login, C input and output, D cryptography, data and logs), 等保 2.0 level 3, PIPL.
CONTROLS = {"A": 13, "B": 17, "C": 19, "D": 19, "E": 16, "F": 10}


def lines() -> dict[str, list[str]]:
    """Row or rule -> feature, where, test or reason."""
    found: dict[str, list[str]] = {}
    for line in COVERAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(r"[A-Z]*\d+.*", cells[0]):
            assert cells[0] not in found, f"{cells[0]} stands twice"
            assert len(cells) == 4, line
            found[cells[0]] = cells[1:]
    return found


def addresses() -> list[str]:
    return sorted({where for row in lines().values() for where in re.findall(r"`(/[^`]*)`", row[1])})


def names_in(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return names


def test_all_173_rows_of_the_notices_have_a_line_in_order():
    assert [int(key) for key in lines() if key.isdigit()] == list(range(1, 174))


def test_every_rule_of_law_has_a_line():
    assert set(LAW) <= set(lines())


def test_a_line_is_built_with_a_test_or_planned_with_a_module_or_left_out_with_a_reason():
    for key, (feature, where, proof) in lines().items():
        assert feature, key
        if where == "not built":
            assert len(proof) > 10, f"{key} needs its reason"
        elif where.startswith("planned: "):
            assert proof == "—", key
        else:
            assert where.startswith("`/"), key
            assert "::test_" in proof or "::Test" in proof, f"{key} needs a test"


def test_what_the_law_forbids_is_not_built():
    assert {int(key) for key, row in lines().items() if key.isdigit() and row[1] == "not built"} == NOT_BUILT


def test_planned_modules_exist():
    named = {module for row in lines().values() for module in re.findall(r"planned: `(\w+)`", row[1])}
    assert named <= MODULES
    assert all((ROOT / module).is_dir() for module in named)


@pytest.mark.parametrize("address", addresses())
def test_every_address_named_leads_to_a_page(address):
    key = PLATE if address in BY_PLATE else "1"
    assert resolve(address.replace("…", key)).view_name


def not_there(named: set[str]) -> list[str]:
    known: dict[str, set[str]] = {}
    missing = []
    for one in sorted(named):
        path, _separator, name = one.partition("::")
        if path not in known:
            known[path] = names_in(ROOT / path) if (ROOT / path).is_file() else set()
        if name not in known[path]:
            missing.append(one)
    return missing


def named_in(text: str) -> set[str]:
    return set(re.findall(r"`(tests/[^`]*)`", text))


def test_every_test_named_exists():
    named = {one for row in lines().values() for one in named_in(row[2])}
    assert len(named) > 60
    assert not_there(named) == []


def controls() -> list[list[str]]:
    """Identifier, source clause, what is checked, proof; as the document has them."""
    rows = [
        line.strip("|").split("|") for line in COMPLIANCE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"
    ]
    found = [[cell.strip() for cell in row] for row in rows]
    return [row for row in found if re.fullmatch(r"[A-Z]\d+", row[0])]


def test_all_94_controls_have_a_line_in_order():
    assert [row[0] for row in controls()] == [
        f"{letter}{n}" for letter, most in CONTROLS.items() for n in range(1, most + 1)
    ]
    assert all(len(row) == 4 and all(row) for row in controls())


def test_every_control_is_proven_or_says_what_is_missing():
    for key, _clause, _check, proof in controls():
        proven, _separator, missing = proof.partition("open:")
        assert named_in(proven) or re.search(r"\bH\d+[ab]?\b", proven) or len(missing.strip()) > 10, key
        assert len(named_in(proven)) <= 3, key
        assert "open:" not in proof or len(missing.strip()) > 10, key


def test_every_test_named_by_a_control_exists():
    named = {one for row in controls() for one in named_in(row[3])}
    assert len(named) > 100
    assert not_there(named) == []


def test_every_figure_named_by_a_control_is_measured():
    figures = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "prove/figures").glob("*.py"))
    measured = set(re.findall(r'@figure\("(\w+)"', figures))
    named = {one for row in controls() for one in re.findall(r"\bH\d+[ab]?\b", row[3])}
    assert len(named) >= 8
    assert named <= measured


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
