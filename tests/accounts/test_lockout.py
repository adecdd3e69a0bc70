from types import SimpleNamespace
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.accounts import lockout, throttle
from portal.accounts.models import Credential
from portal.org.models import User
from portal.policy.models import PolicyRule
from tests.accounts.conftest import AGENT, PASSWORD

pytestmark = pytest.mark.django_db


def refusals(log_in: Any, count: int, **given: Any) -> list[Any]:
    return [log_in(Client(), word=f"wrong {number}", **given) for number in range(count)]


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was compared with the account's hash."""
    seen: list[str] = []
    real = User.check_password

    def watched(self: User, raw: str) -> bool:
        seen.append(raw)
        return real(self, raw)

    monkeypatch.setattr(User, "check_password", watched)
    return seen


def test_B1_the_sixth_wrong_password_is_not_compared_any_more(log_in, evaluated):
    refusals(log_in, 8)
    assert evaluated == ["wrong 0", "wrong 1", "wrong 2", "wrong 3", "wrong 4"]


def test_B1_the_right_password_does_not_open_a_locked_account(log_in):
    refusals(log_in, 5)
    answer = log_in(Client())
    assert answer.status_code == 422


def test_B1_four_failures_do_not_lock_and_success_starts_the_count_again(log_in):
    refusals(log_in, 4)
    assert log_in(Client()).status_code == 302
    assert not AccessAttempt.objects.exists()
    refusals(log_in, 4)
    assert log_in(Client()).status_code == 302


def test_B1_a_lock_from_one_address_leaves_the_colleague_at_another_address_alone(log_in):
    refusals(log_in, 5, REMOTE_ADDR="10.1.1.1")
    assert log_in(Client(), REMOTE_ADDR="10.1.1.2").status_code == 302


def test_B1_twenty_failures_from_anywhere_lock_the_account_everywhere(log_in, evaluated):
    for block in range(5):
        refusals(log_in, 5, REMOTE_ADDR=f"10.2.2.{block}")
    assert len(evaluated) == 20
    assert log_in(Client(), REMOTE_ADDR="10.3.3.3").status_code == 422


def test_B1_the_limits_are_policy_rows(log_in, evaluated):
    PolicyRule.objects.get(code="login.lock_failures").delete()
    PolicyRule.objects.create(
        code="login.lock_failures", value=2, unit="count", basis="市局通知", effective_from="2020-01-01"
    )
    refusals(log_in, 4)
    assert len(evaluated) == 2


def test_B1_the_lock_ends_after_half_an_hour(log_in, at):
    at("2026-11-20 09:00")
    refusals(log_in, 5)
    at("2026-11-20 09:29")
    assert log_in(Client()).status_code == 422
    at("2026-11-20 09:31")
    assert log_in(Client()).status_code == 302


def test_B1_trying_while_locked_does_not_move_the_end_of_the_lock(log_in, at):
    at("2026-11-20 09:00")
    refusals(log_in, 5)
    at("2026-11-20 09:20")
    refusals(log_in, 3)
    at("2026-11-20 09:31")
    assert log_in(Client()).status_code == 302


@pytest.mark.parametrize("spelling", ["HONG", " hong ", "ｈｏｎｇ", "Hong"])
def test_B1_every_spelling_of_a_name_counts_on_one_counter(log_in, evaluated, spelling):
    refusals(log_in, 3)
    refusals(log_in, 3, username=spelling)
    assert len(evaluated) == 5


def test_B1_a_spray_from_one_address_is_answered_429_in_chinese(log_in, person):
    PolicyRule.objects.filter(code="login.address_burst").update(value=3)
    PolicyRule.objects.filter(code="login.address_per_minute").update(value=0)
    answers = [log_in(Client(), username=f"clerk{number}", word="Spring 2026 spring") for number in range(5)]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429, 429]
    assert "尝试次数过多" in answers[-1].content.decode()
    assert answers[-1]["Retry-After"] == "60"


def test_B1_the_bucket_of_an_address_refills_with_time(person):
    PolicyRule.objects.filter(code="login.address_burst").update(value=2)
    PolicyRule.objects.filter(code="login.address_per_minute").update(value=30)
    assert [throttle.take("10.4.4.4") for _try in range(3)] == [True, True, False]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_bucket SET counted_at = counted_at - interval '2 seconds'")
    assert [throttle.take("10.4.4.4") for _try in range(2)] == [True, False]
    assert throttle.take("10.4.4.5")


def test_B1_an_attempt_outside_a_transaction_is_refused_because_its_lock_would_not_last(monkeypatch, rf):
    monkeypatch.setattr(lockout, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError, match="transaction"):
        lockout.may_try(rf.post("/login/"), "hong")


def test_B9_unknown_wrong_locked_and_disabled_get_the_same_answer(log_in, person):
    refusals(log_in, 5, REMOTE_ADDR="10.5.5.5")
    answers = {
        "unknown": log_in(Client(), username="nobody"),
        "wrong": log_in(Client(), word="wrong"),
        "locked": log_in(Client(), REMOTE_ADDR="10.5.5.5"),
    }
    User.objects.filter(pk=person.pk).update(is_active=False)
    answers["disabled"] = log_in(Client())
    assert {answer.status_code for answer in answers.values()} == {422}
    told = {str(answer.context["form"].non_field_errors()) for answer in answers.values()}
    assert len(told) == 1
    assert "账号或密码不正确" in told.pop()


@pytest.mark.parametrize("case", ["unknown", "wrong", "locked", "disabled", "single sign-on only"])
def test_B9_every_refusal_costs_exactly_one_hash(log_in, person, monkeypatch, case):
    if case == "locked":
        refusals(log_in, 5)
    if case == "disabled":
        User.objects.filter(pk=person.pk).update(is_active=False)
    if case == "single sign-on only":
        person.set_unusable_password()
        person.save()
    hashed = []
    real = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or real(self, password, salt),
    )
    log_in(Client(), username="nobody" if case == "unknown" else "hong", word="wrong")
    assert len(hashed) == 1


def test_B8_last_login_and_failures_are_told_after_the_next_login(log_in, person):
    log_in(Client(), REMOTE_ADDR="10.6.6.6")
    refusals(log_in, 3)
    client = Client(headers={"User-Agent": AGENT})
    log_in(client)
    told = "".join(str(message) for message in client.get(reverse("ui:prefs")).context["messages"])
    assert "10.6.6.6" in told
    assert "此后有 3 次登录失败" in told
    assert Credential.objects.get(user=person).failures == 0


def test_B9_a_refusal_keeps_the_name_and_never_the_password(log_in):
    text = log_in(Client(), word="nearly right 12").content.decode()
    assert 'value="hong"' in text
    assert "nearly right" not in text


def test_B1_no_password_lands_in_the_records_of_failures(log_in):
    refusals(log_in, 2)
    row = AccessAttempt.objects.get()
    assert "wrong" not in row.post_data
    assert PASSWORD not in str(vars(row))
