"""What pages show of a household, and who lived with whom and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from portal.org.models import User
from portal.policy import codes
from residents.models import HEAD, Household, HouseholdAct, HouseholdMember, Permit, Person, Registration
from residents.services.households import books
from residents.services.projection import PersonView, person_view

SHOWN = 50


@dataclass(frozen=True, slots=True)
class BookLine:
    """One person of a book. `since` is the day of joining it, whoever headed it then."""

    person_id: int
    view: PersonView
    relation: str
    is_head: bool
    since: date
    stay: Registration | None
    permit: Permit | None
    needs_guardian: bool
    guardian: PersonView | None
    guardian_note: str

    @property
    def without_guardian(self) -> bool:
        return self.needs_guardian and self.guardian is None and not self.guardian_note


@dataclass(frozen=True, slots=True)
class Together:
    """Somebody who lived at the same door at the same time; `until` is None while both still do."""

    view: PersonView
    address: str
    since: date
    until: date | None


def book_of(person_id: int) -> Household | None:
    line = HouseholdMember.objects.active().filter(person=person_id).select_related("household__dwelling").first()
    return line.household if line else None


def book_lines(book: Household, viewer: User, *, details: bool = True) -> list[BookLine]:
    """The active lines that the viewer may see, the head's first. `details`: with stays and permits, two more queries,
    whatever the size of the household."""
    rows = HouseholdMember.objects.filter(household=book).shown_to(viewer).select_related("person", "guardian")
    every = list(rows.order_by("joined_on", "pk"))
    since: dict[int, date] = {}
    for line in every:
        since.setdefault(line.person_id, line.joined_on)
    active = sorted((line for line in every if line.left_on is None), key=lambda line: (line.relation != HEAD, line.pk))
    people = [line.person_id for line in active]
    stays = books.stays_at(book.dwelling_id, people) if details else {}
    permits = _permits(people, viewer) if details else {}
    return [
        BookLine(
            person_id=line.person_id,
            view=person_view(line.person, viewer=viewer),
            relation=codes.label("relationship", line.relation),
            is_head=line.relation == HEAD,
            since=since[line.person_id],
            stay=stays.get(line.person_id),
            permit=permits.get(line.person_id),
            needs_guardian=books.needs_guardian(line.person),
            guardian=person_view(line.guardian, viewer=viewer) if line.guardian else None,
            guardian_note=line.guardian_note,
        )
        for line in active
    ]


def family_of(person: Person, viewer: User) -> tuple[Household | None, list[BookLine]]:
    """The person's household book and its lines; nothing for somebody who belongs to none."""
    book = book_of(person.pk)
    return book, book_lines(book, viewer, details=False) if book else []


def acts_of(book: Household) -> list[HouseholdAct]:
    rows = HouseholdAct.objects.filter(Q(household=book) | Q(other=book)).select_related("actor", "undone_by")
    return list(rows.order_by("-pk")[:SHOWN])


def lived_with(person: Person, viewer: User) -> list[Together]:
    """Who is or was registered at the same dwelling while this person was, from the intervals of the stays; the newest
    first. A day of moving out is not counted, so people who follow each other at a door did not live together."""
    own = list(Registration.objects.standing().filter(person=person).select_related("dwelling"))
    if not own:
        return []
    rows = Registration.objects.restrict(viewer, "view").standing().filter(_overlapping(own)).exclude(person=person)
    found = []
    for other in rows.select_related("person", "dwelling").order_by("-arrived_on", "-pk")[:SHOWN]:
        mine = next(stay for stay in own if _meet(stay, other))
        ends = [day for day in (mine.left_on, other.left_on) if day is not None]
        found.append(
            Together(
                view=person_view(other.person, viewer=viewer),
                address=other.dwelling.address,
                since=max(mine.arrived_on, other.arrived_on),
                until=min(ends, default=None),
            )
        )
    return sorted(found, key=lambda one: (one.until is not None, -(one.until or one.since).toordinal()))


def relations_at(dwelling_id: int) -> dict[int, str]:
    """What each person of a dwelling is to the head of the household there, in words, by person."""
    rows = HouseholdMember.objects.active().filter(household__dwelling=dwelling_id, household__ended_on=None)
    return {person: codes.label("relationship", code) for person, code in rows.values_list("person_id", "relation")}


def _overlapping(own: Iterable[Registration]) -> Q:
    found = Q(pk__in=[])
    for stay in own:
        meets = Q(dwelling=stay.dwelling_id) & (Q(left_on=None) | Q(left_on__gt=stay.arrived_on))
        found |= meets & Q(arrived_on__lt=stay.left_on) if stay.left_on else meets
    return found


def _meet(mine: Registration, other: Registration) -> bool:
    begins = max(mine.arrived_on, other.arrived_on)
    ends = min((day for day in (mine.left_on, other.left_on) if day is not None), default=date.max)
    return mine.dwelling_id == other.dwelling_id and begins < ends


def _permits(people: Iterable[int], viewer: User) -> dict[int, Permit]:
    """The newest permit of each."""
    rows = Permit.objects.restrict(viewer, "view").filter(person__in=list(people)).order_by("issued_on", "pk")
    return {permit.person_id: permit for permit in rows}
