"""When the State Council's notice arrives, open due dates are counted again by the rule each file began with."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from portal.audit import services as audit
from portal.core import clock
from portal.org.models import User
from portal.policy.services import add_term
from portal.policy.working_days import is_provisional
from residents.choices import ApplicationStatus
from residents.models import PermitApplication

OPEN = [ApplicationStatus.ACCEPTED, ApplicationStatus.REVIEWED]


@transaction.atomic
def recount_due_dates(*, year: int, actor: User) -> list[tuple[str, date, date]]:
    """(file number, old, new) of every open file whose clock touches `year` and whose due date moved.

    Files that waited for their applicant keep their date: the pause was counted by the calendar of its time.
    """
    touched = Q(due_on__year=year) | Q(accepted_at__year=year)
    moved = []
    for application in PermitApplication.objects.select_for_update(of=("self",)).filter(touched, status__in=OPEN):
        rule = application.due_rule
        if application.accepted_at is None or application.due_on is None or "paused_days" in rule:
            continue
        due = add_term(clock.local_date(application.accepted_at), int(float(str(rule["value"]))), str(rule["unit"]))
        if due == application.due_on:
            continue
        before, application.due_on = application.due_on, due
        application.due_rule = {**rule, "provisional": is_provisional(due)}
        application.save(update_fields=["due_on", "due_rule"])
        audit.record(actor=actor, action="due_date_recounted", target=application, before=before, after=due)
        moved.append((application.number, before, due))
    return moved
