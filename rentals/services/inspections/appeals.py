"""An appeal against the grade of a house: written down for whoever answers for it, decided with a reason in time."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.policy.services import due_on, rule
from rentals.choices import AppealStatus, Grade
from rentals.models import GradeAppeal, HouseGrade
from residents.services.versions import require_version

TEXT = 200


@transaction.atomic
def appeal(*, house_id: int, asked_by: str, reason: str, actor: User) -> GradeAppeal:
    """Open an appeal. Raises DomainError(code="open") while another one waits."""
    house = HouseGrade.objects.restrict(actor, "record").select_for_update(of=("self",)).get(pk=house_id)
    if not asked_by.strip():
        raise DomainError(_("Please enter who appeals."), field="asked_by")
    if not reason.strip():
        raise DomainError(_("Please say what is wrong about the grade."), field="reason")
    today = clock.today()
    row = GradeAppeal(
        house=house,
        asked_by=asked_by.strip()[:80],
        reason=reason.strip()[:TEXT],
        due_on=due_on(today, "house_grade.appeal_days", area_code=house.area_code),
        recorded_by=actor,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(_("An appeal against this grade waits for its decision already."), code="open") from error
    audit.record(actor=actor, action="grade.appealed", target=house)
    return row


@transaction.atomic
def decide(*, appeal_id: int, set_grade: str, answer: str, version: int, actor: User) -> GradeAppeal:
    """`set_grade` "" refuses; a grade grants the appeal: it holds for `house_grade.appeal_valid_days`."""
    found = GradeAppeal.objects.select_for_update(of=("self",)).get(
        pk=appeal_id, house__in=HouseGrade.objects.restrict(actor, "review")
    )
    row: GradeAppeal = require_version(found, version)
    if row.status != AppealStatus.OPEN:
        raise DomainError(_("This appeal is decided already."), code="wrong_state")
    if row.recorded_by_id == actor.pk:
        raise DomainError(_("Somebody else has to decide: you wrote the appeal down."), code="own")
    if not answer.strip():
        raise DomainError(_("Please give the reason of the decision: the appellant is told."), field="answer")
    if set_grade and set_grade not in Grade.values:
        raise DomainError(_("Please choose a grade."), field="set_grade")
    row.status = AppealStatus.GRANTED if set_grade else AppealStatus.REFUSED
    row.set_grade, row.answer = set_grade, answer.strip()[:TEXT]
    row.decided_on, row.decided_by = clock.today(), actor
    row.save()
    if set_grade:
        house = HouseGrade.objects.select_for_update(of=("self",)).get(pk=row.house_id)
        days = int(rule("house_grade.appeal_valid_days", area_code=house.area_code).value)
        house.set_grade, house.set_until = set_grade, clock.today() + timedelta(days=days)
        house.version += 1
        house.save(update_fields=["set_grade", "set_until", "version"])
    audit.record(actor=actor, action="grade.decided", target=row.house, status=row.status)
    return row
