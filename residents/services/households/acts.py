"""The acts upon household books that a clerk decides: each one transaction, one entry of the log, one event."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import require
from portal.policy.services import rule
from residents.choices import DiscoveredBy, HouseholdActKind
from residents.models import Household, HouseholdAct, HouseholdMember, Person, Registration
from residents.services import moves
from residents.services.households import books
from residents.services.households.books import Lines
from residents.services.households.undoing import take_back

Relations = Mapping[int, str]
"""By person: what the person is to the head, a code of `relationship`."""


@transaction.atomic
def open_book(*, registration_id: int, actor: User) -> Household:
    """A book for somebody who lives alone or with strangers, so that others can join it."""
    stay = Registration.objects.active().select_related("person").get(pk=registration_id)
    require(actor, Household, "change", at=stay.area_code)
    if books.line_of(stay.person_id) is not None:
        raise DomainError(_("The person has a household book already."), code="has_book")
    book = books.new_book(head=stay.person, dwelling_id=stay.dwelling_id, area_code=stay.area_code, on=stay.arrived_on)
    act = books.write_act(book, HouseholdActKind.FORMED, stay.arrived_on, actor)
    books.open_lines(book, [stay.person], {}, act)
    return book


@transaction.atomic
def split(
    *,
    household_id: int,
    people: Iterable[int],
    head: int,
    relations: Relations,
    rest_head: int | None = None,
    rest_relations: Relations | None = None,
    happened_on: date,
    reason: str = "",
    version: int,
    actor: User,
) -> HouseholdAct:
    """`people` (keys of persons) form a book of their own under `head`; the act's `other` is the new one. When the old
    head goes along, `rest_head` heads those who stay and `rest_relations` says what they are to that one."""
    book = books.locked(household_id, version, actor)
    lines = books.lines_of(book)
    books.check_day(happened_on, lines)
    going = _chosen(lines, people)
    staying = [line for line in lines if line not in going]
    if not staying:
        message = _(
            "Everybody would go. Choose only those who form a household of their own, or change the householder."
        )
        raise DomainError(message, field="people", code="everybody")
    new_head = _person_in(going, head, field="head")
    told = books.checked_relations([line.person_id for line in going], head, relations)
    old_head_goes = any(line.person_id == book.head_id for line in going)
    heir = _person_in(staying, rest_head, field="rest_head") if old_head_goes else book.head
    rest = {line.person_id: line.relation for line in staying}
    if old_head_goes:
        rest = books.checked_relations(rest, heir.pk, rest_relations or {})
    books.check_minors(new_head, _others(going, told), reason)
    books.check_minors(heir, _others(staying, rest), reason)
    if old_head_goes:  # nobody heads two books, not even for a moment
        book.head = heir
        books.save(book)
    new = books.new_book(head=new_head, dwelling_id=book.dwelling_id, area_code=book.area_code, on=happened_on)
    act = books.write_act(book, HouseholdActKind.SPLIT, happened_on, actor, other=new, reason=reason)
    books.close_lines(going, act)
    if old_head_goes:
        books.restate(book, staying, heir, rest, act)
    else:
        books.save(book)
    books.open_lines(new, [line.person for line in going], told, act, before=going)
    return act


@transaction.atomic
def join(
    *,
    household_id: int,
    relations: Relations,
    joining_household_id: int | None = None,
    person_id: int | None = None,
    happened_on: date,
    reason: str = "",
    version: int,
    actor: User,
) -> HouseholdAct:
    """A whole book, or one person, comes into this one. They have to be registered at the same dwelling: a join is no
    move. A household that is joined is closed; a person's earlier household goes on without the person."""
    _lock_in_order(household_id, joining_household_id, person_id, actor)
    book = books.locked(household_id, version, actor)
    source, coming = _coming(book, joining_household_id, person_id, actor)
    people = [line.person for line in coming] or list(Person.objects.filter(pk=person_id or 0))
    lines = books.lines_of(book)
    books.check_day(happened_on, [*lines, *coming])
    told = books.checked_relations([person.pk for person in people], book.head_id, relations)
    _require_same_address(book, people)
    kept = [(line.relation, line.person) for line in lines[1:]]
    books.check_minors(book.head, [*kept, *((told[person.pk], person) for person in people)], reason)
    act = books.write_act(book, HouseholdActKind.JOINED, happened_on, actor, other=source, reason=reason)
    books.close_lines(coming, act)
    if source is not None:
        _close_if_empty(source, happened_on)
    books.save(book)
    books.open_lines(book, people, told, act, before=coming)
    return act


@transaction.atomic
def change_head(
    *,
    household_id: int,
    head: int,
    relations: Relations,
    happened_on: date,
    reason: str = "",
    version: int,
    actor: User,
) -> HouseholdAct:
    """`relations` say for everybody, the old head too, what they are to the new one."""
    book = books.locked(household_id, version, actor)
    lines = books.lines_of(book)
    books.check_day(happened_on, lines)
    new = _person_in(lines, head, field="head")
    if new.pk == book.head_id:
        raise DomainError(_("This person heads the household already. Choose somebody else."), field="head")
    told = books.checked_relations([line.person_id for line in lines], head, relations)
    books.check_minors(new, _others(lines, told), reason)
    act = books.write_act(book, HouseholdActKind.HEAD, happened_on, actor, reason=reason)
    books.restate(book, lines, new, told, act)
    return act


@transaction.atomic
def leave(
    *, household_id: int, person_id: int, happened_on: date, reason: str, version: int, actor: User
) -> HouseholdAct:
    """The person stays registered at the dwelling and belongs to no household. A head hands the book over first."""
    book = books.locked(household_id, version, actor)
    lines = books.lines_of(book)
    books.check_day(happened_on, lines)
    (line,) = _chosen(lines, [person_id])
    rest = [one for one in lines if one.person_id != person_id]
    if rest and person_id == book.head_id:
        message = _("The householder cannot leave the book. Change the householder first.")
        raise DomainError(message, field="people", code="is_head")
    if not reason.strip():
        raise DomainError(_("Please say why the person no longer belongs to the household."), field="reason")
    books.check_minors(line.person, [], reason)
    act = books.write_act(book, HouseholdActKind.LEFT, happened_on, actor, reason=reason)
    books.close_lines([line], act)
    if rest:
        books.save(book)
    else:
        books.end(book, happened_on)
    return act


@transaction.atomic
def move(
    *,
    household_id: int,
    dwelling_id: int,
    moved_on: date,
    lodging: str,
    discovered_by: str = DiscoveredBy.PERSON,
    why: str = "",
    version: int,
    actor: User,
) -> Household:
    """Everybody moves, by the service that moves one: the half-year of each goes on counting (Zhejiang art. 16)."""
    book = books.locked(household_id, version, actor)
    stay = Registration.objects.active().get(person_id=book.head_id)
    moves.change_address(
        registration_id=stay.pk,
        dwelling_id=dwelling_id,
        moved_on=moved_on,
        lodging=lodging,
        with_companions=True,
        discovered_by=discovered_by,
        why=why,
        version=stay.version,
        actor=actor,
    )
    return book


@transaction.atomic
def name_guardian(
    *, household_id: int, person_id: int, guardian_id: int | None, note: str = "", version: int, actor: User
) -> HouseholdAct:
    """Who answers for a minor: an adult of the household, or by name somebody who lives elsewhere."""
    book = books.locked(household_id, version, actor)
    lines = books.lines_of(book)
    (line,) = _chosen(lines, [person_id])
    if not books.needs_guardian(line.person):
        raise DomainError(_("Only minors have a guardian."), field="guardian")
    if (guardian_id is None) == (not note.strip()):
        raise DomainError(
            _("Please choose the guardian, or write the name of one who lives elsewhere."), field="guardian"
        )
    if guardian_id is not None:
        guardian = _person_in(lines, guardian_id, field="guardian")
        if not books.is_adult(guardian):
            raise DomainError(_("A guardian has to be of age. Choose an adult."), field="guardian")
    line.guardian_id, line.guardian_note = guardian_id, note.strip()[:60]
    line.save(update_fields=["guardian", "guardian_note"])
    books.save(book)
    return books.write_act(book, HouseholdActKind.GUARDIAN, clock.today(), actor)


@transaction.atomic
def undo_act(*, act_id: int, actor: User) -> HouseholdAct:
    """Take the last act back while nothing was built upon it and the policy window is open. An act that followed a
    line of the change ledger goes back together with that line."""
    act = HouseholdAct.objects.select_for_update(of=("self",)).select_related("household", "other").get(pk=act_id)
    Household.objects.restrict(actor, "change").get(pk=act.household_id)
    if not in_window(act):
        raise DomainError(_("The time for undoing is over. Record a correction instead."), code="too_late")
    if act.change_id:
        moves.undo(change_id=act.change_id, actor=actor)
        act.refresh_from_db()
        return act
    return take_back(act, actor)


def in_window(act: HouseholdAct) -> bool:
    hours = int(rule("undo.registration_hours", area_code=act.household.area_code).value)
    return clock.now() <= act.created_at + timedelta(hours=hours)


def candidates(book: Household, actor: User) -> tuple[list[Household], list[Registration]]:
    """Who could join: the other households of the dwelling, and people there who belong to none."""
    others = Household.objects.restrict(actor, "view").filter(dwelling=book.dwelling_id, ended_on=None)
    stays = Registration.objects.restrict(actor, "view").active().filter(dwelling=book.dwelling_id)
    belonging = HouseholdMember.objects.active().filter(household__dwelling=book.dwelling_id)
    alone = stays.filter(~Q(person__in=belonging.values("person")))
    return list(others.exclude(pk=book.pk).select_related("head")), list(alone.select_related("person"))


def _lock_in_order(household_id: int, joining_id: int | None, person_id: int | None, actor: User) -> None:
    """Two clerks who join two books into each other wait in line instead of for each other."""
    rows = Household.objects.restrict(actor, "change").select_for_update(of=("self",)).order_by("pk")
    of_person = HouseholdMember.objects.active().filter(person=person_id).values("household")
    list(rows.filter(Q(pk__in=[household_id, joining_id or household_id]) | Q(pk__in=of_person)))


def _chosen(lines: Lines, people: Iterable[int]) -> list[HouseholdMember]:
    wanted = set(people)
    found = [line for line in lines if line.person_id in wanted]
    if not found or len(found) != len(wanted):
        raise DomainError(_("Please choose people of this household."), field="people", code="not_in_book")
    return found


def _person_in(lines: Lines, person_id: int | None, *, field: str) -> Person:
    for line in lines:
        if line.person_id == person_id:
            return line.person
    raise DomainError(_("Please choose somebody of these people."), field=field, code="not_in_book")


def _others(lines: Lines, relations: Relations) -> list[tuple[str, Person]]:
    return [(relations[line.person_id], line.person) for line in lines if line.person_id in relations]


def _coming(
    book: Household, joining_household_id: int | None, person_id: int | None, actor: User
) -> tuple[Household | None, list[HouseholdMember]]:
    """The book they come from and their lines; nothing of both for somebody who belonged to none."""
    if (joining_household_id is None) == (person_id is None) or joining_household_id == book.pk:
        raise DomainError(_("Please choose who joins the household."), field="who")
    if person_id is not None:
        line = books.line_of(person_id)
        if line is None:
            return None, []
        if line.household_id == book.pk:
            raise DomainError(_("This person belongs to the household already."), field="who")
        joining_household_id = line.household_id
    source = Household.objects.restrict(actor, "change").get(pk=joining_household_id or 0)
    books.require_open(source)
    lines = books.lines_of(source)
    if person_id is None:
        return source, lines
    if source.head_id == person_id and len(lines) > 1:
        message = _(
            "This person heads another household. Let the whole household join, or change its householder first."
        )
        raise DomainError(message, field="who")
    return source, [line for line in lines if line.person_id == person_id]


def _require_same_address(book: Household, people: Iterable[Person]) -> None:
    keys = [person.pk for person in people]
    if len(books.stays_at(book.dwelling_id, keys)) < len(keys):
        message = _(
            "Only people registered at the address of the household can join. Record the change of address first."
        )
        raise DomainError(message, field="who", code="other_address")


def _close_if_empty(source: Household, on: date) -> None:
    source.version += 1
    if HouseholdMember.objects.active().filter(household=source).exists():
        books.save(source)
    else:
        books.end(source, on)
