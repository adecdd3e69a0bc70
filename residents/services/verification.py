"""One tap at the door: still here, moved, left, nobody home."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from residents.choices import VisitResult
from residents.models import Registration, Visit
from residents.workflow import REGISTRATION_WORKFLOW


@transaction.atomic
def verify(*, registration_id: int, result: str, note: str = "", actor: User) -> Visit:
    """Record the visit. It ends nothing: after `left` or `moved` the clerk deregisters or changes the address.

    `nobody home` leaves the day of the last verification as it was, so that the stay still counts as unverified.
    """
    rows = Registration.objects.restrict(actor, "verify").select_for_update(of=("self",))
    registration = rows.get(pk=registration_id)
    REGISTRATION_WORKFLOW.target("verify", status=registration.status, status_label=registration.get_status_display())
    if result not in VisitResult.values:
        raise DomainError(_("Please choose one of the offered entries."), field="result")
    today = clock.today()
    registration.verified_result = result
    if result != VisitResult.ABSENT:
        registration.verified_on = today
    registration.save(update_fields=["verified_result", "verified_on"])
    visit = Visit.objects.create(
        registration=registration,
        person_id=registration.person_id,
        area_code=registration.area_code,
        visited_on=today,
        result=result,
        note=note.strip()[:200],
        visitor=actor,
    )
    audit.record(actor=actor, action="registration.verified", target=registration, result=result)
    return visit
