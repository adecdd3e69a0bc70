"""Counting wrong passwords and codes, one attempt at an account at a time.

django-axes counts, but checks and counts in two steps: 40 parallel requests were 40 evaluated passwords. Here both
happen under one advisory lock that lasts until the transaction of the request ends, so that the sixth attempt sees
the fifth. A request that finds the account locked gives the lock back at once, and so nobody queues behind it.
"""

import secrets
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessFailureLog
from django.db import OperationalError, connection, transaction
from django.db.models import Sum
from django.http import HttpRequest
from psycopg2.errors import LockNotAvailable

from portal.accounts.limits import limit
from portal.core import clock
from portal.vault.blind import blind_index

LONGEST_NAME = 150
KEPT_FOR = timedelta(days=90)
TAKE_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('login:' || %s, 0))"


def normalised(name: str) -> str:
    """`BOB`, `bob ` and `ｂｏｂ` are one account: otherwise each spelling would open a fresh counter."""
    return unicodedata.normalize("NFKC", name.replace("\0", "")).strip().lower()[:LONGEST_NAME]


class LockoutHandler(AxesDatabaseHandler):
    """Two limits: a low one for an account from one address, a higher one for the account from anywhere.

    With the low one alone, somebody with many addresses could go on for ever; with one limit for both, anybody
    could lock a colleague out with five requests.
    """

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        by_address, by_name = (
            rows.aggregate(total=Sum("failures_since_start"))["total"] or 0
            for rows in self.get_user_attempts(request, credentials)
        )
        return by_address >= failures_by_address() or by_name >= limit("login.lock_failures_anywhere")

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any
    ) -> None:
        """A try at a locked account is written to the log of failures: the auditor sees it, the lock does not move,
        and the answer takes as long as any other."""
        super().user_login_failed(sender, credentials, request, **rest)
        marked: Any = request
        if marked is not None and marked.axes_locked_out and marked.axes_failures_since_start is None:
            name = client_username(marked, credentials)
            with transaction.atomic():
                AccessAttempt.objects.select_for_update().filter(username=name).first()
                AccessFailureLog.objects.create(
                    username=name,
                    ip_address=marked.axes_ip_address,
                    user_agent=marked.axes_user_agent,
                    http_accept=marked.axes_http_accept,
                    path_info=marked.axes_path_info,
                    locked_out=True,
                )
            self.get_failures(marked, credentials)


def failures_by_address(_request: HttpRequest | None = None, _credentials: Any = None) -> int:
    return limit("login.lock_failures")


def cool_off(_request: HttpRequest | None = None) -> timedelta:
    return timedelta(minutes=limit("login.lock_minutes"))


def client_username(_request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """What counters are kept under: a keyed hash, because people type ID numbers and phones where the name belongs."""
    return counted_as(str((credentials or {}).get("username") or ""))


def counted_as(name: str) -> str:
    known = normalised(name)
    return blind_index("login.name", known).hex() if known.strip() else ""


def client_address(request: HttpRequest) -> str:
    """Of the connection; a header that the client may write is never believed."""
    return request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - a value to count by, nothing is bound


def may_try(request: HttpRequest, name: str) -> bool:
    """Take the account's lock until the transaction ends, then look at its counters. False: count nothing, try nothing.

    Whoever waits too long for the lock is refused as well: then others are guessing at the same account.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a login attempt needs a transaction: its lock lasts as long")
    credentials = {"username": name}
    # A try at a locked account does the same work, with a lock of its own: it takes as long, and queues for nobody.
    queue = secrets.token_hex(8) if AxesProxyHandler.is_locked(request, credentials) else name
    try:
        with transaction.atomic():
            _take_lock(queue)
            locked = AxesProxyHandler.is_locked(request, credentials)
            transaction.set_rollback(locked)  # of this savepoint alone: gives the lock back
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return _refused(request)
    return _refused(request) if locked or queue != name else True


def count_failure(request: HttpRequest, name: str) -> None:
    """For a second factor; wrong passwords are counted by the signal of `django.contrib.auth`."""
    AxesProxyHandler.user_login_failed(sender=count_failure, credentials={"username": name}, request=request)


def unlock(name: str) -> int:
    """An administrator's reset opens the account again; returns how many counters were dropped."""
    return int(AxesProxyHandler.reset_attempts(username=counted_as(name)))


def purge() -> None:
    """What counted once and does not any more; the audit keeps that it happened."""
    oldest = clock.now() - KEPT_FOR
    AccessAttempt.objects.filter(attempt_time__lt=oldest).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=oldest).delete()


def _take_lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TAKE_LOCK, [name])


def _refused(request: HttpRequest) -> bool:
    """axes leaves the counters alone for a request marked so: the end of the lock does not move."""
    request.axes_locked_out = True  # type: ignore[attr-defined]
    return False
