"""Words for what the log holds as codes."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.errors import DomainError
from portal.exchange.ledgers import ledger_of
from portal.oversight.models import Finding
from portal.policy import codes

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
"""The part of a step's name before the dot, for steps that `ACTIONS` has no words for."""

ACTIONS: dict[str, Promise] = {
    "account_created": gettext_lazy("Account created"),
    "account_changed": gettext_lazy("Account changed"),
    "account_disabled": gettext_lazy("Account disabled"),
    "account_disabled_unused": gettext_lazy("Account disabled, not used for long"),
    "account_enabled": gettext_lazy("Account enabled"),
    "accounts.confirmed": gettext_lazy("Confirmed again who they are"),
    "accounts.factor_added": gettext_lazy("Second factor set up"),
    "accounts.factor_removed": gettext_lazy("Second factor taken away"),
    "accounts.factors_dropped": gettext_lazy("All second factors taken away"),
    "accounts.first_run": gettext_lazy("First account set up"),
    "accounts.login": gettext_lazy("Logged in"),
    "accounts.login_failed": gettext_lazy("Login failed"),
    "accounts.logout": gettext_lazy("Logged out"),
    "accounts.password_changed": gettext_lazy("Password changed by its owner"),
    "accounts.password_reset": gettext_lazy("Password set anew with a code"),
    "accounts.recovery_codes_made": gettext_lazy("Recovery codes made"),
    "accounts.reset_code_issued": gettext_lazy("Code for a new password issued"),
    "accounts.session_ended": gettext_lazy("Login ended from outside"),
    "accounts.sso_linked": gettext_lazy("Key of a login platform linked"),
    "accounts.sso_unlinked": gettext_lazy("Key of a login platform removed"),
    "accounts.sso_used": gettext_lazy("Came in by single sign-on"),
    "accounts.sso_refused": gettext_lazy("Single sign-on refused"),
    "export.approval_asked": gettext_lazy("Large export asked for"),
    "export.approved": gettext_lazy("Large export approved"),
    "export.refused": gettext_lazy("Large export refused"),
    "export.withdrawn": gettext_lazy("Large export withdrawn"),
    "group_created": gettext_lazy("Group created"),
    "group_member_added": gettext_lazy("Joined a group"),
    "group_member_removed": gettext_lazy("Left a group"),
    "grants_changed": gettext_lazy("Rights changed"),
    "grant_seal_broken": gettext_lazy("Rights changed behind the product's back"),
    "seen_as": gettext_lazy("Looked at with these rights"),
    "access_explained": gettext_lazy("Access explained"),
    "area_added": gettext_lazy("Area added"),
    "area_renamed": gettext_lazy("Area renamed"),
    "area_archived": gettext_lazy("Area archived"),
    "reorganisation.planned": gettext_lazy("Area re-organisation planned"),
    "reorganisation.released": gettext_lazy("Area re-organisation released"),
    "reorganisation.withdrawn": gettext_lazy("Area re-organisation withdrawn"),
    "reorganisation.done": gettext_lazy("Area re-organisation carried out"),
    "reorganisation.right_lapsed": gettext_lazy("Right let go after a re-organisation"),
    "department_saved": gettext_lazy("Department changed"),
    "delegation_added": gettext_lazy("Delegation entered"),
    "delegation_ended": gettext_lazy("Delegation ended"),
    "code_saved": gettext_lazy("Entry changed"),
    "code_retired": gettext_lazy("Entry retired"),
    "rule_set": gettext_lazy("Deadline or rule changed"),
    "calendar_set": gettext_lazy("Day of the calendar entered"),
    "calendar_removed": gettext_lazy("Day of the calendar taken out"),
    "three_admin.appointed": gettext_lazy("Administrator appointed"),
    "three_admin.dismissed": gettext_lazy("Administrator dismissed"),
    "files.attached": gettext_lazy("File attached"),
    "files.removed": gettext_lazy("Attached file removed"),
    "import.uploaded": gettext_lazy("List for an import uploaded"),
    "import.decided": gettext_lazy("Duplicate of an import decided on"),
    "import.started": gettext_lazy("Import started"),
    "import.rows_written": gettext_lazy("Rows of an import written"),
    "import.applied": gettext_lazy("Import finished"),
    "import.undone": gettext_lazy("Import taken back"),
    "import.discarded": gettext_lazy("Import given up"),
    "break_glass.opened": gettext_lazy("Emergency access opened"),
    "break_glass.ended": gettext_lazy("Emergency access over"),
    "view.shared": gettext_lazy("View of a list shared with the unit"),
    "view.unshared": gettext_lazy("View of a list no longer shared"),
    "finding.concluded": gettext_lazy("Finding concluded"),
    "inspection.entered": gettext_lazy("Inspection entered"),
}
"""What the audit log keeps as the code of a step. Departments add theirs with `register_words`."""

PURPOSES: dict[str, Promise] = {
    "oversight": gettext_lazy("Work of the auditor"),
    "import": gettext_lazy("Checked rows of an import"),
    "import_row": gettext_lazy("Correcting a row of an import"),
    "import_errors": gettext_lazy("Rows that were not imported, as a file"),
}
"""Why somebody was shown people, as the access log keeps it. Departments add theirs with `register_words`."""

FIELDS: dict[str, Promise] = {
    "document_number": gettext_lazy("ID number"),
    "phone": gettext_lazy("Phone"),
    "ethnicity": gettext_lazy("Ethnicity"),
    "birth_date": gettext_lazy("Birth date"),
    "native_address": gettext_lazy("Hukou address"),
    "raw": gettext_lazy("Row of the workbook"),
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
REASONS = "access_reason"
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


def register_words(
    *, purposes: Mapping[str, Promise] | None = None, actions: Mapping[str, Promise] | None = None
) -> None:
    """For departments, in their module `oversight`, which is loaded when the product starts."""
    PURPOSES.update(purposes or {})
    ACTIONS.update(actions or {})


def action_label(action: str) -> str:
    """A step without words keeps its code, under the heading of its department where that is known."""
    if action in ACTIONS:
        return str(ACTIONS[action])
    about, _dot, step = action.partition(".")
    return f"{STEPS[about]} · {step}" if about in STEPS and step else action


def actions_worded(text: str) -> list[str]:
    """Codes of the steps whose words in the reader's language contain `text`."""
    wanted = text.casefold()
    return [code for code, words in ACTIONS.items() if wanted in str(words).casefold()]


def purpose_label(purpose: str) -> str:
    """Words for the purpose of a look: a business, a ledger with its title, or the reason given for a full value."""
    if purpose in PURPOSES:
        return str(PURPOSES[purpose])
    kind, _space, code = purpose.partition(" ")
    if code and kind == "ledger":
        return _("Ledger “%(name)s”") % {"name": _ledger_title(code)}
    if code and kind == "download":
        return _("Download of the ledger “%(name)s”") % {"name": _ledger_title(code)}
    if code and kind == "attachment":
        return _("An attached file")
    return _reason(purpose)


def _ledger_title(code: str) -> str:
    try:
        return ledger_of(code).title
    except DomainError:
        return code


def _reason(code: str) -> str:
    try:
        known = code in codes.items(REASONS)
    except DomainError:
        return code
    return codes.label(REASONS, code) if known else code


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
