"""The household book follows the register: who arrived together, moved, left and came back.

Called by the services of the register inside their transaction, after the line of the change ledger was written: each
act keeps the line to which it belongs.
"""

from collections.abc import Sequence
from datetime import date

from portal.core import clock
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.walls.context import admit
from residents.choices import ChangeKind, HouseholdActKind
from residents.models import HEAD, Household, HouseholdAct, HouseholdMember, Registration, RegistrationChange
from residents.services.households import books
from residents.services.households.kinship import Kin, propose
from residents.services.households.undoing import take_back

BEGINNINGS = (ChangeKind.ARRIVAL, ChangeKind.RENEWAL)


def arrived(head: Registration, companions: Sequence[Registration], actor: User) -> Household | None:
    """People who came together are a household; somebody who came alone is none until another joins."""
    if not companions:
        return None
    stays, change = [head, *companions], _change_of(head)
    for stay in stays:
        stray = books.line_of(stay.person_id)
        if stray is not None:
            _take_out(stray, clock.today(), HouseholdActKind.LEFT, change, actor)
    on = max(stay.arrived_on for stay in stays)
    book = books.new_book(head=head.person, dwelling_id=head.dwelling_id, area_code=head.area_code, on=on)
    act = books.write_act(book, HouseholdActKind.ARRIVED, on, actor, change=change)
    relations = {stay.person_id: stay.relation for stay in companions}
    books.open_lines(book, [stay.person for stay in stays], relations, act)
    return book


def joined(head: Registration, companions: Sequence[Registration], actor: User) -> HouseholdAct | None:
    """People who came later to somebody registered already, so many as are in no book yet: into the book in which
    `head` stands, or into a new one that `head` heads. None when nobody was left to join.

    `relation` of a companion is to `head`; in a book that somebody else heads it is concluded from both ties, 亲属 or
    非亲属 where nothing follows. The act hangs on no line of the change ledger, so that an import can be taken back.
    """
    fresh = [stay for stay in companions if books.line_of(stay.person_id) is None]
    if not fresh:
        return None
    line = books.line_of(head.person_id)
    on = max(stay.arrived_on for stay in (head, *fresh))
    people = [stay.person for stay in fresh]
    if line is None:
        book = books.new_book(head=head.person, dwelling_id=head.dwelling_id, area_code=head.area_code, on=on)
        relations = {stay.person_id: stay.relation for stay in fresh}
        people.insert(0, head.person)
    else:
        book = _book_of(line)
        admit(person=book.head_id)
        relations = {stay.person_id: _relation(stay, line, book) for stay in fresh}
        book.version += 1
        books.save(book)
    act = books.write_act(book, HouseholdActKind.ARRIVED, max(on, book.formed_on), actor)
    books.open_lines(book, people, relations, act)
    return act


def _relation(stay: Registration, line: HouseholdMember, book: Household) -> str:
    """What somebody is to the head of the book, who is what to the person of `line`."""
    if line.person_id == book.head_id:
        return stay.relation
    middle, first = Kin(HEAD, line.person.sex, line.person.birth_date), book.head
    back = propose(head=books.kin_of(line), other=Kin(HEAD, first.sex, first.birth_date), old_head=middle)
    theirs = Kin(stay.relation, stay.person.sex, stay.person.birth_date)
    return propose(head=Kin(back.code, first.sex, first.birth_date), other=theirs, old_head=middle).code


def companions_of(person_id: int) -> list[int]:
    """Whom somebody takes along: the head of a household everybody in it, anybody else nobody."""
    book = Household.objects.filter(head_id=person_id, ended_on=None).first()
    if book is None:
        return []
    lines = HouseholdMember.objects.active().filter(household=book).exclude(person_id=person_id)
    return list(lines.order_by("pk").values_list("person_id", flat=True))


def moved(stays: Sequence[Registration], actor: User) -> None:
    """`stays` are the new ones. A whole household takes its book along; whoever moves alone leaves it."""
    first = books.line_of(stays[0].person_id)
    if first is None:
        return
    book, change = _book_of(first), _change_of(stays[0])
    went = {stay.person_id for stay in stays}
    if any(line.person_id not in went for line in books.lines_of(book)):
        for stay in reversed(stays):
            line = books.line_of(stay.person_id)
            if line is not None:
                _take_out(line, stay.arrived_on, HouseholdActKind.LEFT, change, actor)
        return
    admit(person=book.head_id)
    book.dwelling, book.area_code = stays[0].dwelling, stays[0].area_code
    book.version += 1
    books.save(book)
    books.write_act(book, HouseholdActKind.MOVED, stays[0].arrived_on, actor, change=change)


def departed(stay: Registration, actor: User) -> None:
    line = books.line_of(stay.person_id)
    if line is not None and stay.left_on is not None:
        _take_out(line, stay.left_on, HouseholdActKind.LEFT, _change_of(stay), actor)


def came_back(stay: Registration, actor: User) -> None:
    """Into the same household, if it stands as it stood; otherwise somebody has to say where the person belongs."""
    left = HouseholdAct.objects.filter(change__registration=stay, change__kind=ChangeKind.DEPARTURE, undone_by=None)
    act = left.select_related("household", "other").order_by("-pk").first()
    if act is None or books.line_of(stay.person_id) is not None:
        return
    try:
        take_back(act, actor)
    except DomainError:
        _join_again(stay, act, actor)


def taken_back(steps: Sequence[RegistrationChange], actor: User) -> None:
    """Lines of the change ledger were undone. Raises DomainError when the household was changed since."""
    for step in steps:
        if step.kind == ChangeKind.DEPARTURE:
            came_back(step.registration, actor)
            continue
        acts = HouseholdAct.objects.filter(change=step, undone_by=None).select_related("household", "other")
        for act in acts.order_by("-pk"):
            take_back(act, actor)
    for step in steps:
        line = books.line_of(step.person_id) if step.kind in BEGINNINGS else None
        if line is not None:
            _take_out(line, line.joined_on, HouseholdActKind.LEFT, None, actor)


def _join_again(stay: Registration, act: HouseholdAct, actor: User) -> None:
    book, today = act.household, clock.today()
    former = act.ended.filter(person_id=stay.person_id).first()
    if former is None or book.ended_on is not None or book.dwelling_id != stay.dwelling_id:
        return
    heads = HouseholdMember.objects.active().filter(household=book, person_id=book.head_id)
    if not heads.filter(joined_on__lte=former.joined_on).exists():
        return  # somebody else heads the book now; nobody has said what the person is to that one
    back = books.write_act(book, HouseholdActKind.RETURNED, today, actor)
    books.open_lines(book, [stay.person], {stay.person_id: former.relation}, back, before=[former])


def _take_out(line: HouseholdMember, on: date, kind: str, change: RegistrationChange | None, actor: User) -> None:
    """The rest goes on under the spouse or the oldest; the last one closes the book."""
    book = _book_of(line)
    lines = books.lines_of(book)
    rest = [one for one in lines if one.person_id != line.person_id]
    for one in rest:
        admit(person=one.person_id)
    book.version += 1
    act = books.write_act(book, kind, max(on, line.joined_on), actor, change=change)
    if not rest:
        books.close_lines([line], act)
        books.end(book, act.happened_on)
    elif line.person_id != book.head_id:
        books.close_lines([line], act)
        books.save(book)
    else:
        heir = books.successor(rest)
        told = {person: one.code for person, one in books.proposals(lines, heir).items()}
        books.close_lines([line], act)
        books.restate(book, rest, heir.person, told, act)


def _change_of(stay: Registration) -> RegistrationChange | None:
    return RegistrationChange.objects.filter(registration=stay).order_by("-pk").first()


def _book_of(line: HouseholdMember) -> Household:
    rows = Household.objects.select_for_update(of=("self",)).select_related("dwelling", "head")
    book: Household = rows.get(pk=line.household_id)
    return book
