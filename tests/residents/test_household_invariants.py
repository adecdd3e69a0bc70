"""Whatever clerks do to households, and whoever is faster: nobody in two books, every book with its head."""

import random
import threading
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from portal.core.errors import DomainError, StaleRecordError
from residents.choices import Sex
from residents.models import HEAD, Household, HouseholdAct, HouseholdMember, Person, Registration, RegistrationChange
from residents.services import moves
from residents.services.households import acts
from residents.services.households.kinship import RELATIVE, STRANGER, Kin, Proposal, propose
from tests.factories.residents import DwellingFactory
from tests.residents.test_households import TODAY, Family, check_invariants, living

STEPS, SEEDS = 14, (1, 2, 3, 4)


def clerk_of(staff):
    user = staff(Registration, "view", "add", "change", "deregister", "restore")
    staff(Person, "view", user=user)
    staff(RegistrationChange, "view", user=user)
    return staff(Household, "view", "change", user=user)


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")


def told(people):
    return dict.fromkeys(people, RELATIVE)


def some_act(rng, clerk, doors):
    """One act of a clerk who does not think; whatever is refused changes nothing."""
    book = rng.choice(list(Household.objects.filter(ended_on=None).order_by("pk")))
    people = list(
        HouseholdMember.objects.active().filter(household=book).order_by("pk").values_list("person", flat=True)
    )
    one = rng.choice(people)
    some = rng.sample(people, rng.randint(1, len(people)))
    base = {"household_id": book.pk, "version": book.version, "actor": clerk}
    day = {"happened_on": TODAY, "reason": "抽查"}
    other = rng.choice(list(Household.objects.order_by("pk")))
    theirs = HouseholdMember.objects.active().filter(household=other).values_list("person", flat=True)
    stay = Registration.objects.active().get(person=one)
    rest = [person for person in people if person not in some]
    last = HouseholdAct.objects.filter(undone_by=None).latest("pk") if HouseholdAct.objects.exists() else None
    choices = [
        lambda: acts.split(
            **base, **day, people=some, head=some[0], relations=told(some[1:]),
            rest_head=rest[0] if rest else None, rest_relations=told(rest[1:]),
        ),
        lambda: acts.change_head(**base, **day, head=one, relations=told(people)),
        lambda: acts.join(**base, **day, joining_household_id=other.pk, relations=told(theirs)),
        lambda: acts.leave(**base, **day, person_id=one),
        lambda: acts.move(**base, dwelling_id=rng.choice(doors).pk, moved_on=TODAY, lodging="05", why="抽查"),
        lambda: moves.deregister(
            registration_id=stay.pk, left_on=TODAY, reason="01", with_companions=rng.random() < 0.3,
            version=stay.version, actor=clerk,
        ),
        lambda: acts.undo_act(act_id=last.pk, actor=clerk) if last else None,
    ]  # fmt: skip
    try:
        with transaction.atomic():
            rng.choice(choices)()
    except DomainError:
        return 0
    return 1


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_acts_everyone_is_in_one_book_at_most_and_each_book_has_its_head(staff, seed):
    rng, clerk = random.Random(seed), clerk_of(staff)  # noqa: S311 - the same acts in every run
    doors = [DwellingFactory.create(capacity=99, room=f"{seed}0{n}") for n in range(2)]
    first = Family(doors[0])
    uncle = living(doors[0], "赵大壮", date(1985, 1, 1))
    living(doors[0], "孙红", date(1986, 1, 1), sex="2", head=uncle, relation="12")
    assert first.told()
    done = 0
    for _step in range(STEPS):
        if not Household.objects.filter(ended_on=None).exists():
            break
        done += some_act(rng, clerk, doors)
        check_invariants()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert done >= 3


@pytest.mark.usefixtures("installed")
def test_two_clerks_who_split_at_the_same_moment_split_once(staff):
    family, clerk = Family(DwellingFactory.create()), clerk_of(staff)
    begin, results = threading.Barrier(2), []

    def split(person):
        try:
            begin.wait(10)
            acts.split(
                household_id=family.book.pk,
                people=[person],
                head=person,
                relations={},
                happened_on=TODAY,
                reason="分开生活",
                version=1,
                actor=clerk,
            )
            results.append("split")
        except StaleRecordError:
            results.append("stale")
        finally:
            connection.close()

    clerks = [threading.Thread(target=split, args=[one.person_id]) for one in (family.mother, family.grandpa)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join(30)
    assert sorted(results) == ["split", "stale"]
    assert Household.objects.filter(ended_on=None).count() == 2
    check_invariants()


@pytest.mark.django_db
class TestDatabase:
    """What the tables refuse by themselves, whatever the code does."""

    @pytest.fixture
    def family(self):
        return Family(DwellingFactory.create())

    def refused(self, name):
        return pytest.raises(IntegrityError, match=name)

    def test_a_person_in_two_active_books(self, family):
        other = Family(DwellingFactory.create(room="777"))
        with self.refused("household_member_once"), transaction.atomic():
            other.book.members.create(person=family.son.person, relation="20", joined_on=TODAY)

    def test_two_heads_in_one_book(self, family):
        with self.refused("household_one_head"), transaction.atomic():
            family.book.members.filter(person=family.mother.person).update(relation=HEAD)

    def test_a_book_whose_head_is_no_member(self, family):
        with self.refused("its head is no active member"), transaction.atomic():
            Household.objects.filter(pk=family.book.pk).update(head=family.mother.person)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def test_a_closed_book_with_members(self, family):
        with self.refused("has ended and has members"), transaction.atomic():
            Household.objects.filter(pk=family.book.pk).update(ended_on=TODAY)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


MAN, WOMAN = Sex.MALE.value, Sex.FEMALE.value


def kin(relation, sex=MAN, year=1990):
    return Kin(relation, sex, date(year, 1, 1))


@pytest.mark.parametrize(
    ("old", "head", "other", "code", "certain"),
    [
        (kin(HEAD), kin("12", WOMAN), kin(HEAD), "11", True),  # the wife takes over: the man is her husband
        (kin(HEAD), kin("12", WOMAN), kin("20", MAN, 2015), "20", True),
        (kin(HEAD), kin("12", WOMAN), kin("51", MAN, 1960), "53", True),  # his father is her husband's father
        (kin(HEAD), kin("12", WOMAN), kin("56", WOMAN, 1960), "52", True),  # his wife's mother is her mother
        (kin(HEAD, WOMAN), kin("11"), kin("54", WOMAN, 1960), "52", True),
        (kin(HEAD), kin("20", MAN, 2000), kin(HEAD), "51", True),
        (kin(HEAD), kin("20", MAN, 2000), kin("12", WOMAN), "52", True),
        (kin(HEAD), kin("20", MAN, 2000), kin("30", WOMAN, 1998), "75", True),  # an elder sister
        (kin(HEAD), kin("20", MAN, 2000), kin("20", MAN, 2003), "73", True),  # a younger brother
        (kin(HEAD), kin("20", MAN, 2000), kin("52", WOMAN, 1950), "62", True),  # the father's mother
        (kin(HEAD), kin("20", MAN, 2000), kin("56", WOMAN, 1950), "64", True),  # the mother's mother
        (kin(HEAD), kin("20", MAN, 2000), kin("38", WOMAN, 2001), "12", False),  # most likely his own wife
        (kin(HEAD), kin("20", MAN, 2000), kin("28", MAN, 2001), RELATIVE, False),  # a sister's husband, surely
        (kin(HEAD), kin("51", MAN, 1950), kin(HEAD), "20", True),
        (kin(HEAD), kin("51", MAN, 1950), kin("12", WOMAN), "38", True),
        (kin(HEAD), kin("51", MAN, 1950), kin("30", WOMAN, 2015), "42", True),  # the son's daughter
        (kin(HEAD, WOMAN), kin("52", WOMAN, 1950), kin("30", WOMAN, 2015), "44", True),  # the daughter's daughter
        (kin(HEAD), kin("99"), kin("12", WOMAN), STRANGER, False),
        (kin(HEAD), kin("12", WOMAN), kin("99"), STRANGER, False),
        (kin(HEAD), kin("97"), kin("20", MAN, 2015), RELATIVE, False),
    ],
)
def test_relations_follow_from_the_old_ones(old, head, other, code, certain):
    assert propose(head=head, other=other, old_head=old) == Proposal(code, certain)
