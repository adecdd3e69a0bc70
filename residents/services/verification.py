"""What is seen at the door of one registered person: still here, moved, left, nobody home."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy.services import rule
from residents.choices import SuspectedBy, VisitResult
from residents.models import Registration, Visit, VisitTask
from residents.workflow import REGISTRATION_WORKFLOW

LOOKED_UP = ("verified_on", "verified_result", "suspected_on", "suspected_by")


@transaction.atomic
def verify(
    *,
    registration_id: int,
    result: str,
    note: str = "",
    hint: bool = False,
    task: VisitTask | None = None,
    in_bulk: bool = False,
    actor: User,
) -> Visit:
    """Record the visit. It ends nothing: after `left` or `moved` the clerk deregisters or changes the address.

    `nobody home` leaves the day of the last verification as it was, so that the stay still counts as unverified. After
    `verify.failed_visits` of them on different days, or at once with a `hint` of a landlord or neighbour, the person
    seems to have left (`Registration.suspected_on`). Pass `in_bulk` for what was read from a file; answers at more
    doors than anybody reaches in the time (`visit.rapid_doors`) are marked so by themselves. No rate counts those.
    """
    rows = Registration.objects.restrict(actor, "verify").select_for_update(of=("self",))
    registration = rows.get(pk=registration_id)
    REGISTRATION_WORKFLOW.target("verify", status=registration.status, status_label=registration.get_status_display())
    if result not in VisitResult.values:
        raise DomainError(_("Please choose one of the offered entries."), field="result")
    visit = Visit.objects.create(
        registration=registration,
        person_id=registration.person_id,
        area_code=registration.area_code,
        visited_on=clock.today(),
        result=result,
        note=note.strip()[:200],
        visitor=actor,
        task=task,
        in_bulk=in_bulk or _faster_than_walking(registration, actor),
        before={name: _plain(getattr(registration, name)) for name in LOOKED_UP},
    )
    _look_up(registration, result, hint=hint)
    audit.record(actor=actor, action="registration.verified", target=registration, result=result)
    return visit


@transaction.atomic
def suspect(*, registration_id: int, reason: str, actor: User) -> Registration:
    """Somebody outside says that the person is gone (a landlord's report, a returned letter). A question, no end."""
    registration = (
        Registration.objects.restrict(actor, "verify").select_for_update(of=("self",)).get(pk=registration_id)
    )
    REGISTRATION_WORKFLOW.target("verify", status=registration.status, status_label=registration.get_status_display())
    if not reason.strip():
        raise DomainError(_("Please say who told that the person has left."), field="reason")
    if registration.suspected_on is None:
        registration.suspected_on, registration.suspected_by = clock.today(), SuspectedBy.HINT
        registration.save(update_fields=["suspected_on", "suspected_by"])
        audit.record(actor=actor, action="registration.suspected", target=registration, reason=reason.strip()[:200])
    return registration


def misses_of(registration: Registration) -> int:
    """Days on which nobody opened, since the person was last met."""
    answers = Visit.objects.filter(registration=registration, undone_at=None)
    met = answers.exclude(result=VisitResult.ABSENT).order_by("-pk").values_list("pk", flat=True).first() or 0
    return answers.filter(pk__gt=met, result=VisitResult.ABSENT).values("visited_on").distinct().count()


def put_back(visit: Visit) -> None:
    """The stay says again what it said before the visit."""
    registration = Registration.objects.select_for_update(of=("self",)).get(pk=visit.registration_id)
    for name in LOOKED_UP:
        value = visit.before.get(name) or ""
        setattr(registration, name, (date.fromisoformat(value) if value else None) if name.endswith("_on") else value)
    registration.save(update_fields=list(LOOKED_UP))


def _look_up(registration: Registration, result: str, *, hint: bool) -> None:
    registration.verified_result = result
    if result != VisitResult.ABSENT:
        registration.verified_on = clock.today()
        registration.suspected_on, registration.suspected_by = None, ""
    elif registration.suspected_on is None:
        tries = int(rule("verify.failed_visits", area_code=registration.area_code).value)
        if hint or misses_of(registration) >= tries:
            registration.suspected_on = clock.today()
            registration.suspected_by = SuspectedBy.HINT if hint else SuspectedBy.MISSED
    registration.save(update_fields=list(LOOKED_UP))


def _faster_than_walking(registration: Registration, actor: User) -> bool:
    seconds, doors = (int(rule(f"visit.rapid_{name}").value) for name in ("seconds", "doors"))
    recent = Visit.objects.filter(visitor=actor, created_at__gt=clock.now() - timedelta(seconds=seconds))
    others = recent.exclude(registration__dwelling=registration.dwelling_id)
    return others.values("registration__dwelling").distinct().count() + 1 >= doors


def _plain(value: date | str | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""
