"""Questions that pages and services ask of requests, consents and holds."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.models import AccessEvent
from portal.core import clock
from portal.org.models import User
from portal.policy.services import add_term, rule
from portal.policy.working_days import workdays_between
from privacy.choices import ConsentStatus, StepKind
from privacy.models import Consent, LegalHold, ProcessingActivity, SubjectRequest
from privacy.workflow import OPEN
from residents.models import Person, PersonCorrection

MINE, SOON, ALL_OPEN, CLOSED = "mine", "soon", "open", "closed"


@dataclass(frozen=True, slots=True)
class RequestClock:
    words: str
    tone: str
    percent: int


def pile(key: str, user: User) -> Q:
    """The rows of one tab of the queue."""
    if key == MINE:
        return Q(status__in=OPEN, handler=user)
    if key == SOON:
        return Q(status__in=OPEN, due_on__lte=_soon_until())
    if key == CLOSED:
        return ~Q(status__in=OPEN)
    return Q(status__in=OPEN)


def clock_of(request: SubjectRequest) -> RequestClock:
    """Working days left; costs no query in a list, rules and calendar are cached."""
    if not request.is_open:
        return RequestClock(str(request.get_status_display()), "done", 100)
    today = clock.today()
    if today > request.due_on:
        late = max(1, workdays_between(request.due_on, today))
        words = ngettext("%(count)s day over", "%(count)s days over", late) % {"count": late}
        return RequestClock(words, "bad", 100)
    left = workdays_between(today, request.due_on)
    whole = max(1, workdays_between(request.received_on, request.due_on))
    tone = "warn" if request.due_on <= _soon_until() else "ok"
    words = ngettext("%(count)s day left", "%(count)s days left", left) % {"count": left} if left else _("due today")
    return RequestClock(words, tone, min(100, max(0, 100 * (whole - left) // whole)))


def _soon_until() -> date:
    from_rule = rule("permit.due_soon_days")
    return add_term(clock.today(), int(from_rule.value), from_rule.unit)


def corrected_since(request: SubjectRequest) -> bool:
    rows = PersonCorrection.objects.filter(person_id=request.person_id, created_at__gte=request.created_at)
    return rows.filter(Q(change=None) | Q(change__undone_by=None)).exists()


def printed_since(request: SubjectRequest) -> bool:
    return request.steps.filter(kind=StepKind.PRINTED).exists()


def consents_of(person: Person, viewer: User) -> QuerySet[Consent]:
    rows = Consent.objects.restrict(viewer, "view").filter(person=person)
    return rows.select_related("activity", "recorded_by")


def may_be_asked(person: Person, activity: ProcessingActivity) -> bool:
    """Not again after a refusal or withdrawal of the same purpose (Network Data Regulations art. 22, digest P17)."""
    rows = Consent.objects.filter(person=person, activity=activity, purpose=activity.purpose)
    return activity.needs_consent and not rows.exists()


def has_consented(person: Person, activity: ProcessingActivity) -> bool:
    """To the purpose as it stands today: after a change of purpose the old word no longer counts (P6)."""
    return Consent.objects.filter(
        person=person, activity=activity, purpose=activity.purpose, status=ConsentStatus.GIVEN
    ).exists()


def holds_in_force() -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(lifted_on=None)


def held_back_from(rows: QuerySet[AccessEvent], person: Person) -> tuple[QuerySet[AccessEvent], list[LegalHold]]:
    """Access rows that an investigation keeps from the person, and the holds that do so."""
    matching = Q(pk__in=[])
    applied = []
    for hold in holds_in_force().filter(Q(person=None) | Q(person=person)):
        span = Q(at__date__gte=hold.since)
        if hold.until:
            span &= Q(at__date__lte=hold.until)
        if hold.account_id:
            span &= Q(actor_id=hold.account_id)
        matching |= span
        applied.append(hold)
    return rows.filter(matching), applied


def activities_on(day: date) -> QuerySet[ProcessingActivity]:
    return ProcessingActivity.objects.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


def open_requests(person: Person, viewer: User) -> QuerySet[SubjectRequest]:
    return SubjectRequest.objects.restrict(viewer, "view").filter(person=person, status__in=OPEN)
