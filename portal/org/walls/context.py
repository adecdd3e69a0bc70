"""For whom the present transaction works: signed here, verified by `sec.context()` in the database.

    1|user|expiry (Unix seconds)|backend process|admissions|HMAC-SHA-256 in hex

Bound to the backend process, because other sessions of the same role can read it in `pg_stat_activity`; always local
to the transaction, because a session setting outlives the request of whom it speaks.
"""

import hmac
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from portal.org.models import User

SETTING = "app.ctx"
BLOCK_BYTES = 64
SECONDS = 900
"""Longer than any job's transaction may take; a statement beyond it sees nothing."""

Admissions = Mapping[str, frozenset[int]]
_keys: list[Callable[[], bytes]] = []
seconds_now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Context:
    user_id: int | None = None
    admissions: Admissions = field(default_factory=dict)


NOBODY = Context()


def key_from(source: Callable[[], bytes]) -> None:
    """The function that gives the key of 32 bytes; portal.vault, which stands above, hands it over at start-up."""
    _keys[:] = [source]


def pads() -> tuple[bytes, bytes]:
    """Inner and outer block of HMAC-SHA-256: the database needs them instead of the key (it has sha256 only)."""
    key = _key().ljust(BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


def token(context: Context, *, backend: int, expires: int) -> str:
    """Empty for nobody."""
    if context.user_id is None:
        return ""
    admitted = ";".join(f"{kind}:{','.join(map(str, sorted(keys)))}" for kind, keys in context.admissions.items())
    body = f"1|{context.user_id}|{expires}|{backend}|{admitted}"
    return f"{body}|{hmac.digest(_key(), body.encode(), 'sha256').hex()}"


def acting_for(user: Any) -> AbstractContextManager[None]:
    """Inside a transaction that nothing else will use: the end of it takes the context along."""
    return _acting(Context(user.pk if user else None), leave=False)


def scoped_transaction(user: User | None) -> AbstractContextManager[None]:
    """A transaction that acts for `user` (None: for nobody); the outer context comes back on leaving."""
    return scoped_transaction_for(user.pk if user else None)


@contextmanager
def scoped_transaction_for(user_id: int | None) -> Iterator[None]:
    nested = connection.in_atomic_block
    with transaction.atomic(), _acting(Context(user_id), leave=nested):
        yield


def admit(**keys: int) -> None:
    """Let the rest of this transaction reach one record beyond the user's areas: `admit(person=7)`.

    Call it only after wall 1 or an exact document number has opened the record. With a person come all rows about
    that person, to read and to write; with a dwelling that address, to read.
    """
    _set(_admitted(keys))


def admit_all(kind: str, keys: Iterable[int]) -> None:
    """The same for many records of one kind."""
    wanted = frozenset(keys)
    if wanted:
        now = current()
        known = now.admissions.get(kind, frozenset())
        _set(replace(now, admissions={**now.admissions, kind: known | wanted}))


@contextmanager
def admitted(**keys: int) -> Iterator[None]:
    """The same for a block, inside a transaction."""
    with _acting(_admitted(keys), leave=True):
        yield


def current() -> Context:
    stack = _stack()
    return stack[-1] if stack else NOBODY


@contextmanager
def _acting(context: Context, *, leave: bool) -> Iterator[None]:
    """An error needs no repair: the rollback to the savepoint, or of the whole, brings the old setting back.

    `leave` is False where the end of the transaction takes the setting along.
    """
    stack, before = _stack(), current()
    stack.append(context)
    try:
        _tell(context)
        yield
    finally:
        stack.pop()
    if leave:
        _tell(before)


def _admitted(keys: Mapping[str, int]) -> Context:
    now = current()
    more = {kind: now.admissions.get(kind, frozenset()) | {key} for kind, key in keys.items()}
    return replace(now, admissions={**now.admissions, **more})


def _set(context: Context) -> None:
    stack = _stack()
    if stack:
        stack[-1] = context
        _tell(context)


def _tell(context: Context) -> None:
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    text = token(context, backend=backend, expires=int(seconds_now()) + SECONDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, text])


def _stack() -> list[Context]:
    """Lives with the connection: the context of another thread is none of ours."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    if not hasattr(wrapper, "walls_contexts"):
        wrapper.walls_contexts = []
    stack: list[Context] = wrapper.walls_contexts
    return stack


def _key() -> bytes:
    if not _keys:
        raise ImproperlyConfigured("Nothing signs contexts: portal.vault has to be among the installed apps.")
    return _keys[0]()
