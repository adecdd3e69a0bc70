"""The mechanism alone, with a policy made for the test."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldDoesNotExist

from portal.core.classes import DataClass
from portal.vault import projection
from portal.vault.masks import mask_phone
from portal.vault.projection import BROWSE, Gets, Policy, Rule, Shown, given_by, left_out, project, register, shown
from residents.models import Dwelling, Person
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "330822001001", "330822002001"


@pytest.fixture
def policy(monkeypatch):
    """Dwellings: the office sees what is ordinary, its supervisor the phone; on paper nobody sees the phone."""
    monkeypatch.setattr(projection, "_policies", {})
    return register(
        Policy(
            Dwelling,
            rules=(
                Rule((Dwelling, "view"), Gets(full=(DataClass.C2, "landlord_name"), masked=("landlord_phone",))),
                Rule((Dwelling, "change"), Gets(reveal=("landlord_phone",)), (BROWSE,)),
                Rule((Dwelling, "add"), Gets(full=("landlord_phone",)), ("paper",)),
            ),
            masks={"landlord_phone": mask_phone},
            public=Gets(full=("estate",)),
        )
    )


@pytest.fixture
def home():
    return DwellingFactory.create(area_code=HERE, landlord_phone="13800005621")


def test_what_no_rule_names_is_hidden(policy, staff):
    person = PersonFactory.create()
    told = project(person, viewer=staff(Person, "view", "reveal", "export_full"))
    assert [told["name"], told["document_number"], told.value("name")] == ["", "", None]


def test_a_grant_gives_its_fields_and_no_others(policy, staff, home):
    told = project(home, viewer=staff(Dwelling, "view"))
    assert (told["address"], told["landlord_name"], told["landlord_phone"]) == (home.address, "陈国强", "138****5621")
    assert told.may_reveal("landlord_phone") is False


def test_the_most_that_any_grant_gives(policy, staff, home):
    told = project(home, viewer=staff(Dwelling, "view", "change"))
    assert (told["landlord_phone"], told.may_reveal("landlord_phone")) == ("138****5621", True)


def test_a_grant_elsewhere_gives_nothing_here(policy, staff, home):
    told = project(home, viewer=staff(Dwelling, "view", at=ELSEWHERE))
    assert (told["landlord_name"], told["landlord_phone"], told["estate"]) == ("", "", "锦绣花园")


def test_a_purpose_is_asked_for_by_name(policy, staff, home):
    clerk = staff(Dwelling, "view", "add")
    assert project(home, viewer=clerk)["landlord_phone"] == "138****5621"
    assert project(home, viewer=clerk, purpose="paper")["landlord_phone"] == "13800005621"
    assert project(home, viewer=clerk, purpose="other")["landlord_phone"] == ""


def test_visitors_and_disabled_accounts_get_what_everybody_gets(policy, staff, home):
    gone = staff(Dwelling, "view")
    gone.is_active = False
    for viewer in (AnonymousUser(), gone):
        told = project(home, viewer=viewer)
        assert (told["estate"], told["landlord_name"]) == ("锦绣花园", "")


def test_a_field_without_a_mask_is_not_shown_instead(policy, staff, home, monkeypatch):
    monkeypatch.setattr(projection, "_policies", {})
    register(Policy(Dwelling, rules=(Rule((Dwelling, "view"), Gets(masked=("landlord_name",))),)))
    assert project(home, viewer=staff(Dwelling, "view"))["landlord_name"] == ""


def test_a_policy_names_real_fields_and_stands_once(policy):
    with pytest.raises(ValueError, match="has a policy already"):
        register(Policy(Dwelling))
    with pytest.raises(FieldDoesNotExist):
        register(Policy(Person, public=Gets(full=("shoe_size",))))


def test_a_field_by_its_name_wins_over_its_class():
    gets = Gets(full=(DataClass.C3,), masked=("name",))
    assert gets.of("name", DataClass.C3) is Shown.MASKED
    assert gets.of("sex", DataClass.C3) is Shown.FULL
    assert gets.of("phone", DataClass.C4) is Shown.HIDDEN


def test_a_file_is_decided_by_its_one_grant(policy):
    assert given_by(Dwelling, "landlord_phone", grant=(Dwelling, "view"), purpose=BROWSE) is Shown.MASKED
    assert given_by(Dwelling, "landlord_phone", grant=(Dwelling, "add"), purpose=BROWSE) is Shown.HIDDEN


def test_hidden_columns_are_not_fetched(staff, home, django_assert_num_queries):
    row = Dwelling.objects.defer(*left_out(Dwelling)).get(pk=home.pk)
    assert row.get_deferred_fields() == {"landlord_phone"}
    viewer = StaffFactory.create()
    shown(Dwelling, "landlord_phone", viewer=viewer, at=HERE)
    with django_assert_num_queries(0):
        assert project(row, viewer=viewer)["landlord_phone"] == ""
