"""A given name that hundreds of people of a township have: the box shows the closest and newest all the same."""

from datetime import timedelta

import pytest
from django.db import connection

from portal.core import clock
from portal.org.walls.context import scoped_transaction
from portal.vault.blind import blind_index
from residents.models import Dwelling, Person, Registration
from residents.palette import find_people
from tests.factories.org import AreaFactory
from tests.factories.residents import PersonFactory

pytestmark = pytest.mark.django_db
HERE, FAR = "330822001001", "330822002001"
FREQUENT = 420


@pytest.fixture
def clerk(staff):
    for code in ("3308", HERE[:6], HERE[:9], HERE, FAR[:9], FAR):
        AreaFactory.create(code=code)
    user = staff(Registration, "view", at=HERE[:9])
    staff(Person, "view", at=HERE[:9], user=user)
    return staff(Dwelling, "view", at=HERE[:9], user=user)


def called(name: str, age: int, *, area: str = HERE, first: int = 1, count: int = 1) -> list[Person]:
    """So many people of one name; the first was changed `age` days ago, each further one a minute earlier."""
    model = PersonFactory.build(name=name, area_code=area)
    people = []
    for number in range(count):
        key = blind_index("person.document", f"{name} {area} {first + number}")
        values = {f.attname: getattr(model, f.attname) for f in Person._meta.concrete_fields if not f.generated}
        people.append(Person(**values | {"id": None, "document_index": key, "phone_index": None}))
    Person.objects.bulk_create(people)
    day = clock.now() - timedelta(days=age)
    with connection.cursor() as cursor:
        for place, person in enumerate(people):
            cursor.execute(
                "UPDATE residents_person SET updated_at = %s WHERE id = %s", [day - timedelta(minutes=place), person.pk]
            )
    return people


def found(clerk, typed: str) -> list[str]:
    with scoped_transaction(clerk):
        return [hit.url for hit in find_people(clerk, typed, 5)]


def test_the_exact_name_and_names_that_begin_so_come_before_the_newest_of_hundreds(clerk):
    newest = called("李伟", 1, count=FREQUENT)
    [exact], [begins] = called("伟", 900), called("伟强", 800)
    called("赵伟", 0, area=FAR)
    expected = [exact, begins, *newest[:3]]
    assert found(clerk, "伟") == [person.get_absolute_url() for person in expected]


def test_of_hundreds_whose_name_begins_so_the_newest_come_first(clerk):
    newest = called("王强", 2, count=FREQUENT)
    [latest] = called("王伟", 1)
    assert found(clerk, "王") == [person.get_absolute_url() for person in [latest, *newest[:4]]]


def test_of_hundreds_of_one_name_the_newest_come_first(clerk):
    newest = called("王强", 2, count=FREQUENT)
    called("王强生", 0)
    assert found(clerk, "王强") == [person.get_absolute_url() for person in newest[:5]]


def test_people_whose_data_may_only_be_stored_are_not_among_the_newest(clerk):
    newest = called("李伟", 1, count=FREQUENT)
    Person.objects.filter(pk__in=[one.pk for one in newest[:12]]).update(restricted_on=clock.today())
    assert found(clerk, "伟") == [person.get_absolute_url() for person in newest[12:17]]
