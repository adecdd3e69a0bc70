"""One effect per press of a button (security design §6.4).

outcome = once(actor=request.user, key=form["submission_id"], body=request.POST, run=lambda: register(...))
return redirect(outcome.url)
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.core import clock
from portal.core.errors import DomainError
from portal.events.models import Submission
from portal.org.models import User

KEPT = timedelta(days=7)
NOT_PART_OF_THE_BODY = {"csrfmiddlewaretoken", "submission_id"}
INSERT = """INSERT INTO events_submission (actor_id, key, body_hash, result_url, result_ref, at)
    VALUES (%s, %s, %s, '', '', %s) ON CONFLICT (actor_id, key) DO NOTHING RETURNING id"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`ref` is "app.model:pk" of the object made by the first call; `repeated` tells a second one."""

    url: str
    ref: str
    repeated: bool

    @property
    def pk(self) -> str:
        return self.ref.partition(":")[2]


def once(*, actor: User, key: str, run: Callable[[], models.Model | str], body: Any = "") -> Outcome:
    """Run `run` unless `actor` has sent `key` before; then give the first result back.

    `run` returns the object made (its `get_absolute_url()` becomes `url`) or a URL. A second call that runs at the
    same time waits for the first. When `run` raises, nothing is kept and the same key may be sent again.
    Raises DomainError when the key comes back with a different body.
    """
    digest = body_hash(body)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [actor.pk, key[:64], digest, clock.now()])
            inserted = cursor.fetchone()
        if inserted is None:
            return _first_result(actor, key, digest)
        result = run()
        url, ref = _url(result), _ref(result)
        Submission.objects.filter(pk=inserted[0]).update(result_url=url[:300], result_ref=ref)
    return Outcome(url, ref, repeated=False)


def body_hash(body: Any) -> str:
    """The same whatever the order of the fields; the CSRF token and the key itself do not count."""
    if isinstance(body, QueryDict):
        body = dict(body.lists())
    if isinstance(body, Mapping):
        kept = {name: body[name] for name in sorted(body) if name not in NOT_PART_OF_THE_BODY}
        body = json.dumps(kept, default=str, ensure_ascii=False)
    raw = body if isinstance(body, bytes) else str(body).encode()
    return hashlib.sha256(raw).hexdigest() if raw else ""


def forget_old() -> int:
    """Drop the keys that are older than seven days; returns how many."""
    return Submission.objects.filter(at__lt=clock.now() - KEPT).delete()[0]


def _first_result(actor: User, key: str, digest: str) -> Outcome:
    first = Submission.objects.get(actor=actor, key=key[:64])
    if first.body_hash != digest:
        raise DomainError(
            _("This form was already saved with other contents. Open a new form to save a second record."),
            code="submission_changed",
            context={"url": first.result_url},
        )
    return Outcome(first.result_url, first.result_ref, repeated=True)


def _url(result: models.Model | str) -> str:
    if isinstance(result, str):
        return result
    get_url = getattr(result, "get_absolute_url", None)
    return str(get_url()) if get_url else ""


def _ref(result: models.Model | str) -> str:
    return "" if isinstance(result, str) else f"{result._meta.label_lower}:{result.pk}"
