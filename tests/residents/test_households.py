"""Acts upon household books, with families made by hand.

赵小禾 (1988, head), 李秀英 (1990, wife, 12), 赵一诺 (son of 2015, 20), 赵老伯 (father of 1958, 51), all at one door.
"""

from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist

from portal.audit.models import AuditEntry
from portal.core.errors import DomainError, StaleRecordError
from portal.events.models import StoredEvent
from residents.models import HEAD, Household, HouseholdAct, HouseholdMember, Person, Registration, RegistrationChange
from residents.services import moves
from residents.services.households import acts
from residents.services.people import IdentityInput
from residents.services.registration import CompanionInput, StayInput, register_arrival
from tests.factories.org import AreaFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory, id_number, identity, stay
from tests.residents.families import BEFORE, TODAY, Family, check_invariants, keys, living, split_off_mother

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday(at):
    at("2026-11-20 09:00")
    return at


@pytest.fixture
def home():
    return DwellingFactory.create(capacity=9)


@pytest.fixture
def clerk(staff):
    user = staff(Registration, "view", "add", "change", "deregister", "restore")
    staff(Person, "view", user=user)
    staff(RegistrationChange, "view", user=user)
    return staff(Household, "view", "change", user=user)


@pytest.fixture
def family(home):
    return Family(home)


def test_arrival_with_companions_opens_a_household_book(clerk, home):
    AreaFactory.create(code=home.area_code)
    spouse = identity()
    child = {**identity(), "document_number": id_number(born=date(2018, 9, 1), sequence=331), "name": "赵一诺"}
    child |= {"sex": "1", "birth_date": date(2018, 9, 1)}
    head = {**identity(), "document_number": id_number(born=date(1988, 6, 15), sequence=223), "name": "赵小禾"}
    head |= {"sex": "1", "birth_date": date(1988, 6, 15)}
    made = register_arrival(
        head=IdentityInput(**head),
        stay=StayInput(**stay(home)),
        companions=[
            CompanionInput(relation="12", identity=IdentityInput(**spouse)),
            CompanionInput(relation="20", identity=IdentityInput(**child)),
        ],
        submission_key="h1",
        actor=clerk,
    )
    book = Household.objects.get()
    assert (book.head, book.dwelling, book.formed_on) == (made.registration.person, home, TODAY)
    lines = {line.person.name: (line.relation, line.guardian) for line in book.members.all()}
    assert lines["李秀英"] == ("12", None)
    assert lines["赵一诺"] == ("20", made.registration.person)  # a child of eight: the head answers
    assert lines["赵小禾"] == (HEAD, None)
    moves.undo(change_id=made.registration.changes.get().pk, actor=clerk)
    assert not HouseholdMember.objects.active().exists()
    book.refresh_from_db()
    assert book.ended_on == TODAY
    check_invariants()


def test_arrival_alone_opens_no_book(clerk, home):
    AreaFactory.create(code=home.area_code)
    register_arrival(head=IdentityInput(**identity()), stay=StayInput(**stay(home)), submission_key="h2", actor=clerk)
    assert not Household.objects.exists()


def test_split_takes_mother_and_son_into_a_book_of_their_own(clerk, family):
    act = split_off_mother(family, clerk)
    assert family.told() == {"赵小禾": HEAD, "赵老伯": "51"}
    assert family.told(act.other) == {"李秀英": HEAD, "赵一诺": "20"}
    assert act.other.head == family.mother.person
    old = HouseholdMember.objects.get(household=family.book, person=family.son.person)
    assert (old.left_on, old.relation) == (date(2026, 11, 10), "20")
    assert HouseholdMember.objects.get(household=act.other, person=family.son.person).joined_on == date(2026, 11, 10)
    entry = AuditEntry.objects.get(action="household.split")
    assert entry.details["other"] == act.other_id
    event = StoredEvent.objects.get(name="residents.household_changed")
    assert (event.payload["kind"], event.payload["other_id"]) == ("split", act.other_id)
    check_invariants()


def test_split_of_the_head_needs_a_head_for_those_who_stay(clerk, family):
    going = {
        "people": keys(family.father, family.grandpa),
        "head": family.father.person_id,
        "relations": {family.grandpa.person_id: "51"},
    }
    with pytest.raises(DomainError) as error:
        split_off_mother(family, clerk, **going)
    assert error.value.field == "rest_head"
    act = split_off_mother(
        family, clerk, **going, rest_head=family.mother.person_id, rest_relations={family.son.person_id: "20"}
    )
    family.again()
    assert family.book.head == family.mother.person
    assert family.told() == {"李秀英": HEAD, "赵一诺": "20"}
    assert family.told(act.other) == {"赵小禾": HEAD, "赵老伯": "51"}
    check_invariants()


def test_Z2_split_leaves_no_child_alone_unless_explained(clerk, family):
    alone = {"people": keys(family.son), "head": family.son.person_id, "relations": {}}
    with pytest.raises(DomainError) as error:
        split_off_mother(family, clerk, **alone)
    assert (error.value.field, error.value.code) == ("reason", "guardian_needed")
    assert split_off_mother(family, clerk, **alone, reason="由姑姑照看").other.head == family.son.person


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"people": []}, "people"),
        ({"people": [0]}, "people"),
        ({"head": 0}, "head"),
        ({"relations": {}}, "relation_"),
        ({"happened_on": date(2026, 11, 21)}, "happened_on"),
        ({"happened_on": date(2026, 2, 28)}, "happened_on"),
    ],
)
def test_split_says_what_is_missing(clerk, family, wrong, field):
    with pytest.raises(DomainError) as error:
        split_off_mother(family, clerk, **wrong)
    assert error.value.field.startswith(field)
    assert family.told() == BEFORE


def test_everybody_cannot_split_off(clerk, family):
    everybody = keys(family.father, family.mother, family.son, family.grandpa)
    with pytest.raises(DomainError) as error:
        split_off_mother(family, clerk, people=everybody)
    assert error.value.code == "everybody"


def test_change_of_head_states_the_relations_anew_and_keeps_the_old_ones(clerk, family):
    told = {family.father.person_id: "11", family.son.person_id: "20", family.grandpa.person_id: "53"}
    acts.change_head(
        household_id=family.book.pk,
        head=family.mother.person_id,
        relations=told,
        happened_on=date(2026, 11, 1),
        version=family.again(),
        actor=clerk,
    )
    family.again()
    assert family.book.head == family.mother.person
    assert family.told() == {"李秀英": HEAD, "赵小禾": "11", "赵一诺": "20", "赵老伯": "53"}
    october = HouseholdMember.objects.filter(joined_on__lte=date(2026, 10, 1), left_on__gt=date(2026, 10, 1))
    assert {line.person.name: line.relation for line in october} == BEFORE
    check_invariants()


def test_another_household_of_the_door_joins_whole(clerk, family, home):
    uncle = living(home, "赵大壮", date(1985, 1, 1))
    aunt = living(home, "孙红", date(1986, 1, 1), sex="2", head=uncle, relation="12")
    theirs = Household.objects.get(head=uncle.person)
    acts.join(
        household_id=family.book.pk,
        joining_household_id=theirs.pk,
        relations={uncle.person_id: "71", aunt.person_id: "97"},
        happened_on=TODAY,
        version=family.again(),
        actor=clerk,
    )
    assert family.told() == BEFORE | {"赵大壮": "71", "孙红": "97"}
    theirs.refresh_from_db()
    assert theirs.ended_on == TODAY
    check_invariants()
    acts.undo_act(act_id=HouseholdAct.objects.get(kind="joined").pk, actor=clerk)
    theirs.refresh_from_db()
    assert (theirs.ended_on, theirs.head) == (None, uncle.person)
    assert family.told(theirs) == {"赵大壮": HEAD, "孙红": "12"}
    assert family.told() == BEFORE
    check_invariants()


def test_a_person_without_a_book_joins(clerk, family, home):
    niece = living(home, "赵晓", date(2001, 4, 4), sex="2")
    given = {"relations": {niece.person_id: "97"}, "happened_on": TODAY, "version": family.again()}
    acts.join(household_id=family.book.pk, person_id=niece.person_id, actor=clerk, **given)
    assert family.told()["赵晓"] == "97"
    check_invariants()


def test_nobody_joins_from_another_address(clerk, family):
    elsewhere = RegistrationFactory.create(dwelling=DwellingFactory.create(room="909"))
    given = {"relations": {elsewhere.person_id: "97"}, "happened_on": TODAY, "version": family.again()}
    with pytest.raises(DomainError) as error:
        acts.join(household_id=family.book.pk, person_id=elsewhere.person_id, actor=clerk, **given)
    assert error.value.code == "other_address"


def test_Z10_move_of_the_household_keeps_the_half_year_of_each(clerk, family):
    new_home = DwellingFactory.create(estate="东门小区", room="402")
    days = {one.person_id: one.counts_from for one in (family.father, family.mother, family.son, family.grandpa)}
    acts.move(
        household_id=family.book.pk,
        dwelling_id=new_home.pk,
        moved_on=date(2026, 11, 15),
        lodging="05",
        version=family.again(),
        actor=clerk,
    )
    now = {one.person_id: one for one in Registration.objects.active()}
    assert {person: one.counts_from for person, one in now.items()} == days
    assert {one.dwelling for one in now.values()} == {new_home}
    family.again()
    assert (family.book.dwelling, family.told()) == (new_home, BEFORE)
    check_invariants()
    act = HouseholdAct.objects.get(kind="moved")
    acts.undo_act(act_id=act.pk, actor=clerk)
    family.again()
    assert family.book.dwelling == family.father.dwelling
    assert Registration.objects.active().filter(dwelling=family.father.dwelling).count() == 4
    check_invariants()


def test_whoever_moves_alone_leaves_the_book(clerk, family):
    there = DwellingFactory.create(estate="东门小区", room="402")
    moves.change_address(
        registration_id=family.grandpa.pk,
        dwelling_id=there.pk,
        moved_on=date(2026, 11, 15),
        lodging="05",
        version=1,
        actor=clerk,
    )
    assert family.told() == {"赵小禾": HEAD, "李秀英": "12", "赵一诺": "20"}
    check_invariants()


def test_when_the_head_moves_alone_the_spouse_heads_the_rest(clerk, family):
    there = DwellingFactory.create(estate="东门小区", room="402")
    moves.change_address(
        registration_id=family.father.pk,
        dwelling_id=there.pk,
        moved_on=date(2026, 11, 15),
        lodging="05",
        with_companions=False,
        version=1,
        actor=clerk,
    )
    assert family.told() == {"李秀英": HEAD, "赵一诺": "20", "赵老伯": "53"}
    check_invariants()
    last = RegistrationChange.objects.latest("pk")
    moves.undo(change_id=last.pk, actor=clerk)
    assert family.told() == BEFORE
    check_invariants()


def test_departure_takes_out_and_restoration_brings_back(clerk, family):
    given = {"left_on": date(2026, 11, 18), "reason": "01", "version": 1}
    moves.deregister(registration_id=family.mother.pk, actor=clerk, **given)
    assert family.told() == {"赵小禾": HEAD, "赵一诺": "20", "赵老伯": "51"}
    moves.restore(registration_id=family.mother.pk, reason="误注销", version=2, actor=clerk)
    assert family.told() == BEFORE
    check_invariants()


def test_departure_of_all_closes_the_book_and_the_first_restored_opens_it_again(clerk, family):
    given = {"left_on": date(2026, 11, 18), "reason": "01", "with_companions": True, "version": 1}
    moves.deregister(registration_id=family.father.pk, actor=clerk, **given)
    family.again()
    assert (family.book.ended_on, family.told()) == (date(2026, 11, 18), {})
    check_invariants()
    moves.restore(registration_id=family.father.pk, reason="误注销", version=2, actor=clerk)
    moves.restore(registration_id=family.son.pk, reason="误注销", version=2, actor=clerk)
    assert family.told() == {"赵小禾": HEAD, "赵一诺": "20"}
    check_invariants()


def test_a_member_leaves_the_book_and_stays_at_the_door(clerk, family):
    given = {"happened_on": TODAY, "reason": "分开生活", "version": family.again()}
    acts.leave(household_id=family.book.pk, person_id=family.grandpa.person_id, actor=clerk, **given)
    assert "赵老伯" not in family.told()
    assert Registration.objects.active().filter(person=family.grandpa.person).exists()
    given["version"] = family.again()
    with pytest.raises(DomainError) as error:
        acts.leave(household_id=family.book.pk, person_id=family.father.person_id, actor=clerk, **given)
    assert error.value.code == "is_head"
    check_invariants()


def test_P10_split_is_undone_while_nothing_was_built_upon_it(clerk, family):
    act = split_off_mother(family, clerk)
    acts.undo_act(act_id=act.pk, actor=clerk)
    assert family.told() == BEFORE
    act.other.refresh_from_db()
    assert act.other.ended_on == act.other.formed_on == date(2026, 11, 10)
    check_invariants()
    with pytest.raises(DomainError) as error:
        acts.undo_act(act_id=act.pk, actor=clerk)
    assert error.value.code == "already_undone"


def test_P10_nothing_is_undone_beneath_a_later_act(clerk, family):
    act = split_off_mother(family, clerk)
    acts.change_head(
        household_id=act.other_id,
        head=family.son.person_id,
        relations={family.mother.person_id: "52"},
        happened_on=TODAY,
        reason="由母亲照看",
        version=act.other.version,
        actor=clerk,
    )
    with pytest.raises(DomainError) as error:
        acts.undo_act(act_id=act.pk, actor=clerk)
    assert error.value.code == "later_step"


def test_P10_the_window_closes(clerk, family, friday):
    act = split_off_mother(family, clerk)
    friday("2026-11-21 09:01")
    with pytest.raises(DomainError) as error:
        acts.undo_act(act_id=act.pk, actor=clerk)
    assert error.value.code == "too_late"


def test_guardian_of_a_minor_is_an_adult_of_the_book_or_a_name(clerk, family):
    given = {"household_id": family.book.pk, "person_id": family.son.person_id, "actor": clerk}
    acts.name_guardian(**given, guardian_id=family.grandpa.person_id, version=family.again())
    line = HouseholdMember.objects.active().get(person=family.son.person)
    assert line.guardian == family.grandpa.person
    acts.name_guardian(**given, guardian_id=None, note="姑姑 赵敏", version=family.again())
    line.refresh_from_db()
    assert (line.guardian, line.guardian_note) == (None, "姑姑 赵敏")
    for wrong in ({"guardian_id": None}, {"guardian_id": family.son.person_id}):
        with pytest.raises(DomainError):
            acts.name_guardian(**given, **wrong, version=family.again())


def test_P17_the_second_of_two_clerks_sees_that_the_book_has_changed(clerk, family):
    split_off_mother(family, clerk)
    with pytest.raises(StaleRecordError):
        split_off_mother(family, clerk, version=1)


def test_rights_hold_in_the_own_area_alone(clerk, staff, family):
    foreign = staff(Household, "view", "change", at="330822002001")
    with pytest.raises(ObjectDoesNotExist):
        split_off_mother(family, foreign)
    reader = staff(Household, "view")
    with pytest.raises(ObjectDoesNotExist):
        split_off_mother(family, reader)
    township = staff(Household, "view", "change", at="330822001")
    assert split_off_mother(family, township).pk
