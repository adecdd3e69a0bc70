"""What was done to a person, a group or an area, in words, newest first."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.audit.models import AuditEntry
from portal.ui.templatetags.ui import moment

SHOWN = 30
WORDS = {
    "account_created": _("Account created"),
    "account_changed": _("Account changed"),
    "account_disabled": _("Account disabled"),
    "account_enabled": _("Account enabled"),
    "accounts.sso_linked": _("Key of a login platform linked"),
    "accounts.sso_unlinked": _("Key of a login platform removed"),
    "accounts.sso_used": _("Came in by single sign-on"),
    "accounts.sso_refused": _("Single sign-on refused"),
    "group_created": _("Group created"),
    "group_member_added": _("Joined a group"),
    "group_member_removed": _("Left a group"),
    "grants_changed": _("Rights changed"),
    "seen_as": _("Looked at with these rights"),
    "access_explained": _("Access explained"),
    "area_added": _("Area added"),
    "area_renamed": _("Area renamed"),
    "area_archived": _("Area archived"),
    "department_saved": _("Department changed"),
    "delegation_added": _("Delegation entered"),
    "delegation_ended": _("Delegation ended"),
    "code_saved": _("Entry changed"),
    "code_retired": _("Entry retired"),
}


def history_of(target: models.Model) -> list[dict[str, Any]]:
    """Items for the timeline tag."""
    rows = AuditEntry.objects.filter(target_model=target._meta.label_lower, target_id=str(target.pk))
    return [
        {
            "title": WORDS.get(row.action, row.action),
            "note": row.details.get("reason", ""),
            "by": str(row.actor) if row.actor else "",
            "at": moment(row.at),
        }
        for row in rows.select_related("actor")[:SHOWN]
    ]
