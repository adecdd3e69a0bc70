"""The writing of household books: lines that begin and end, heads, the mark that each act leaves. Decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _

from portal.audit import services as audit
from portal.core import clock
from portal.core.errors import DomainError
from portal.events import bus
from portal.org.models import User
from portal.policy.services import rule
from residents.events import HouseholdChanged
from residents.models import HEAD, Household, HouseholdAct, HouseholdMember, Person, Registration, RegistrationChange
from residents.services.code_fields import require_code
from residents.services.guardians import age_on, require_guardian
from residents.services.households.kinship import Kin, Proposal, propose
from residents.services.versions import require_version

Lines = Sequence[HouseholdMember]


def locked(household_id: int, version: int, actor: User) -> Household:
    """Raises StaleRecordError when somebody else has written in the book since the form was opened. The version goes
    up; the caller saves it."""
    rows = Household.objects.restrict(actor, "change").select_for_update(of=("self",))
    book: Household = rows.select_related("dwelling").get(pk=household_id)
    require_version(book, version)
    require_open(book)
    return book


def require_open(book: Household) -> None:
    if book.ended_on is not None:
        raise DomainError(_("This household book is closed. Open the book in which the people are now."), code="ended")


def lines_of(book: Household) -> list[HouseholdMember]:
    """The active lines, the head's first, then in the order in which they were written."""
    rows = HouseholdMember.objects.active().filter(household=book).select_related("person").order_by("pk")
    return sorted(rows, key=lambda line: line.person_id != book.head_id)


def line_of(person_id: int) -> HouseholdMember | None:
    rows = HouseholdMember.objects.active().select_for_update(of=("self",))
    return rows.select_related("person").filter(person_id=person_id).first()


def kin_of(line: HouseholdMember) -> Kin:
    return Kin(line.relation, line.person.sex, line.person.birth_date)


def proposals(lines: Lines, head: HouseholdMember) -> dict[int, Proposal]:
    """By person: what the others of the book would be to `head`. The first of `lines` heads it now."""
    old = next((kin_of(line) for line in lines if line.relation == HEAD), kin_of(head))
    return {
        line.person_id: propose(head=kin_of(head), other=kin_of(line), old_head=old)
        for line in lines
        if line.person_id != head.person_id
    }


def checked_relations(people: Iterable[int], head: int, relations: Mapping[int, str]) -> dict[int, str]:
    """A relation for each but the head. Raises DomainError at the field "relation_<person>"."""
    found = {}
    for person_id in people:
        if person_id == head:
            continue
        code = relations.get(person_id, "")
        if code in ("", HEAD):
            raise DomainError(_("Please choose the relation to the householder."), field=f"relation_{person_id}")
        found[person_id] = require_code("relationship", code, field=f"relation_{person_id}")
    return found


def check_day(day: date, lines: Lines, *, field: str = "happened_on") -> None:
    if day > clock.today():
        raise DomainError(_("The date lies in the future. Record it when it has happened."), field=field)
    latest = max((line.joined_on for line in lines), default=day)
    if day < latest:
        message = _("The date lies before the last entry of the household book, %(day)s.")
        raise DomainError(message % {"day": latest.isoformat()}, field=field)


def check_minors(head: Person, others: Iterable[tuple[str, Person]], reason: str) -> None:
    """No act leaves children without somebody who answers for them, unless the reason explains it (Zhejiang art. 7)."""
    try:
        require_guardian(
            head_born=head.birth_date,
            companions=[(relation, person.birth_date) for relation, person in others],
            explanation=reason,
            on=clock.today(),
        )
    except DomainError as error:
        message = _("Children would be left without a guardian in the household. Explain in the reason who cares.")
        raise DomainError(message, field="reason", code=error.code) from error


def write_act(
    book: Household,
    kind: str,
    happened_on: date,
    actor: User,
    *,
    other: Household | None = None,
    reason: str = "",
    change: RegistrationChange | None = None,
) -> HouseholdAct:
    """One act, one entry of the audit log, one event."""
    act = HouseholdAct.objects.create(
        household=book,
        other=other,
        kind=kind,
        happened_on=happened_on,
        reason=reason.strip()[:200],
        change=change,
        actor=actor,
    )
    audit.record(
        actor=actor,
        action=f"household.{kind}",
        target=book,
        act=act.pk,
        other=other.pk if other else None,
        reason=act.reason,
    )
    bus.publish(
        HouseholdChanged(
            household_id=book.pk, other_id=other.pk if other else None, kind=kind, area_code=book.area_code
        )
    )
    return act


def new_book(*, head: Person, dwelling_id: int, area_code: str, on: date) -> Household:
    return Household.objects.create(area_code=area_code, dwelling_id=dwelling_id, head=head, formed_on=on)


def close_lines(lines: Lines, act: HouseholdAct) -> None:
    """A line that began after the day of the act never counted."""
    for line in lines:
        line.left_on = max(act.happened_on, line.joined_on)
        line.ended_by = act
        line.save(update_fields=["left_on", "ended_by"])


def open_lines(
    book: Household,
    people: Iterable[Person],
    relations: Mapping[int, str],
    act: HouseholdAct,
    *,
    before: Lines = (),
) -> None:
    """One line a person, the head's with 户主. Guardians of the lines `before` stay; a minor without one gets the head
    when the two are related and the head is of age."""
    known = {line.person_id: line for line in before}
    for person in people:
        relation = HEAD if person.pk == book.head_id else relations[person.pk]
        former = known.get(person.pk)
        named = former is not None and (former.guardian_id or former.guardian_note)
        HouseholdMember.objects.create(
            household=book,
            person=person,
            relation=relation,
            joined_on=max(act.happened_on, former.left_on) if former and former.left_on else act.happened_on,
            guardian_id=former.guardian_id if former and named else _guardian(book, person, relation),
            guardian_note=former.guardian_note if former else "",
            begun_by=act,
        )


def restate(book: Household, lines: Lines, head: Person, relations: Mapping[int, str], act: HouseholdAct) -> None:
    """Everybody's line begins anew under `head`."""
    close_lines(lines, act)
    book.head = head
    save(book)
    open_lines(book, [line.person for line in lines], relations, act, before=lines)


def save(book: Household) -> None:
    book.save(update_fields=["head", "dwelling", "area_code", "ended_on", "version"])


def end(book: Household, on: date) -> None:
    book.ended_on = max(on, book.formed_on)
    save(book)


def needs_guardian(person: Person) -> bool:
    return age_on(person.birth_date, clock.today()) < int(rule("registration.guardian_below_age").value)


def is_adult(person: Person) -> bool:
    return age_on(person.birth_date, clock.today()) >= int(rule("register.adult_age").value)


def stays_at(dwelling_id: int, people: Iterable[int]) -> dict[int, Registration]:
    """The active stays of these people at this dwelling."""
    rows = Registration.objects.active().filter(dwelling_id=dwelling_id, person_id__in=list(people))
    return {stay.person_id: stay for stay in rows.select_related("person")}


def _guardian(book: Household, person: Person, relation: str) -> int | None:
    related = person.pk != book.head_id and relation != "99"
    return book.head_id if related and needs_guardian(person) and is_adult(book.head) else None


def successor(lines: Lines) -> HouseholdMember:
    """Who heads the book when the head has gone and nobody was asked: the spouse, else the oldest."""
    spouses = ("10", "11", "12")
    return min(lines, key=lambda line: (line.relation not in spouses, line.person.birth_date, line.pk))
