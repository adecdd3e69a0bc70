""" "Who looked at my data": what the access log says of one person, told by unit and purpose (PIPL art. 44, F4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.audit.models import AccessEvent
from portal.core import clock
from portal.exchange.models import ProvisionRecord
from portal.exchange.provisions import record_provision
from portal.org.models import User
from privacy.models import SubjectRequest
from privacy.selectors import held_back_from
from privacy.services.requests import open_for_work, printed
from privacy.wording import field_words, purpose_words

LAW = "《个人信息保护法》第四十四条、第四十五条"


@dataclass(frozen=True, slots=True)
class Look:
    """Looks of one day by one unit for one purpose. Names of staff are left out on purpose."""

    day: date
    first: datetime
    last: datetime
    unit: str
    action: str
    purpose: str
    fields: str
    times: int


@dataclass(frozen=True, slots=True)
class AccessSheet:
    """`left_out` is for the log alone: the sheet always carries the same sentence about what may be kept back."""

    request: SubjectRequest
    looks: list[Look]
    events: int
    since: date | None
    left_out: int


@transaction.atomic
def access_sheet(*, request_id: int, actor: User) -> AccessSheet:
    """The sheet for the person of a request whose identity was checked. Making it is itself a look, a record of data
    handed on, a step of the request and, when an investigation keeps rows back, a line of the audit log."""
    request = open_for_work(request_id=request_id, actor=actor)
    person = request.person
    rows = AccessEvent.objects.filter(person_ids__contains=[person.pk])
    held, holds = held_back_from(rows, person)
    kept_back = set(held.values_list("pk", flat=True))
    shown = [
        event
        for event in rows.select_related("actor__department", "actor_unit").order_by("at", "pk")
        if event.pk not in kept_back
    ]
    looks = _by_day(shown)
    audit.access(
        actor=actor, action="print", person_ids=[person.pk], purpose="access_sheet", reason=request.number, row_count=1
    )
    audit.record(
        actor=actor,
        action="privacy.access_sheet",
        target=request,
        shown=len(shown),
        left_out=len(kept_back),
        holds=[hold.pk for hold in holds],
    )
    record_provision(
        form=ProvisionRecord.Form.PAPER,
        title=_("Who looked at my data"),
        recipient_kind=ProvisionRecord.Recipient.PERSON,
        purpose=_("Request of the person %(number)s") % {"number": request.number},
        legal_basis=LAW,
        data_kinds=[_("Record of looks at the data")],
        row_count=len(looks),
        reference=request.number,
        actor=actor,
    )
    printed(request, actor, note=_("Who looked at my data"))
    since = clock.local_date(shown[0].at) if shown else None
    return AccessSheet(request, looks, len(shown), since, len(kept_back))


def _by_day(events: Iterable[AccessEvent]) -> list[Look]:
    """Lists show the same person many times a day: equal looks of a day become one line with their number."""
    grouped: dict[tuple[date, str, str, str, str], list[datetime]] = {}
    for event in events:
        key = (
            clock.local_date(event.at),
            _unit(event),
            str(event.get_action_display()),
            purpose_words(event),
            field_words(event.fields),
        )
        grouped.setdefault(key, []).append(event.at)
    return [Look(key[0], moments[0], moments[-1], *key[1:], times=len(moments)) for key, moments in grouped.items()]


def _unit(event: AccessEvent) -> str:
    unit = event.actor_unit or (event.actor.department if event.actor else None)
    return str(unit) if unit else _("System")
