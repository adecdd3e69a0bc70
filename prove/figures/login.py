"""H6: guessing at one account, in parallel and by the clock, through the whole request."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from unittest.mock import patch

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection
from django.test import Client

from portal.accounts import backends, throttle
from portal.accounts.limits import limit
from portal.accounts.lockout import counted_as
from portal.accounts.models import Credential
from portal.org.models import User
from prove.figure import Result, figure

ACCOUNT = "coadmin"
TRIES, THREADS = 1_000, 16
REFUSED = 422
SAMPLES, LIMIT_MS = 200, 20
CASES = ("unknown", "wrong", "locked")


@figure("H6", "wrong passwords compared with one account's hash in 1,000 parallel tries")
def parallel_guesses() -> Result:
    """Left out: the bucket of the address, which would stop most tries before the lock has to, and the hash that a
    refused try is made to wait for, which would only keep the tries apart."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    _forget()
    compared, counting = [0], threading.Lock()
    real = User.check_password

    def counted(self: User, raw: str) -> bool:
        with counting:
            compared[0] += 1
        return real(self, raw)

    with (
        patch.object(User, "check_password", counted),
        patch.object(throttle, "take", lambda _address: True),
        patch.object(backends, "make_password", lambda _password: ""),
        ThreadPoolExecutor(THREADS) as pool,
    ):
        statuses = list(pool.map(_guess, range(TRIES)))
    _forget()
    refused = sum(status == REFUSED for status in statuses)
    most = limit("login.lock_failures")
    return Result(
        ok=compared[0] <= most and refused == TRIES,
        text=f"{compared[0]} of {TRIES} evaluated (limit {most}), {refused} refused alike",
    )


def _guess(number: int) -> int:
    try:
        answer = Client().post("/login/", {"username": ACCOUNT, "password": f"Wrong guess {number}"})
        return answer.status_code
    finally:
        connection.close()


def _forget() -> None:
    AccessAttempt.objects.filter(username=counted_as(ACCOUNT)).delete()
    AccessFailureLog.objects.filter(username=counted_as(ACCOUNT)).delete()
    Credential.objects.filter(user__username=ACCOUNT).update(failures=0, last_failure_at=None)


@figure("H6b", "time of a refusal: unknown account, wrong password, locked account")
def equal_times() -> Result:
    """Medians of 200 tries each, taken in turn. Fewer rounds of the hash: they cost the same in all three cases."""
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    spent: dict[str, list[float]] = {case: [] for case in CASES}
    with (
        patch.object(throttle, "take", lambda _address: True),
        patch.object(PBKDF2PasswordHasher, "iterations", 50_000),
    ):
        password = make_password("Quite another 7 stones")
        with patch.object(User, "check_password", lambda _self, raw: check_password(raw, password)):
            for number in range(SAMPLES):
                for case in CASES:
                    _prepare(case)
                    before = time.perf_counter()
                    _guess_as("nobody-here" if case == "unknown" else ACCOUNT, number)
                    spent[case].append(time.perf_counter() - before)
    _forget()
    medians = {case: 1000 * median(times) for case, times in spent.items()}
    apart = max(medians.values()) - min(medians.values())
    told = ", ".join(f"{case} {value:.0f} ms" for case, value in medians.items())
    return Result(ok=apart < LIMIT_MS, text=f"medians of {SAMPLES}: {told}; {apart:.1f} ms apart (limit {LIMIT_MS} ms)")


def _prepare(case: str) -> None:
    AccessAttempt.objects.all().delete()
    if case == "locked":
        AccessAttempt.objects.create(
            username=counted_as(ACCOUNT),
            ip_address="127.0.0.1",
            user_agent="",
            failures_since_start=limit("login.lock_failures"),
        )


def _guess_as(username: str, number: int) -> None:
    Client().post("/login/", {"username": username, "password": f"Wrong guess {number}"})
