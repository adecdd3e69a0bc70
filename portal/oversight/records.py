"""What a step was done to, in words: the kind of record, and its name or number where that tells nobody's affairs.

Departments add theirs with `register_records` in their module `oversight`. A record of a person (a file, a stay, a
visit, a dwelling) is told by its number in the database alone: the auditor sees no address and no name here.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from portal.audit.models import AuditEntry
from portal.exchange.models import ExportRequest
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, Department, User
from portal.org.services import system_user
from portal.oversight.models import Finding, Inspection
from portal.policy import codes
from portal.policy.models import CalendarDay, CodeItem, PolicyRule

Labels = Callable[[Collection[str]], Mapping[str, str]]
"""Key of the record → its name or number; what no longer exists is left out. One query, however many keys."""

SHORT = 6  # characters of a random key: enough to tell two records of one page apart

RECORDS: dict[str, Promise] = {
    "org.user": pgettext_lazy("record", "Account"),
    "org.area": pgettext_lazy("record", "Area of the tree"),
    "org.areachange": pgettext_lazy("record", "Area re-organisation"),
    "org.areachangepart": pgettext_lazy("record", "Area of a re-organisation"),
    "org.areachangeplace": pgettext_lazy("record", "Address of a re-organisation"),
    "org.areachangerow": pgettext_lazy("record", "Row moved by a re-organisation"),
    "org.areachangegrant": pgettext_lazy("record", "Right moved by a re-organisation"),
    "org.department": pgettext_lazy("record", "Department"),
    "org.areausergrant": pgettext_lazy("record", "Right of an account"),
    "org.areagroupgrant": pgettext_lazy("record", "Groups and grants"),
    "org.delegation": pgettext_lazy("record", "Delegation of police matters"),
    "org.user_groups": pgettext_lazy("record", "Member of a group"),
    "org.user_user_permissions": pgettext_lazy("record", "Right of an account"),
    "auth.group": pgettext_lazy("record", "Group"),
    "auth.permission": pgettext_lazy("record", "Right"),
    "mfa.authenticator": pgettext_lazy("record", "Second factor"),
    "policy.policystamp": pgettext_lazy("record", "Version of the rules"),
    "policy.policyrule": pgettext_lazy("record", "Deadline or rule"),
    "policy.codeitem": pgettext_lazy("record", "Code table"),
    "policy.calendarday": pgettext_lazy("record", "Day of the calendar"),
    "policy.division": pgettext_lazy("record", "Administrative division"),
    "audit.auditentry": pgettext_lazy("record", "Step of the log"),
    "audit.accessevent": pgettext_lazy("record", "Look of the log"),
    "audit.auditseal": pgettext_lazy("record", "Seal of the log"),
    "audit.auditcheck": pgettext_lazy("record", "Check of the seals"),
    "audit.threeadmin": pgettext_lazy("record", "Office of an administrator"),
    "audit.threeadminright": pgettext_lazy("record", "Right of an administrator"),
    "audit.breakglass": pgettext_lazy("record", "Emergency access"),
    "events.storedevent": pgettext_lazy("record", "Message between departments"),
    "events.delivery": pgettext_lazy("record", "Delivery of a message"),
    "events.submission": pgettext_lazy("record", "Form sent once"),
    "jobs.job": pgettext_lazy("record", "Job in the background"),
    "files.attachment": pgettext_lazy("record", "Attachment"),
    "exchange.provisionrecord": pgettext_lazy("record", "Record of data handed out"),
    "exchange.exportrequest": pgettext_lazy("record", "Export of many rows"),
    "ui.savedview": pgettext_lazy("record", "View of a list"),
    "imports.importbatch": pgettext_lazy("record", "Import"),
    "imports.importrow": pgettext_lazy("record", "Row of an import"),
    "imports.importeffect": pgettext_lazy("record", "What a row of an import did"),
    "imports.importpart": pgettext_lazy("record", "Part of an import"),
    "accounts.credential": pgettext_lazy("record", "Password of an account"),
    "accounts.oldpassword": pgettext_lazy("record", "Earlier password"),
    "accounts.loginsession": pgettext_lazy("record", "Login of an account"),
    "accounts.onetimecode": pgettext_lazy("record", "Code for a new password"),
    "accounts.bucket": pgettext_lazy("record", "Count of failed logins"),
    "accounts.keptform": pgettext_lazy("record", "Form kept over a login"),
    "sso.link": pgettext_lazy("record", "Key of a login platform"),
    "sso.spentproof": pgettext_lazy("record", "Used proof of a login platform"),
    "oversight.inspection": pgettext_lazy("record", "Inspection"),
    "oversight.finding": pgettext_lazy("record", "Finding of the audit"),
    "reports.areacount": pgettext_lazy("record", "Figures of the areas"),
    "reports.areacountdelta": pgettext_lazy("record", "Change of a figure"),
    "reports.areacountmoved": pgettext_lazy("record", "Figure moved by a re-organisation"),
}
"""Label of the model (`app.model`) → its word. Most are never the target of a step; a word costs nothing."""

_labels: dict[str, Labels] = {}


def register_records(words: Mapping[str, Promise], labels: Mapping[str, Labels] | None = None) -> None:
    """For departments. A label must hold nothing about a person that is not on the list of steps anyway."""
    RECORDS.update(words)
    _labels.update(labels or {})


def named(model: type[models.Model], name: Callable[[Any], str]) -> Labels:
    """Labels read from the rows themselves."""

    def read(keys: Collection[str]) -> Mapping[str, str]:
        return {str(row.pk): name(row) for row in model._default_manager.filter(pk__in=_usable(model, keys))}

    return read


def record_word(label: str) -> str:
    return str(RECORDS[label]) if label in RECORDS else _("Other record")


def targets_told(entries: Iterable[AuditEntry]) -> dict[int, str]:
    """Entry → “Import 20260512-3FA9C1”. One query for each kind of record that has names, none for the others."""
    rows = list(entries)
    keys: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        keys[row.target_model].add(row.target_id)
    with scoped_transaction(system_user()):  # the log is for the whole county, whatever else its reader may see
        found = {label: _labels[label](sorted(wanted)) for label, wanted in keys.items() if label in _labels}
    return {row.pk: _told(row, found.get(row.target_model, {})) for row in rows}


def _told(row: AuditEntry, names: Mapping[str, str]) -> str:
    number = row.details.get("number") if row.target_model in NUMBERED else None
    return f"{record_word(row.target_model)} {names.get(row.target_id) or number or _number(row.target_id)}"


def _number(key: str) -> str:
    """A key of the database as people can read it out: `#214`, or the first characters of a random one."""
    return f"#{key}" if key.isdigit() else f"#{key[:SHORT].upper()}"


def _usable(model: type[models.Model], keys: Iterable[str]) -> list[Any]:
    """The log keeps any text; a key that the model cannot have finds nothing."""
    found = []
    for key in keys:
        try:
            found.append(model._meta.pk.to_python(key))
        except ValidationError:
            continue
    return found


NUMBERED = frozenset({"imports.importbatch"})
"""Records that only their owner may read; the step itself keeps their number."""


def _entry(row: CodeItem) -> str:
    return f"{codes.label(row.table, row.code)}（{row.table}.{row.code}）"


_labels.update(
    {
        "org.user": named(User, lambda row: f"{row}（{row.username}）"),
        "org.area": named(Area, lambda row: f"{row.name}（{row.code}）"),
        "org.department": named(Department, lambda row: row.name),
        "auth.group": named(Group, lambda row: row.name),
        "policy.policyrule": named(PolicyRule, lambda row: row.text or row.code),
        "policy.codeitem": named(CodeItem, _entry),
        "policy.calendarday": named(CalendarDay, lambda row: row.day.isoformat()),
        "exchange.exportrequest": named(ExportRequest, lambda row: row.title),
        "oversight.inspection": named(Inspection, lambda row: row.title),
        "oversight.finding": named(Finding, lambda row: str(row.get_kind_display())),
    }
)
