"""The log keeps codes; whoever reads the console reads words."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from portal.audit import services as audit
from portal.oversight.wording import ACTIONS, PURPOSES, action_label, purpose_label
from rentals.report_choices import FOUND_TRUE, ReportStatus
from residents.choices import HouseholdActKind, LeadStatus
from tests.factories.org import StaffFactory

ROOTS = ("portal", "residents", "privacy", "rentals")
STEPS = ("record",)
LOOKS = ("access", "looked_into", "sheet_printed")
FAMILIES: dict[str, list[str]] = {
    "report.": [*FOUND_TRUE, ReportStatus.UNTRUE],
    "household.": HouseholdActKind.values,
    "lead.": [LeadStatus.RESOLVED, LeadStatus.DISMISSED],
}
"""Steps whose name ends with the kind of what was done."""
PREFIXES = {"ledger ", "download ", "attachment "}  # the rest of the purpose is a code of the data


def literals(value: ast.expr, inside: ast.AST) -> Iterator[str]:
    """What a call may be given: the text itself, either half of a choice, or what its name was set to."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.JoinedStr):
        yield from literals(value.values[0], inside)
    elif isinstance(value, ast.Subscript):
        yield from literals(value.value, inside)
    elif isinstance(value, ast.IfExp):
        yield from literals(value.body, inside)
        yield from literals(value.orelse, inside)
    elif isinstance(value, ast.Name | ast.Attribute):
        yield from assigned(value.id if isinstance(value, ast.Name) else value.attr, inside)


def assigned(name: str, inside: ast.AST) -> Iterator[str]:
    for node in ast.walk(inside):
        if not isinstance(node, ast.Assign):
            continue
        pairs = [(node.targets[0], node.value)]
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(node.targets[0].elts, node.value.elts, strict=True))
        for target, value in pairs:
            if isinstance(target, ast.Name) and target.id == name and isinstance(value, ast.Constant) and value.value:
                yield str(value.value)


def handed_on(tree: ast.Module) -> Iterator[str]:
    """Steps that reach `record(action=action)` through a helper of the same module."""
    for helper in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        names = [one.arg for one in helper.args.args]
        if "action" not in names or not any(called(node) == "record" for node in ast.walk(helper)):
            continue
        place = names.index("action")
        for call in ast.walk(tree):
            if called(call) == helper.name and isinstance(call, ast.Call) and len(call.args) > place:
                yield from literals(call.args[place], tree)


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def scopes(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Calls with the function around them; names that are not set there are looked up in the module."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                yield node, function


@cache
def written(callers: tuple[str, ...], keyword: str) -> set[str]:
    found: set[str] = set()
    for root in ROOTS:
        for path in (Path(settings.BASE_DIR) / root).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if callers == STEPS:
                found.update(handed_on(tree))
            for call, function in scopes(tree):
                for given in call.keywords if called(call) in callers else ():
                    if given.arg == keyword:
                        found.update(set(literals(given.value, function)) or literals(given.value, tree))
    return found


def test_every_step_that_the_code_records_has_words():
    steps = steps_recorded()
    assert {"registration.left", "registration.renewed", "transfer.refused", "application.accepted"} <= steps
    assert {"break_glass.opened", "accounts.login", "grants_changed", "consent.given"} <= steps
    assert steps - set(ACTIONS) == set()


def steps_recorded() -> set[str]:
    """Families are told kind by kind."""
    steps = written(STEPS, "action")
    assert set(FAMILIES) <= steps
    return (steps - set(FAMILIES)) | {f"{family}{kind}" for family, kinds in FAMILIES.items() for kind in kinds}


def test_every_purpose_of_a_look_in_the_code_has_words():
    purposes = written(LOOKS, "purpose")
    assert {"permit_queue", "permit_notice", "oversight", "ledger ", "data_copy"} <= purposes
    assert purposes - set(PURPOSES) - PREFIXES == set()
    assert [one for one in PREFIXES if purpose_label(f"{one}x") == f"{one}x"] == []


def test_no_words_are_left_for_what_nobody_records():
    assert set(ACTIONS) - steps_recorded() == set()
    assert set(PURPOSES) - written(LOOKS, "purpose") == set()


def test_codes_are_words_in_the_language_of_the_reader():
    assert action_label("registration.left") == "办理离开登记"
    assert purpose_label("permit_queue") == "居住证审核"
    with translation.override("en"):
        assert action_label("registration.left") == "Departure registered"
        assert purpose_label("permit_queue") == "Residence permit review"


def test_a_ledger_is_named_by_its_official_title_and_an_unknown_one_by_its_code():
    assert purpose_label("ledger L1").startswith("台账《")
    assert "L1" not in purpose_label("ledger L1")
    assert purpose_label("ledger X9") == "台账《X9》"


@pytest.mark.django_db
def test_an_unknown_code_stays_as_it_was_written():
    assert action_label("harvest.begun") == "harvest.begun"
    assert action_label("person.begun") == "人员档案 · begun"
    assert purpose_label("harvest") == "harvest"


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["离开", "registration.l", "居住登记"])
def test_steps_are_found_by_their_words_by_their_heading_and_by_their_code(client, auditor, typed: str):
    clerk = StaffFactory.create()
    audit.record(actor=clerk, action="registration.left", target=clerk)
    audit.record(actor=clerk, action="dwelling.added", target=clerk)
    client.force_login(auditor)
    text = client.get(reverse("oversight:entries"), {"step": typed}).content.decode()
    assert "办理离开登记" in text
    assert "新增住所" not in text
