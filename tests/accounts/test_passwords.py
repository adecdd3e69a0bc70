from itertools import pairwise

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Credential, LoginSession, OldPassword
from portal.org.models import User
from portal.policy.models import PolicyRule
from tests.accounts.conftest import AGENT, PASSWORD
from tests.factories.org import AreaFactory, DepartmentFactory

pytestmark = pytest.mark.django_db


def codes(password: str, user: User | None = None) -> list[str]:
    """Why it is refused; [] when it is accepted."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [str(one.code) for one in error.error_list]
    return []


def change(browser: Client, new: str, old: str = PASSWORD) -> object:
    return browser.post(reverse("accounts:password"), {"old": old, "password1": new, "password2": new})


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Stone7river", ["too_short"]),
        ("Stone7rivers", []),
        ("Deep Stone 7 " * 8, []),
        ("青山绿水 Qs 2 又一村在那边", []),
        ("Stone rivers flow", []),
        ("stone rivers flow", ["too_plain"]),
        ("stoneriversflow7", ["too_plain"]),
        ("stonerivers 7 flow", []),
    ],
)
def test_B2_twelve_characters_of_three_kinds_are_enough_however_long_or_chinese(password, expected):
    assert codes(password) == expected


def test_B2_the_message_says_how_much_is_missing():
    with pytest.raises(ValidationError) as refused:
        validate_password("Stone7ri")
    assert refused.value.messages == ["密码太短，请至少再加 4 个字符（共 12 个）。"]


def test_B2_the_message_names_the_kinds_that_could_be_added():
    with pytest.raises(ValidationError) as refused:
        validate_password("stonerivers flow")
    assert refused.value.messages == ["密码的字符种类不够，请加入大写字母或数字（共需 3 种）。"]


def test_B2_a_long_password_counts_to_its_last_character(person, log_in):
    long = "Deep Stone 7 " * 10
    person.set_password(long)
    person.save()
    assert log_in(Client(), word=long[:-1]).status_code == 422
    assert log_in(Client(), word=long).status_code == 302


@pytest.mark.parametrize("password", ["Password@2026", "Qwertyuiop123", "Iloveyou 2026!", "Administrator1!"])
def test_B3_common_passwords_are_refused_also_with_ornaments(password):
    assert "common" in codes(password)


@pytest.mark.parametrize(
    "password", ["Changshan River 7", "常山 Stone River 7", "Gonganju Stone 7", "My Anju Stone 77"]
)
def test_B3_names_of_the_county_and_its_bureaus_are_refused(password):
    AreaFactory.create(code="330822", name="常山县")
    DepartmentFactory.create(code="gaj", name="公安局")
    assert codes(password) == ["local_word"]


@pytest.mark.parametrize("password", ["xHong stones 7 x", "洪雪梅 Stones 7 river", "Hongxuemei 7 river"])
def test_B3_account_and_name_of_the_person_are_refused(person, password):
    assert codes(password, person) == ["local_word"]


@pytest.mark.parametrize("password", ["River 19880512 Stone", "River 13857012345", "Rv 11010519491231002X"])
def test_B3_numbers_of_an_id_card_or_a_phone_are_refused(password):
    assert "personal_number" in codes(password)


def test_B4_the_profile_asvs_knows_no_kinds_no_age_and_no_history(settings, person, log_in, at):
    settings.PASSWORD_PROFILE = "asvs"  # noqa: S105 - the name of a profile
    assert codes("stoneriversflow") == []
    assert codes(PASSWORD, person) == []
    at("2026-01-05 09:00")
    log_in(Client())
    at("2026-11-20 09:00")
    client = Client(headers={"User-Agent": AGENT})
    log_in(client)
    assert client.get(reverse("ui:prefs")).status_code == 200


def test_B4_the_profile_djbh3_refuses_the_last_five_and_takes_the_sixth_again(browser):
    chain = [PASSWORD, *(f"Number {n} river stones" for n in range(1, 7))]
    for old, new in pairwise(chain):
        assert change(browser, new, old).status_code == 302
    refused = change(browser, chain[2], chain[-1])
    assert refused.status_code == 422
    assert "最近 5 次" in refused.content.decode()
    assert change(browser, chain[0], chain[-1]).status_code == 302


def test_B4_only_as_many_old_hashes_are_kept_as_the_rule_needs(browser, person):
    chain = [PASSWORD, *(f"Number {n} river stones" for n in range(1, 9))]
    for old, new in pairwise(chain):
        change(browser, new, old)
    assert OldPassword.objects.filter(user=person).count() == 5


@pytest.mark.parametrize(("day", "told"), [("2026-03-21", False), ("2026-03-22", True), ("2026-04-04", True)])
def test_B4_a_warning_comes_from_day_76_on(person, log_in, at, day, told):
    at("2026-01-05 09:00")
    Credential.objects.create(user=person)
    at(f"{day} 09:00")
    client = Client(headers={"User-Agent": AGENT})
    log_in(client)
    page = client.get(reverse("ui:prefs"))
    assert page.status_code == 200
    assert ("密码将在" in "".join(str(message) for message in page.context["messages"])) is told


def test_B4_after_ninety_days_the_password_must_be_changed_before_anything_else(person, log_in, at):
    at("2026-01-05 09:00")
    Credential.objects.create(user=person)
    at("2026-04-05 09:00")
    client = Client(headers={"User-Agent": AGENT})
    log_in(client)
    assert client.get("/people/")["Location"] == reverse("accounts:password")
    assert change(client, "Fresh river 7 stones").status_code == 302
    assert client.get(reverse("ui:prefs")).status_code == 200


def test_B4_every_limit_is_a_policy_row():
    PolicyRule.objects.filter(code="password.min_length").update(value=15)
    PolicyRule.objects.filter(code="password.classes").update(value=4)
    assert codes("Stone7rivers") == ["too_short", "too_plain"]
    assert codes("Stone7 rivers flow") == []


def test_B16_changing_the_password_ends_the_other_sessions_and_keeps_this_one(browser, log_in):
    PolicyRule.objects.filter(code="session.per_account").update(value=3)
    other = Client(headers={"User-Agent": AGENT})
    log_in(other)
    before = browser.session.session_key
    assert change(browser, "Fresh river 7 stones").status_code == 302
    assert browser.get(reverse("ui:prefs")).status_code == 200
    assert browser.session.session_key != before
    assert other.get(reverse("ui:prefs")).status_code == 302
    assert other.get("/login/").context["ended"] == "password"
    assert LoginSession.objects.filter(ended_at=None).count() == 1


def test_B1_guessing_the_current_password_counts_like_a_failed_login(browser, log_in):
    for number in range(5):
        assert change(browser, "Fresh river 7 stones", old=f"guess {number}").status_code == 422
    assert change(browser, "Fresh river 7 stones").status_code == 422
    assert log_in(Client()).status_code == 422
