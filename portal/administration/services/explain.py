"""Why somebody can or cannot do one thing with one record: every step that the product itself takes, in order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.administration.reach import givers_for
from portal.administration.wording import action_label, right_label
from portal.audit import services as audit
from portal.core import clock
from portal.core.classes import DataClass
from portal.core.errors import DomainError
from portal.org.choices import Duty
from portal.org.codes import covers
from portal.org.delegable import is_reserved, may_be_lent
from portal.org.middleware import scoped_transaction
from portal.org.models import AreaGroupGrant, AreaUserGrant, Delegation, User
from portal.org.scoping import ScopedModel, forget_grants, grant_codename, lendable, scope_of
from portal.org.seals import is_sealed
from portal.org.services import area_path
from portal.ui.templatetags.ui import day
from portal.vault.classes import class_of
from portal.vault.projection import Shown, shown

SENSITIVE = (DataClass.C3, DataClass.C4)
LEVELS = {
    Shown.FULL: gettext_lazy("in full: "),
    Shown.REVEAL: gettext_lazy("after giving a reason: "),
    Shown.MASKED: gettext_lazy("masked: "),
    Shown.HIDDEN: gettext_lazy("hidden: "),
}
OK, NO, INFO = "ok", "bad", "wait"
Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Target:
    """`pk` None: any record of the kind in `area_code`."""

    model: Model
    action: str
    area_code: str
    pk: int | None = None

    @property
    def codename(self) -> str:
        return grant_codename(self.model, self.action)


@dataclass(frozen=True, slots=True)
class Step:
    state: str
    label: str
    note: str = ""


@dataclass(slots=True)
class Explanation:
    """`missing` is the sentence to act on; empty when access is given. `givers` may give what is missing."""

    person: User
    target: Target
    steps: list[Step] = field(default_factory=list)
    missing: str = ""
    givers: list[User] = field(default_factory=list)

    @property
    def given(self) -> bool:
        return not self.missing


def find_target(*, text: str, action: str = "view", model: str = "", area_code: str = "") -> Target:
    """From the link of a page, a number, or a kind of record and an area. Raises DomainError beside `record`.

    A record outside the asker's areas is not told from one that does not exist.
    """
    text = text.strip()
    if not text:
        if not model or not area_code:
            raise DomainError(
                _("Paste the link or the number of a record, or choose a kind and an area."), field="record"
            )
        return Target(apps.get_model(model), action, area_code)
    found = _from_link(text) if "/" in text else _from_number(text)
    code = _area_of(found[0], found[2]) if found else ""
    if found is None or not code:
        raise DomainError(
            _("Nothing of your areas has this link or number. Please check it, or choose a kind and an area."),
            field="record",
        )
    kind, asked, pk = found
    return Target(kind, asked if action == "view" else action, code, pk)


def explain(*, person: User, target: Target, actor: User) -> Explanation:
    """The look is recorded with the person, the right and the area, not with what the record says."""
    forget_grants(person)
    told = Explanation(person, target)
    told.steps += [_account(person), _department(person), _groups(person)]
    told.steps += list(_grants(person, target.codename))
    reach = scope_of(person, target.model, target.action)
    inside = target.area_code in reach
    told.steps.append(
        Step(
            OK if inside else NO,
            _("The record belongs to %(area)s") % {"area": area_path(target.area_code, separator=" › ")},
            _("covered by the rights above") if inside else _("no right above reaches this area"),
        )
    )
    told.steps += list(_police(person, target))
    walls = list(_walls(person, target, inside=inside))
    told.steps += [*walls, *_fields(person, target)]
    told.missing = _missing(person, target, walls[-1].state, inside=inside)
    if told.missing:
        told.givers = list(givers_for(target.area_code)[:5])
    audit.record(actor=actor, action="access_explained", target=person, right=target.codename, area=target.area_code)
    return told


def explain_own(*, user: User, path: str) -> tuple[Step, ...]:
    """For anybody about themselves. Says which right the page asks for and where the user has it, and never looks at
    the record: a page about a foreign record and one about none read the same.
    """
    found = _from_link(path)
    view = _view_of(path)
    model, action = (found[0], found[1]) if found else (getattr(view, "model", None), getattr(view, "action", "view"))
    if model is None or not getattr(model, "scope_actions", ()):
        return (_account(user), Step(INFO, _("This address is no page that a right could open.")))
    scope = scope_of(user, model, action)
    right = right_label(grant_codename(model, action))
    steps = [_account(user), Step(INFO, _("The page asks for the right “%(right)s”.") % {"right": right})]
    if scope.is_nowhere:
        steps.append(Step(NO, _("You do not have this right anywhere.")))
    else:
        places = "、".join(area_path(code) or code for code in scope.codes)
        steps.append(Step(OK, _("You have it in: %(places)s") % {"places": places}))
        steps.append(
            Step(INFO, _("A record of another area, and a record that does not exist, both read as “not found”."))
        )
    return tuple(steps)


def _account(person: User) -> Step:
    if person.is_active:
        return Step(OK, _("The account is in use"), person.username)
    return Step(NO, _("The account is disabled"), _("the system administrator can enable it"))


def _department(person: User) -> Step:
    department = person.department
    if department is None:
        return Step(INFO, _("No department is entered"), _("duties come from the department"))
    duties = "、".join(str(Duty(duty).label) for duty in department.duties)
    return Step(INFO, _("Department: %(name)s") % {"name": department.name}, duties)


def _groups(person: User) -> Step:
    names = "、".join(person.groups.order_by("name").values_list("name", flat=True))
    return Step(INFO, _("Groups: %(names)s") % {"names": names or _("none")})


def _grants(person: User, codename: str) -> Iterator[Step]:
    """Every grant of this right that the person ever had, in force or not, and why it does or does not count."""
    rows: list[Any] = [
        *AreaGroupGrant.objects.filter(group__user=person, permission__codename=codename).select_related(
            "group", "content_object", "granted_by"
        ),
        *AreaUserGrant.objects.filter(user=person, permission__codename=codename).select_related(
            "content_object", "granted_by", "delegated_from"
        ),
    ]
    for row in sorted(rows, key=lambda one: one.content_object.code):
        state, why = _counts(row, codename)
        group = getattr(row, "group", None)
        label = _("%(right)s at %(area)s, %(source)s") % {
            "right": right_label(codename),
            "area": area_path(row.content_object.code) or row.content_object.name,
            "source": _("group “%(name)s”") % {"name": group.name} if group else _("given to the person"),
        }
        yield Step(state, label, why)
    if not rows:
        yield Step(NO, _("No grant of the right “%(right)s”") % {"right": right_label(codename)})


def _counts(row: Any, codename: str) -> tuple[str, str]:
    now, term = clock.now(), _("until %(day)s") % {"day": day(row.valid_to)} if row.valid_to else _("without end")
    by = _("given by %(name)s") % {"name": row.granted_by} if row.granted_by else ""
    lender = getattr(row, "delegated_from", None)
    if row.valid_from > now:
        return NO, _("begins on %(day)s") % {"day": day(row.valid_from)}
    if row.valid_to is not None and row.valid_to <= now:
        return NO, _("ended on %(day)s") % {"day": day(row.valid_to)}
    if is_reserved(codename) and not is_sealed(row):
        return NO, _("the seal is broken: the row was written past the product")
    if lender is not None:
        reach = lendable(lender).get(codename)
        if not may_be_lent(codename) or reach is None or reach.narrowed_to(row.content_object.code).is_nowhere:
            return NO, _("lent by %(name)s, who does not have it here at present") % {"name": lender}
        by = _("lent by %(name)s") % {"name": lender}
    return OK, "，".join(part for part in (term, by) if part)


def _police(person: User, target: Target) -> Iterator[Step]:
    """Only where it could matter: station staff and records of the register."""
    if person.has_duty(Duty.POLICE) or not person.has_duty(Duty.STATION):
        return
    today = clock.today()
    rows = Delegation.objects.filter(valid_from__lte=today).exclude(valid_to__lt=today)
    here = [row for row in rows if covers(row.area_code, target.area_code)]
    if here:
        bases = "；".join(row.basis for row in here)
        yield Step(INFO, _("Police matters are delegated to stations here"), bases)
    else:
        yield Step(INFO, _("No delegation of police matters is in force here"), _("some steps need one"))


def _walls(person: User, target: Target, *, inside: bool) -> Iterator[Step]:
    if target.pk is None or not issubclass(target.model, ScopedModel) or not person.is_active:
        yield Step(OK if inside else NO, _("First wall: the product's own filter"), _("asked for the area"))
        return
    rows: Any = target.model._default_manager.filter(pk=target.pk)
    with scoped_transaction(person):
        first = rows.restrict(person, target.action).exists()
        second = rows.exists()
    yield Step(OK if inside else NO, _("First wall: the product's own filter"), _words(open_=inside))
    yield Step(OK if second else NO, _("Second wall: asked of the database as this person"), _words(open_=second))
    if inside and not first:
        yield Step(NO, _("Both walls together"), _("the second wall hides what the first would show"))


def _fields(person: User, target: Target) -> Iterator[Step]:
    """What the field policy gives of the sensitive fields, at the area of the record."""
    names: dict[Shown, list[str]] = {}
    for column in target.model._meta.concrete_fields:
        if class_of(target.model, column.name) in SENSITIVE:
            level = shown(target.model, column.name, viewer=person, at=target.area_code)
            names.setdefault(level, []).append(str(column.verbose_name))
    if names:
        told = "；".join(f"{LEVELS[level]}{'、'.join(names[level])}" for level in sorted(names, reverse=True))
        yield Step(INFO, _("Sensitive fields, by the field policy"), told)


def _words(*, open_: bool) -> str:
    return _("shows the record") if open_ else _("hides the record")


def _missing(person: User, target: Target, last_wall: str, *, inside: bool) -> str:
    if not person.is_active:
        return _("The account is disabled. A system administrator can enable it.")
    if not inside:
        return _("The right “%(right)s” at %(area)s is missing. These security administrators can give it:") % {
            "right": right_label(target.codename),
            "area": area_path(target.area_code),
        }
    if last_wall == NO:
        return _("The right is there and the database still hides the record. Please report this to the operator.")
    return ""


def _view_of(path: str) -> Any:
    try:
        return getattr(resolve(path.split("?", maxsplit=1)[0]).func, "view_class", None)
    except Resolver404:
        return None


def _from_link(text: str) -> tuple[Model, str, int] | None:
    path = "/" + text.split("//", 1)[-1].partition("/")[2] if "//" in text else text
    try:
        match = resolve(path.split("?")[0].split("#")[0])
    except Resolver404:
        return None
    view = getattr(match.func, "view_class", None)
    model, pk = getattr(view, "model", None), match.kwargs.get("pk")
    if model is None or not isinstance(pk, int) or not getattr(model, "scope_actions", ()):
        return None
    return model, getattr(view, "action", "view"), pk


def _from_number(text: str) -> tuple[Model, str, int] | None:
    """The number of a file or a permit is asked of every kind of record that has numbers."""
    for model in apps.get_models():
        if not issubclass(model, ScopedModel) or not _has_number(model):
            continue
        pk = _asked("SELECT sec.key_to_explain(%s, %s)", model._meta.db_table, text)
        if pk is not None:
            return model, "view", int(pk)
    return None


def _has_number(model: Model) -> bool:
    return any(one.name == "number" and isinstance(one, models.CharField) for one in model._meta.concrete_fields)


def _area_of(model: Model, pk: int) -> str:
    if not any(one.name == "area_code" for one in model._meta.concrete_fields):
        return ""
    return str(_asked("SELECT sec.area_to_explain(%s, %s)", model._meta.db_table, pk) or "")


def _asked(question: str, *values: str | int) -> Any:
    """Administrators see no records: the database answers with a number or an area, inside their own areas alone."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return cursor.fetchone()[0]


def kinds() -> list[tuple[str, str]]:
    """Records that the page offers: (model label, words)."""
    return [
        (model._meta.label, right_label(grant_codename(model, "view")).partition("·")[0])
        for model in apps.get_models()
        if issubclass(model, ScopedModel) and "view" in model.scope_actions
    ]


def actions() -> list[tuple[str, str]]:
    found = {one for model in apps.get_models() if issubclass(model, ScopedModel) for one in model.scope_actions}
    return [(one, str(action_label(one))) for one in sorted(found, key=lambda one: (one != "view", one))]
