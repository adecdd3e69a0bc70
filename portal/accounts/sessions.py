"""Who is logged in where. All times are the database's: workers agree, and nobody's clock can stretch a session."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from portal.accounts.choices import EndReason
from portal.accounts.limits import limit
from portal.accounts.models import LoginSession
from portal.audit import services as audit
from portal.org.models import User

SEEN_EVERY = timedelta(seconds=15)
PLATFORMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


@dataclass(frozen=True, slots=True)
class Standing:
    """One session as it is now; the spans are measured by the database."""

    row: LoginSession
    age: timedelta
    idle: timedelta
    unconfirmed: timedelta

    @property
    def idle_left(self) -> timedelta:
        return timedelta(minutes=limit("session.idle_minutes")) - self.idle

    @property
    def absolute_left(self) -> timedelta:
        return timedelta(hours=limit("session.absolute_hours")) - self.age

    @property
    def seconds_left(self) -> int:
        """Until the server ends the session when nothing is done any more."""
        return max(0, int(min(self.idle_left, self.absolute_left).total_seconds()))

    @property
    def warning_seconds(self) -> int:
        return limit("session.warning_minutes") * 60

    def is_confirmed(self) -> bool:
        """Did the person prove who they are recently enough for an export, a grant or many full numbers?"""
        return self.unconfirmed <= timedelta(minutes=limit("session.confirm_minutes"))


def fingerprint(agent: str) -> str:
    """Addresses change behind an office's router; the browser of one session does not."""
    return sha256(agent.encode()).hexdigest()


def label_of(agent: str) -> str:
    """`Chrome · Windows`: enough to recognise one's own computer."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    platform = next((name for sign, name in PLATFORMS if sign in agent), "")
    return " · ".join(part for part in (browser, platform) if part)


@transaction.atomic
def open_session(*, user: User, key: str, address: str | None, agent: str) -> LoginSession:
    """Start the record of a session; the account's older ones end, but for `session.per_account` − 1 of them."""
    LoginSession.objects.filter(key=key).delete()
    kept = limit("session.per_account") - 1
    open_rows = LoginSession.objects.select_for_update().filter(user=user, ended_at=None).order_by("-started_at")
    for row in list(open_rows)[max(kept, 0) :]:
        _end(row, EndReason.REPLACED)
    return LoginSession.objects.create(
        user=user, key=key, address=address, agent=label_of(agent), agent_hash=fingerprint(agent)
    )


def standing(*, key: str, user_id: int) -> Standing | None:
    """None when the session is over, or never was one."""
    found = (
        LoginSession.objects.filter(key=key, user_id=user_id, ended_at=None)
        .annotate(age=Now() - F("started_at"), idle=Now() - F("seen_at"), unconfirmed=Now() - F("confirmed_at"))
        .first()
    )
    if found is None:
        return None
    spans: Any = found
    return Standing(row=found, age=spans.age, idle=spans.idle, unconfirmed=spans.unconfirmed)


def why_ended(key: str) -> str:
    """The reason for the person whose browser still holds the key of an ended session."""
    reason = LoginSession.objects.filter(key=fingerprint(key)).values_list("end_reason", flat=True).first()
    return reason or ""


def verdict(now: Standing, *, agent: str) -> EndReason | None:
    """Why the session ends with this request, or None."""
    if now.row.agent_hash != fingerprint(agent):
        return EndReason.BROWSER
    if now.absolute_left <= timedelta():
        return EndReason.ABSOLUTE
    if now.idle_left <= timedelta():
        return EndReason.IDLE
    return None


def touch(now: Standing, *, at_once: bool = False, acts: bool = False) -> None:
    """Somebody is working: the idle timer starts again. Written at most every 15 s, unless `at_once` or when the person
    `acts`, which is more than reading."""
    row = LoginSession.objects.filter(pk=now.row.pk, ended_at=None)
    if acts:
        row.update(seen_at=Now(), acted_at=Now())
    elif at_once or now.idle >= SEEN_EVERY:
        row.update(seen_at=Now())


def confirm(*, key: str, new_key: str) -> None:
    """The person has just proved again who they are, and the session has a new key (ASVS 7.2.4)."""
    LoginSession.objects.filter(key=key, ended_at=None).update(key=new_key, seen_at=Now(), confirmed_at=Now())


@transaction.atomic
def end_session(*, session_id: int, reason: EndReason, actor: User) -> LoginSession:
    """End one session. Its owner may end it; for others the caller must have asked for the right."""
    row = LoginSession.objects.select_for_update().get(pk=session_id)
    if row.ended_at is None:
        _end(row, reason)
        audit.record(actor=actor, action="accounts.session_ended", target=row.user, reason=reason.value)
    return row


@transaction.atomic
def end_all(*, user: User, reason: EndReason, but: str = "") -> int:
    """End every session of an account except the one with key `but`; returns how many. They are dead at once."""
    rows = LoginSession.objects.select_for_update().filter(user=user, ended_at=None).exclude(key=but or "-")
    return sum(1 for row in rows if _end(row, reason))


def close_timed_out() -> int:
    """Sessions of browsers that never came back; the lists show them as over, and their keys are gone."""
    idle = timedelta(minutes=limit("session.idle_minutes"))
    longest = timedelta(hours=limit("session.absolute_hours"))
    rows = LoginSession.objects.filter(ended_at=None)
    spent = [
        *((row, EndReason.ABSOLUTE) for row in rows.filter(started_at__lte=Now() - longest)),
        *((row, EndReason.IDLE) for row in rows.filter(seen_at__lte=Now() - idle, started_at__gt=Now() - longest)),
    ]
    return sum(1 for row, reason in spent if _end(row, reason))


def end_by_key(*, key: str, reason: EndReason) -> None:
    row = LoginSession.objects.filter(key=key, ended_at=None).first()
    if row is not None:
        _end(row, reason)


def _end(row: LoginSession, reason: EndReason) -> bool:
    """The key gives way to its hash: nothing in the database opens the session again."""
    Session.objects.filter(session_key=row.key).delete()
    spent = fingerprint(row.key)
    done = LoginSession.objects.filter(pk=row.pk, ended_at=None).update(
        ended_at=Now(), end_reason=reason.value, key=spent
    )
    return bool(done)
