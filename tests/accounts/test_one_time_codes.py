from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from portal.accounts import services
from portal.accounts.models import OneTimeCode
from portal.core.errors import DomainError
from portal.org.models import User
from portal.org.scoping import can
from portal.org.services import system_user
from portal.policy.models import PolicyRule
from tests.accounts.conftest import AGENT
from tests.factories.org import StaffFactory

pytestmark = pytest.mark.django_db
NEW = "Fresh river 7 stones"


@pytest.fixture
def administrator() -> User:
    return StaffFactory.create(username="boss")


def reset(code: str, username: str = "hong", new: str = NEW, again: str = NEW) -> object:
    return Client().post(
        reverse("accounts:reset"), {"username": username, "code": code, "password1": new, "password2": again}
    )


def test_B10_the_person_sets_a_password_with_the_administrators_code(person, administrator, log_in):
    issued = services.issue_reset_code(user=person, actor=administrator)
    assert reset(issued.code)["Location"] == "/login/"
    assert log_in(Client()).status_code == 422
    assert log_in(Client(), word=NEW)["Location"] == "/"


def test_B10_a_code_works_once(person, administrator):
    issued = services.issue_reset_code(user=person, actor=administrator)
    reset(issued.code)
    assert reset(issued.code, new="Other river 8 stones", again="Other river 8 stones").status_code == 422


def test_B10_a_code_ends_after_24_hours(person, administrator, at):
    at("2026-11-20 09:00")
    issued = services.issue_reset_code(user=person, actor=administrator)
    at("2026-11-21 09:01")
    assert reset(issued.code).status_code == 422


def test_B10_the_time_of_a_code_cannot_be_set_above_24_hours():
    assert PolicyRule.objects.get(code="login.reset_code_hours_max").value == 24


def test_B10_a_newer_code_ends_the_older_one(person, administrator):
    first = services.issue_reset_code(user=person, actor=administrator)
    second = services.issue_reset_code(user=person, actor=administrator)
    assert reset(first.code).status_code == 422
    assert reset(second.code).status_code == 302


def test_B10_a_code_fits_its_own_account_alone(person, administrator):
    issued = services.issue_reset_code(user=person, actor=administrator)
    assert reset(issued.code, username="boss").status_code == 422
    assert reset(issued.code.lower().replace("-", " "), username=" HONG ").status_code == 302


def test_B10_a_refused_password_does_not_use_the_code_up(person, administrator):
    issued = services.issue_reset_code(user=person, actor=administrator)
    answer = reset(issued.code, new="short", again="short")
    assert answer.status_code == 422
    assert "密码太短" in answer.content.decode()
    assert reset(issued.code, again="something else").status_code == 422
    assert reset(issued.code).status_code == 302


def test_B10_the_code_is_not_stored_and_has_a_hundred_random_bits(person, administrator):
    issued = services.issue_reset_code(user=person, actor=administrator)
    letters = issued.code.replace("-", "")
    assert len(letters) == 20
    assert letters not in str(vars(OneTimeCode.objects.get()))


def test_B10_a_reset_ends_sessions_and_the_lock_of_the_account(browser, person, administrator, log_in):
    for number in range(5):
        log_in(Client(), word=f"wrong {number}")
    services.issue_reset_code(user=person, actor=administrator)
    assert browser.get(reverse("ui:prefs")).status_code == 302
    client = Client(headers={"User-Agent": AGENT})
    assert log_in(client).status_code == 302
    assert client.get("/people/")["Location"] == reverse("accounts:password")


def test_B10_a_disabled_account_gets_no_code(person, administrator):
    person.is_active = False
    person.save()
    with pytest.raises(DomainError):
        services.issue_reset_code(user=person, actor=administrator)


def test_B9_a_wrong_code_and_an_unknown_account_get_the_same_answer(person, administrator):
    services.issue_reset_code(user=person, actor=administrator)
    answers = [reset("AAAAA-AAAAA-AAAAA-AAAAA", username=name) for name in ("hong", "nobody")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({str(answer.context["form"].errors["code"]) for answer in answers}) == 1


@pytest.fixture
def empty_installation() -> str:
    User.objects.filter(is_system=False).delete()
    system_user()
    printed = StringIO()
    call_command("first_run_code", stdout=printed)
    return next(word for word in printed.getvalue().split() if word.count("-") == 3)


def first_run(code: str, **changed: str) -> object:
    fields = {"code": code, "username": "wang.li", "display_name": "王丽", "password1": NEW, "password2": NEW}
    return Client().post(reverse("accounts:first_run"), fields | changed)


def test_B5_there_is_no_account_before_the_first_run_and_the_page_is_gone_after_it(empty_installation):
    assert Client().get(reverse("accounts:first_run")).status_code == 200
    done = first_run(empty_installation)
    assert done.status_code == 200
    assert sorted(User.objects.filter(is_system=False).values_list("username", flat=True)) == [
        "auditor",
        "secadmin",
        "wang.li",
    ]
    assert Client().get(reverse("accounts:first_run")).status_code == 404
    assert first_run(empty_installation).status_code == 404


def test_B5_the_first_administrator_logs_in_and_the_two_others_set_their_own_passwords(empty_installation):
    made = first_run(empty_installation).context["made"]
    client = Client(headers={"User-Agent": AGENT})
    assert client.post("/login/", {"username": "wang.li", "password": NEW}).status_code == 302
    issued = made.codes["secadmin"]
    assert reset(issued.code, username="secadmin").status_code == 302


def test_B5_no_administrator_holds_the_office_of_another(empty_installation):
    first_run(empty_installation)
    system, security = User.objects.get(username="wang.li"), User.objects.get(username="secadmin")
    assert can(system, User, "add")
    assert not can(security, User, "add")
    rule = PolicyRule
    assert can(security, rule, "change")
    assert not can(system, rule, "change")


def test_B5_a_wrong_or_old_code_makes_nobody(empty_installation, at):
    assert first_run("AAAAA-AAAAA-AAAAA-AAAAA").status_code == 422
    printed = StringIO()
    call_command("first_run_code", stdout=printed)
    assert first_run(empty_installation).status_code == 422
    assert not User.objects.filter(is_system=False).exists()


def test_B5_a_weak_password_makes_nobody_and_leaves_the_code_alone(empty_installation):
    assert first_run(empty_installation, password1="password", password2="password").status_code == 422
    assert not User.objects.filter(is_system=False).exists()
    assert first_run(empty_installation).status_code == 200


def test_B5_with_an_account_the_command_prints_nothing(person):
    printed = StringIO()
    call_command("first_run_code", stdout=printed)
    assert printed.getvalue() == ""
