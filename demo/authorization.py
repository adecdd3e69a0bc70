"""docs/authorization.md: who may do and see what, read from the declarations themselves (ASVS 8.1.1, 8.1.2).

The roles are those of the demo county and the three administrators; a county gives the same rights to groups of its
own. Nothing here reads the database.
"""

from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import models
from django.utils import translation

from demo.grants import ROLES
from portal.administration.wording import action_label, position, record_label
from portal.audit.three_admins import RIGHTS
from portal.core.classes import LABELS, DataClass
from portal.org.scoping import grant_codename
from portal.org.walls.registry import Wall, allowed, openers_of, walls
from portal.vault.classes import classified, stored_models
from portal.vault.projection import BROWSE, ENTRY, EXPORT, EXPORT_FULL, Gets, Key, Rule, policy_of

HEAD = """# Authorization

Who may do and see what, made by `manage.py authorization --write` from the declarations in the code; do not edit it by
hand. What is stored and why is the [data inventory](data-inventory.md), who decided it so and what for:
[ADR 0008](adr/0008-second-wall.md), [0009](adr/0009-one-projection.md), [0011](adr/0011-sealed-log.md),
[0012](adr/0012-login.md), [0014](adr/0014-giving-rights.md).

## How rights work

1. A grant (授权) is: a group or a person × an area (区域) × an action on a kind of record. It holds for all areas
   below as well.
2. Without a grant there is nothing: no account, role or page sees or does anything by itself; nobody is superuser.
3. The first wall is the program: every list goes through `restrict(user, action)`, every act asks for its own grant.
4. The second wall is the database: row-level security lets a statement reach rows of areas with a grant, and no others.
5. The database learns who asks from a signed note that lives as long as the transaction; SQL cannot forge it.
6. A record of another area is answered like one that does not exist: 404, on every address and for every method.
7. Groups hold what lasts; a right of one person needs a reason and a last day. An ended right keeps its row.
8. A loan to a stand-in is cut when it is used: it shrinks and ends with the lender's own right, and is never lent on.
   Signing and exports in full are not lent. A delegation (委托) lets stations act for the police in named matters.
9. Three administrators: the system administrator makes accounts, the security administrator gives rights, the auditor
   reads the log. One person holds one office, holds no business right beside it, and grants nothing to themselves.
10. Every grant carries a seal whose key is not in the database. Administrators' rights count with an unbroken seal
    only; all others are looked through every night.
11. A field is hidden unless the projection (字段可见性) gives it to a grant: masked, on reveal (查看完整信息, with a
    reason, one value, written down first) or in full.
12. Confirmation (再次验证身份): exports, their files, grants and factors ask for a proof of identity of the last
    15 minutes.
13. Four eyes: who took a permit application in does not sign it; a borrower counts as the lender.
14. Rights count at the moment of the statement: taken away, ended or of a disabled account, they are gone at once; a
    job runs with the rights of the person who asked for it.
15. In an emergency the owner of the machine lends all rights until a time (`manage.py break_glass`); auditors see it on
    every page.

**Passwords: a documented deviation.** ASVS 5.0 6.2.5 and 6.2.10 forbid rules about kinds of characters and forced
changes; 等保 2.0 (GB/T 22239-2019) 8.1.4.1 a) demands both. `PASSWORD_PROFILE=djbh3` is the default and follows
等保: three of four kinds, 90 days, the last five refused, a new password at the first login. `PASSWORD_PROFILE=asvs`
follows ASVS. Both keep what ASVS asks for besides: long pass phrases, pasting, no common password.

"""
MARK = "●"
PURPOSES = {
    BROWSE: "pages",
    ENTRY: "forms",
    EXPORT: "files",
    EXPORT_FULL: "files in full",
    "card": "printed card",
    "check": "check of a card",
    "voucher": "printed voucher",
    "copy": "copy for the person",
}


def document() -> str:
    with translation.override("en"):
        parts = [_actions(), _fields(), _hidden(), _walls(), _open()]
        return HEAD + "\n\n".join("\n".join(part) for part in parts) + "\n"


def _models_with_actions() -> list[type[models.Model]]:
    """The register first, the administrators' records last, otherwise as installed."""
    named = {label for grants in ROLES.values() for label in grants}
    office = {label for grants in RIGHTS.values() for label in grants}
    found = [model for model in apps.get_models() if model._meta.label in named]
    return sorted(found, key=lambda model: (model._meta.label in office, model._meta.app_label != "residents"))


def _actions() -> Iterator[str]:
    yield "## Actions by role"
    yield ""
    yield f"The last three roles are the three administrators (三员). {MARK} = the role holds the grant in its area."
    yield ""
    yield f"| Record and action | {' | '.join(f'`{role}`' for role in ROLES)} |"
    yield "|---|" + ":-:|" * len(ROLES)
    for model in _models_with_actions():
        held = {action for grants in ROLES.values() for action in grants.get(model._meta.label, ())}
        for action in sorted(held, key=lambda one: (position(one), one)):
            cells = (MARK if action in grants.get(model._meta.label, ()) else " " for grants in ROLES.values())
            yield f"| {_title(model)}: {_lower(action_label(action))} | {' | '.join(cells)} |"
    yield ""
    yield "Known to the records and held by no role here:"
    yield ""
    yield from _not_held()


def _not_held() -> Iterator[str]:
    held = {(label, action) for grants in ROLES.values() for label, actions in grants.items() for action in actions}
    for model in apps.get_models():
        known: Iterable[str] = getattr(model, "scope_actions", ())
        if missing := [one for one in known if (model._meta.label, one) not in held]:
            yield f"- {_title(model)} (`{model._meta.label}`): {', '.join(missing)}"


def _fields() -> Iterator[str]:
    yield "## Fields by grant"
    yield ""
    yield "A class stands for all fields of that class of the record; a field named by itself goes before its class."
    yield ", ".join(f"{one} = {LABELS[one]}" for one in DataClass) + "."
    yield "What a line does not name, its grant does not give."
    yield ""
    yield "| Record | Who | For | In full | On reveal | Masked |"
    yield "|---|---|---|---|---|---|"
    for model in stored_models():
        policy = policy_of(model)
        for who, gets in (("everybody", policy.public), ("every member of staff", policy.staff)):
            if gets != Gets():
                yield _field_line(model, who, "pages", gets)
        for rule in policy.rules:
            yield _field_line(
                model, _grant(rule), ", ".join(PURPOSES.get(one, one) for one in rule.purposes), rule.gets
            )


def _grant(rule: Rule) -> str:
    if rule.grant is None:
        return "everybody"
    model, action = rule.grant
    return f"{_title(model)}: {_lower(action_label(action))} (`{grant_codename(model, action)}`)"


def _field_line(model: type[models.Model], who: str, purposes: str, gets: Gets) -> str:
    cells = (_keys(keys) for keys in (gets.full, gets.reveal, gets.masked))
    return f"| {_title(model)} | {who} | {purposes} | {' | '.join(cells)} |"


def _keys(keys: tuple[Key, ...]) -> str:
    return ", ".join(str(key) if isinstance(key, DataClass) else f"`{key}`" for key in keys) or "–"


def _hidden() -> Iterator[str]:
    yield "### Given to nobody"
    yield ""
    yield "Personal and sensitive fields of records with a policy that no line above gives. What a record without a"
    yield "line holds is given to nobody by the projection."
    yield ""
    for model in stored_models():
        policy = policy_of(model)
        gets = [policy.public, policy.staff, *(rule.gets for rule in policy.rules)]
        named = {key for one in gets for keys in (one.full, one.reveal, one.masked) for key in keys}
        left = [
            f"`{found.field.name}` ({found.data_class})"
            for found in classified(model)
            if found.data_class in (DataClass.C3, DataClass.C4) and not {found.field.name, found.data_class} & named
        ]
        if left and named:
            yield f"- {_title(model)} (`{model._meta.label}`): {', '.join(left)}"


def _walls() -> Iterator[str]:
    yield "## Tables behind the second wall"
    yield ""
    yield "Any grant on the records named opens the rows of its areas to read; to write it takes one that is more than"
    yield "looking. History is written by its triggers alone. Grants, group members and areas are read by all and"
    yield "written by whoever holds the right to grant, or to shape the tree ([ADR 0008](adr/0008-second-wall.md))."
    yield ""
    yield "| Table | Walled by | Opened by grants on |"
    yield "|---|---|---|"
    for table, wall in sorted(walls().items()):
        opened = ", ".join(
            f"{_title(model)}{'' if writes and not wall.is_history else ' (to read)'}"
            for model, writes in openers_of(wall).items()
            if getattr(model, "scope_actions", ())
        )
        yield f"| `{table}` | {_shape(wall)} | {opened or '–'} |"


def _shape(wall: Wall) -> str:
    if wall.by_area:
        how = "its area"
    elif wall.parent:
        how = f"the row of `{wall.parent[1]}` that it belongs to"
    else:
        how = "the person whose own it is"
    if wall.child:
        how += f"; also read through a visible row of `{wall.child[0]}`"
    if wall.admission:
        how += f"; an admission names one {wall.admission[0]}"
    return how + ("; history" if wall.is_history else "")


def _open() -> Iterator[str]:
    yield "### Left open, with the reason"
    yield ""
    yield "Tables that carry an area or point at a walled table and have no wall. `manage.py check` refuses any other."
    yield ""
    yield "| Table | Why |"
    yield "|---|---|"
    yield from (f"| `{table}` | {reason} |" for table, reason in sorted(allowed().items()))


def _lower(text: object) -> str:
    return str(text)[:1].lower() + str(text)[1:]


def _title(model: type[models.Model]) -> str:
    text = str(record_label(model))
    return text[:1].upper() + text[1:]
