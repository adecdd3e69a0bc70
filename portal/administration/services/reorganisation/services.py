"""Planning, releasing and withdrawing: two administrators, one decision (docs/adr/0020)."""

from collections.abc import Mapping
from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.administration.services.reorganisation import rows
from portal.administration.services.reorganisation.tree import Part, Plan, divided, free_code, merged, recoded
from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.models import Job
from portal.jobs.services import enqueue
from portal.org.choices import CODE_LENGTHS
from portal.org.codes import covers
from portal.org.models import Area, AreaChange, AreaChangePart, AreaChangePlace, AreaGroupGrant, User
from portal.org.reorganisation import ChangeKind, ChangeState
from portal.org.scoping import can, require

KIND = "administration.reorganise"
OPEN = (ChangeState.PLANNED, ChangeState.RELEASED)


@transaction.atomic
def plan_merge(*, areas: list[Area], code: str, name: str, effective_on: date, basis: str, actor: User) -> AreaChange:
    """Several areas of one level become one: `code` is that of one of them, or a new one."""
    codes = {area.code for area in areas}
    if len(codes) < 2:  # noqa: PLR2004 - one area is no merge
        raise DomainError(_("Choose at least two areas to merge."), field="areas")
    if len({len(one) for one in codes}) > 1:
        raise DomainError(_("Only areas of one level can be merged."), field="areas")
    _may_plan(codes, actor)
    if code not in codes:
        _check_new_code(code, len(areas[0].code), field="code")
    parts = merged(sorted(codes), code, name, _tree(), _ever())
    return _planned(ChangeKind.MERGE, parts, {}, effective_on=effective_on, basis=basis, actor=actor)


@transaction.atomic
def plan_recode(*, area: Area, code: str, name: str, effective_on: date, basis: str, actor: User) -> AreaChange:
    """A new name, a new code, or a place below another area of the tree: one area stays one area."""
    _may_plan({area.code}, actor)
    kind = ChangeKind.RENAME
    if code != area.code:
        _check_new_code(code, len(area.code), field="code")
        kind = ChangeKind.RENAME if _above(code) == _above(area.code) else ChangeKind.MOVE
    elif name == area.name:
        raise DomainError(_("Neither the name nor the code would change."), field="name")
    return _planned(
        kind, recoded(area.code, code, name, _tree(), _ever()), {}, effective_on=effective_on, basis=basis, actor=actor
    )


@transaction.atomic
def plan_split(
    *,
    area: Area,
    targets: list[tuple[str, str]],
    given: Mapping[str, str],
    places: Mapping[str, str],
    effective_on: date,
    basis: str,
    actor: User,
) -> AreaChange:
    """`targets` are (code, name), the first takes what nobody assigned and may be the area itself.

    `given` assigns the areas directly below, `places` the buildings of dwellings that stand in no area below.
    """
    codes = [code for code, _name in targets]
    if len(set(codes)) < 2:  # noqa: PLR2004 - one part is no split
        raise DomainError(_("A split needs at least two areas with different codes."), field="targets")
    _may_plan({area.code}, actor)
    for code in codes:
        if code != area.code:
            _check_new_code(code, len(area.code), field="targets")
    if {*given.values(), *places.values()} - set(codes):
        raise DomainError(_("Something is assigned to an area that the split does not make."), field="targets")
    parts = divided(area.code, targets, given, _tree(), _ever())
    assigned = {(area.code, place): target for place, target in places.items() if target != codes[0]}
    return _planned(ChangeKind.SPLIT, parts, assigned, effective_on=effective_on, basis=basis, actor=actor)


@transaction.atomic
def release(*, change_id: int, version: int, actor: User) -> AreaChange:
    """By a security administrator who has looked at what becomes of the rights; work starts when the day has come."""
    require(actor, AreaGroupGrant, "change", at=settings.COUNTY_CODE)
    change = _locked(change_id, version)
    if change.state != ChangeState.PLANNED:
        raise DomainError(_("Only a planned re-organisation can be released."), code="wrong_state")
    if change.planned_by_id == actor.pk:
        raise DomainError(_("Whoever planned it cannot release it. A second person has to look at it."))
    check_codes(change)
    told = "；".join(f"{model._meta.verbose_name} {number}" for model, number in rows.clashes(change))
    if told:
        raise DomainError(
            _("The same address stands in more than one of the areas (%(told)s). Please merge those dwellings first.")
            % {"told": told},
            code="clash",
        )
    change.state, change.released_by, change.released_at = ChangeState.RELEASED, actor, clock.now()
    change.version += 1
    change.save(update_fields=["state", "released_by", "released_at", "version"])
    audit.record(actor=actor, action="reorganisation.released", target=change, effective_on=change.effective_on)
    if change.effective_on <= clock.today():
        start(change)
    return change


@transaction.atomic
def withdraw(*, change_id: int, version: int, reason: str, actor: User) -> AreaChange:
    """As long as the work is not done."""
    if not (can(actor, Area, "change", at=settings.COUNTY_CODE) or may_release(actor)):
        raise PermissionDenied
    change = _locked(change_id, version)
    if change.state not in OPEN:
        raise DomainError(_("This re-organisation has ended already."), code="wrong_state")
    if not reason.strip():
        raise DomainError(_("Please say why it is withdrawn."), field="reason")
    change.state, change.withdrawn_for = ChangeState.WITHDRAWN, reason.strip()[:200]
    change.version += 1
    change.save(update_fields=["state", "withdrawn_for", "version"])
    audit.record(actor=actor, action="reorganisation.withdrawn", target=change, reason=change.withdrawn_for)
    return change


def start(change: AreaChange) -> None:
    """Put the work into the queue; the job acts for whoever released the change."""
    assert change.released_by is not None  # noqa: S101 - a constraint of the table
    job = enqueue(kind=KIND, actor=change.released_by, reason=change.basis, change=change.pk)
    change.job = job.pk
    change.save(update_fields=["job"])


@transaction.atomic
def try_again(*, change_id: int, actor: User) -> None:
    """After a failure whose cause is mended. Raises DomainError while the first attempt is still under way."""
    require(actor, AreaGroupGrant, "change", at=settings.COUNTY_CODE)
    change = AreaChange.objects.select_for_update().get(pk=change_id)
    if change.state != ChangeState.RELEASED or change.effective_on > clock.today():
        raise DomainError(_("There is nothing to do again."), code="wrong_state")
    if is_under_way(change):
        raise DomainError(_("The work is still under way."), code="wrong_state")
    start(change)


def is_under_way(change: AreaChange) -> bool:
    job = Job.objects.filter(pk=change.job).first() if change.job else None
    return job is not None and not job.is_final


def may_release(user: User) -> bool:
    return can(user, AreaGroupGrant, "change", at=settings.COUNTY_CODE)


def plan_of(change: AreaChange) -> Plan:
    found = change.parts.all()
    parts = [Part(one.before, one.after, one.name, one.is_rest) for one in found]
    return Plan.over(parts, Area.objects.filter(valid_to=None).values_list("code", flat=True))


def check_codes(change: AreaChange) -> None:
    """Raises DomainError when the tree has changed since the planning."""
    plan = plan_of(change)
    used = set(Area.objects.filter(code__in=plan.begun).values_list("code", flat=True))
    gone = sorted({part.before for part in plan.parts} - plan.live)
    if used or gone:
        raise DomainError(
            _("The tree has changed since the planning (%(codes)s). Please withdraw it and plan it anew.")
            % {"codes": "、".join([*sorted(used), *gone])},
            code="stale",
        )
    roots = [part.before for part in plan.parts]
    tree = {code for code in plan.live if any(covers(root, code) for root in roots)}
    if tree - set(roots):
        raise DomainError(
            _("The tree has changed since the planning (%(codes)s). Please withdraw it and plan it anew.")
            % {"codes": "、".join(sorted(tree - set(roots)))},
            code="stale",
        )


def suggested_code(above: Area) -> str:
    """The next code below an area that was never used; "" when there is none."""
    try:
        return free_code(above.code, _ever())
    except LookupError:
        return ""


def _planned(
    kind: str,
    parts: list[Part],
    places: Mapping[tuple[str, str], str],
    *,
    effective_on: date,
    basis: str,
    actor: User,
) -> AreaChange:
    if not basis.strip():
        raise DomainError(_("Please name the document it rests on."), field="basis")
    if effective_on < clock.today():
        raise DomainError(
            _("The day has passed already. Figures of past days can be shown by both trees."), field="effective_on"
        )
    _refuse_overlap(parts)
    change = AreaChange.objects.create(kind=kind, effective_on=effective_on, basis=basis.strip(), planned_by=actor)
    AreaChangePart.objects.bulk_create(
        AreaChangePart(change=change, before=p.before, after=p.after, name=p.name, is_rest=p.is_rest) for p in parts
    )
    AreaChangePlace.objects.bulk_create(
        AreaChangePlace(change=change, before=before, place=place, after=after)
        for (before, place), after in places.items()
    )
    audit.record(actor=actor, action="reorganisation.planned", target=change, kind=kind, basis=change.basis)
    return change


def _refuse_overlap(parts: list[Part]) -> None:
    """Two open plans for one area would each be made for a tree that the other changes."""
    codes = {part.before for part in parts} | {part.after for part in parts}
    others = AreaChangePart.objects.filter(change__state__in=OPEN)
    if any(other.before in codes or other.after in codes for other in others):
        raise DomainError(
            _("Another open re-organisation speaks of one of these areas. Carry it out or withdraw it first."),
            code="overlap",
        )


def _may_plan(codes: set[str], actor: User) -> None:
    for code in codes:
        require(actor, Area, "change", at=code)
    require(actor, Area, "change", at=settings.COUNTY_CODE)
    if Area.objects.filter(code__in=codes, valid_to=None).count() != len(codes):
        raise DomainError(_("One of the areas is archived already."))


def _check_new_code(code: str, length: int, *, field: str) -> None:
    if not code.isdigit() or len(code) != length or length not in CODE_LENGTHS:
        raise DomainError(_("The new code needs %(length)s digits like the old one.") % {"length": length}, field=field)
    if not Area.objects.filter(code=_above(code), valid_to=None).exists():
        raise DomainError(
            _("There is no area in use with the code %(code)s, below which it would lie.") % {"code": _above(code)},
            field=field,
        )
    if Area.objects.filter(code=code).exists():
        raise DomainError(_("This code is taken. Codes are never used twice."), field=field)


def _above(code: str) -> str:
    lengths = [length for length in sorted(CODE_LENGTHS) if length < len(code)]
    return code[: lengths[-1]] if lengths else ""


def _tree() -> dict[str, str]:
    return dict(Area.objects.filter(valid_to=None).values_list("code", "name"))


def _ever() -> set[str]:
    return set(Area.objects.values_list("code", flat=True))


def _locked(change_id: int, version: int) -> AreaChange:
    change = AreaChange.objects.select_for_update().get(pk=change_id)
    if change.version != version:
        raise DomainError(_("Somebody else changed it meanwhile. Please look at it again."), code="stale")
    return change
