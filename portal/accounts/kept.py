"""What was typed when a session ended. Sealed, for one person and one page, for a day."""

import json
from datetime import timedelta
from typing import Any

from portal.accounts.models import KeptForm
from portal.core import clock
from portal.org.models import User

KEPT_FOR = timedelta(days=1)
LONGEST = 60_000
LONGEST_PATH = 200
MOST_FIELDS = 400
NEVER = frozenset({"csrfmiddlewaretoken", "password", "password1", "password2", "old", "code", "credential"})


def keep(*, user: User, path: str, fields: Any) -> bool:
    """False when it is no list of [name, text] pairs, or too long to be a form."""
    if not path.startswith("/") or len(path) > LONGEST_PATH or not isinstance(fields, list):
        return False
    pairs = [pair for pair in fields if _is_pair(pair) and pair[0] not in NEVER]
    content = json.dumps(pairs, ensure_ascii=False)
    if not pairs or len(pairs) > MOST_FIELDS or len(content) > LONGEST:
        return False
    KeptForm.objects.update_or_create(user=user, path=path, defaults={"content": content, "kept_at": clock.now()})
    return True


def give_back(*, user: User, path: str) -> list[list[str]]:
    row = KeptForm.objects.filter(user=user, path=path, kept_at__gt=clock.now() - KEPT_FOR).first()
    if row is None:
        return []
    fields: list[list[str]] = json.loads(row.content)
    row.delete()
    return fields


def waits_for(user: User) -> bool:
    return KeptForm.objects.filter(user=user).exists()


def purge() -> int:
    count, _rows = KeptForm.objects.filter(kept_at__lte=clock.now() - KEPT_FOR).delete()
    return count


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)  # noqa: PLR2004
