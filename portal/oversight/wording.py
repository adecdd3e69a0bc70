"""Words for what the log holds as codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.oversight.models import Finding

STEPS: dict[str, Promise] = {
    "person": gettext_lazy("Person file"),
    "registration": gettext_lazy("Registration"),
    "application": gettext_lazy("Permit application"),
    "permit": gettext_lazy("Residence permit"),
    "three_admin": gettext_lazy("Administrators"),
    "break_glass": gettext_lazy("Emergency access"),
    "finding": gettext_lazy("Finding of the audit"),
    "inspection": gettext_lazy("Inspection"),
    "accounts": gettext_lazy("Accounts"),
}
"""The part of a step's name before the dot; the rest is the technical name, which the log search understands."""

FIELDS: dict[str, Promise] = {
    "document_number": gettext_lazy("ID number"),
    "phone": gettext_lazy("Phone"),
    "ethnicity": gettext_lazy("Ethnicity"),
    "birth_date": gettext_lazy("Birth date"),
    "native_address": gettext_lazy("Hukou address"),
}
WAYS: dict[str, Promise] = {
    "address": gettext_lazy("lives where somebody of the account holder's full name lives"),
    "workplace": gettext_lazy("works at the account holder's own unit"),
}

PROBLEMS: dict[str, Promise] = {
    "altered": gettext_lazy("altered"),
    "missing": gettext_lazy("taken out"),
    "inserted": gettext_lazy("put in"),
    "reordered": gettext_lazy("moved"),
    "cut": gettext_lazy("cut off at the end"),
}
SOURCES: dict[str, Promise] = {
    "access": gettext_lazy("Access log"),
    "entries": gettext_lazy("Log of steps"),
    "user_grants": gettext_lazy("Rights of accounts"),
    "group_grants": gettext_lazy("Rights of groups"),
    "delegations": gettext_lazy("Delegations"),
    "seal": gettext_lazy("Chain of seals"),
}


def source_label(source: str) -> str:
    return str(SOURCES.get(source, source))


def problem_label(problem: Mapping[str, Any]) -> str:
    return str(PROBLEMS.get(problem["kind"], problem["kind"]))


def action_label(action: str) -> str:
    about, _dot, step = action.partition(".")
    return f"{STEPS[about]} · {step}" if about in STEPS and step else action


def fields_label(fields: Iterable[str]) -> str:
    return "、".join(str(FIELDS.get(field, field)) for field in fields)


def explain(finding: Finding) -> str:
    """What was counted and against which limit, in a sentence. It names no person."""
    facts = finding.facts
    if finding.kind == Finding.Kind.REVEALS:
        text = _("%(count)s full values were shown between %(hour)s:00 and %(until)s:00; the hint begins at %(limit)s.")
        return text % {**facts, "until": facts["hour"] + 1}
    if finding.kind == Finding.Kind.OFF_HOURS:
        text = _("%(count)s files were opened after %(from)s:00 or before %(until)s:00; the hint begins at %(limit)s.")
        return text % facts
    if finding.kind == Finding.Kind.NEAR:
        ways = "、".join(str(WAYS.get(way, way)) for way in facts["ways"])
        return _("%(count)s of the people looked at: %(ways)s.") % {"count": facts["count"], "ways": ways}
    if finding.kind == Finding.Kind.AREAS:
        text = _("%(count)s people of %(areas)s communities were looked at in one day; the hint begins at %(limit)s.")
        return text % facts
    text = _("%(count)s records were changed that day, and an inspection was due on %(inspection)s; limit %(limit)s.")
    return text % facts
