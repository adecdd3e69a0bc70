"""A family of four with its household book, and what always holds of books."""

from datetime import date

from residents.models import HEAD, Household, HouseholdMember, Registration
from residents.services.households import acts
from tests.factories.residents import PersonFactory, RegistrationFactory

TODAY = date(2026, 11, 20)


def living(home, name, born, sex="1", **more):
    person = PersonFactory.create(name=name, birth_date=born, sex=sex, area_code=home.area_code)
    return RegistrationFactory.create(person=person, dwelling=home, arrived_on=date(2026, 3, 1), **more)


class Family:
    """Stays of the four and their book."""

    def __init__(self, home):
        self.father = living(home, "赵小禾", date(1988, 6, 15))
        self.mother = living(home, "李秀英", date(1990, 2, 3), sex="2", head=self.father, relation="12")
        self.son = living(home, "赵一诺", date(2015, 9, 1), head=self.father, relation="20")
        self.grandpa = living(home, "赵老伯", date(1958, 1, 9), head=self.father, relation="51")
        self.book = Household.objects.get(head=self.father.person)

    def told(self, book=None):
        """{name: relation} of a book's active lines."""
        lines = HouseholdMember.objects.active().filter(household=book or self.book).select_related("person")
        return {line.person.name: line.relation for line in lines}

    def again(self):
        self.book.refresh_from_db()
        return self.book.version


BEFORE = {"赵小禾": HEAD, "李秀英": "12", "赵一诺": "20", "赵老伯": "51"}


def keys(*stays):
    return [one.person_id for one in stays]


def split_off_mother(family, clerk, **more):
    given = {
        "people": keys(family.mother, family.son),
        "head": family.mother.person_id,
        "relations": {family.son.person_id: "20"},
        "happened_on": date(2026, 11, 10),
        "version": family.again(),
    }
    return acts.split(household_id=family.book.pk, actor=clerk, **(given | more))


def check_invariants():
    """Nobody in two books; every open book has exactly its head as 户主; everybody lives at the door of the book."""
    active = HouseholdMember.objects.active().select_related("household")
    people = [line.person_id for line in active]
    assert len(people) == len(set(people))
    for book in Household.objects.all():
        lines = [line for line in active if line.household_id == book.pk]
        heads = [line.person_id for line in lines if line.relation == HEAD]
        assert heads == ([book.head_id] if book.ended_on is None else [])
        doors = Registration.objects.active().filter(person__in=[line.person_id for line in lines])
        assert {door.dwelling_id for door in doors} <= {book.dwelling_id}
        assert doors.count() == len(lines)
