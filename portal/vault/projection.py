"""What a viewer gets of a field: one policy, one place to ask, nothing by default.

An app says once for each model which grant gives which fields, and for what purpose:

    register(
        Policy(
            Person,
            rules=(
                Rule((Person, "view"), full=(C2, "name"), masked=("document_number",)),
                Rule((Person, "reveal"), reveal=("document_number",)),
                Rule((Permit, "print"), purposes=("card",), full=("name", "document_number")),
            ),
            masks={"document_number": mask_id_number},
        )
    )

and every page, list, search result, file and printed sheet takes its values from `project(row, viewer=…)`. A field may
be named by itself or by its data class; its own name wins. What no rule gives is hidden: a new field is on no page
until somebody decided who may see it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from portal.core.classes import DataClass
from portal.org.models import User
from portal.org.scoping import can
from portal.vault.classes import class_of, classified

BROWSE, ENTRY, EXPORT, EXPORT_FULL = "browse", "entry", "export", "export_full"
Mask = Callable[[Any], str]
Key = str | DataClass


class Shown(IntEnum):
    """From nothing to everything; REVEAL is masked until the viewer gives a reason for one value."""

    HIDDEN = 0
    MASKED = 1
    REVEAL = 2
    FULL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Gets:
    """Fields, or whole data classes, with what is shown of them."""

    full: tuple[Key, ...] = ()
    masked: tuple[Key, ...] = ()
    reveal: tuple[Key, ...] = ()

    def of(self, name: str, data_class: DataClass) -> Shown:
        steps = ((Shown.FULL, self.full), (Shown.REVEAL, self.reveal), (Shown.MASKED, self.masked))
        for key in (name, data_class):
            for shown, keys in steps:
                if key in keys:
                    return shown
        return Shown.HIDDEN


NOTHING = Gets()


@dataclass(frozen=True, slots=True)
class Rule:
    """Holders of the grant (model, action) at the row's area get these fields for these purposes; everybody, when the
    rule names no grant."""

    grant: tuple[type[models.Model], str] | None
    gets: Gets
    purposes: tuple[str, ...] = (BROWSE, ENTRY)


@dataclass(frozen=True, slots=True)
class Policy:
    """`staff` is for colleagues who met the row in another record that they may see; `public` for everybody.

    `masks` turns a value into what may be shown of it; a field without a mask is hidden where a rule says masked.
    """

    model: type[models.Model]
    rules: tuple[Rule, ...] = ()
    masks: Mapping[str, Mask] = field(default_factory=dict)
    words: Mapping[str, Mask] = field(default_factory=dict)
    staff: Gets = NOTHING
    public: Gets = NOTHING

    def actions(self, purpose: str) -> list[Rule]:
        return [rule for rule in self.rules if purpose in rule.purposes]


# What everybody and what staff get of a field, then what each rule gives and for which grant, most first.
Ladder = tuple[Shown, Shown, tuple[tuple[Shown, tuple[type[models.Model], str] | None], ...]]
_policies: dict[type[models.Model], Policy] = {}
_ladders: dict[tuple[type[models.Model], str, str], tuple[Policy, Ladder]] = {}


def register(policy: Policy) -> Policy:
    """Raises FieldDoesNotExist for a field that the model does not have, ValueError for a second policy."""
    if policy.model in _policies:
        raise ValueError(f"{policy.model._meta.label} has a policy already")
    names = {key for gets in _all_gets(policy) for keys in (gets.full, gets.masked, gets.reveal) for key in keys}
    for name in names | set(policy.masks) | set(policy.words):
        if not isinstance(name, DataClass):
            policy.model._meta.get_field(name)
    _policies[policy.model] = policy
    return policy


def extend(model: type[models.Model], *rules: Rule) -> Policy:
    """More rules for a model of an app below: its policy cannot name grants of the apps above it."""
    known = policy_of(model)
    _policies[model] = replace(known, rules=(*known.rules, *rules))
    return _policies[model]


def policy_of(model: type[models.Model]) -> Policy:
    """A model that nobody wrote a policy for shows nothing."""
    return _policies.get(model) or Policy(model)


def shown(
    model: type[models.Model], name: str, *, viewer: User | AnonymousUser, at: str, purpose: str = BROWSE
) -> Shown:
    """What `viewer` gets of the field in a row that the area `at` answers for; the most that any grant gives.

    A row that no area answers for ("") is decided by a grant anywhere, as in `can`.
    """
    public, staff, rules = _ladder(model, name, purpose)
    best = staff if staff is not public and viewer.is_authenticated and viewer.is_active else public
    for gets, grant in rules:
        if gets <= best:
            break
        if grant is None or can(viewer, *grant, at=at):
            return gets
    return best


def _ladder(model: type[models.Model], name: str, purpose: str) -> Ladder:
    """Worked out once a policy, field and purpose: it is the same for every row."""
    policy, key = policy_of(model), (model, name, purpose)
    kept = _ladders.get(key)
    if kept is None or kept[0] is not policy:
        data_class = class_of(model, name)
        public = policy.public.of(name, data_class)
        rules = [(rule.gets.of(name, data_class), rule.grant) for rule in policy.actions(purpose)]
        rules.sort(key=lambda one: one[0], reverse=True)
        kept = policy, (public, max(public, policy.staff.of(name, data_class)), tuple(rules))
        _ladders[key] = kept
    return kept[1]


def given_by(model: type[models.Model], name: str, *, grant: tuple[type[models.Model], str], purpose: str) -> Shown:
    """The same for a whole file, where the area was checked before: what this one grant gives."""
    data_class = class_of(model, name)
    rules = [rule for rule in policy_of(model).actions(purpose) if rule.grant == grant]
    return max((rule.gets.of(name, data_class) for rule in rules), default=Shown.HIDDEN)


class Projection:
    """One row as one viewer gets it. In a template `{{ person.phone }}` is the text that may be shown, "" if none.

    A field is read when it is asked for: what is not shown is neither fetched nor decrypted.
    """

    __slots__ = ("_at", "_purpose", "_row", "_viewer")

    def __init__(self, row: models.Model, viewer: User | AnonymousUser, purpose: str, at: str) -> None:
        self._row, self._viewer, self._purpose, self._at = row, viewer, purpose, at

    def __getitem__(self, name: str) -> str:
        policy, level = policy_of(type(self._row)), self.level(name)
        if level is Shown.HIDDEN:
            return ""
        value = getattr(self._row, name)
        if value is None or value == "":
            return ""
        if level is Shown.FULL:
            return policy.words.get(name, str)(value)
        mask = policy.masks.get(name)
        return mask(value) if mask else ""

    def level(self, name: str) -> Shown:
        return shown(type(self._row), name, viewer=self._viewer, at=self._at, purpose=self._purpose)

    def value(self, name: str) -> Any:
        """The stored value itself, None unless it may be shown in full."""
        return getattr(self._row, name) if self.level(name) is Shown.FULL else None

    def may_reveal(self, name: str) -> bool:
        return self.level(name) is Shown.REVEAL


def project(
    row: models.Model, *, viewer: User | AnonymousUser, purpose: str = BROWSE, at: str | None = None
) -> Projection:
    """`at` is the area whose grants decide: the row's own, unless the row has none."""
    return Projection(row, viewer, purpose, getattr(row, "area_code", "") if at is None else at)


def left_out(model: type[models.Model], *wanted: str, prefix: str = "") -> list[str]:
    """For `.defer()`: the encrypted columns that a list does not show. `prefix` reaches through a relation."""
    return [
        f"{prefix}{found.field.name}"
        for found in classified(model)
        if found.encrypted and found.field.name not in wanted
    ]


def _all_gets(policy: Policy) -> list[Gets]:
    return [policy.staff, policy.public, *(rule.gets for rule in policy.rules)]
