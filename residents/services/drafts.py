"""Forms that were begun and not finished (pattern P15). A draft is encrypted as a whole and belongs to its author."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.core import clock
from portal.org.models import User
from portal.policy.services import rule
from residents.models import Draft

NEVER_KEPT = frozenset({"csrfmiddlewaretoken"})


def form_key(kind: str, submission: str) -> str:
    """Each opened form has its own draft; `kind` has at most seven characters."""
    return f"{kind}/{uuid.UUID(submission).hex}"


@transaction.atomic
def save_draft(*, form: str, data: Mapping[str, list[str]], actor: User) -> Draft:
    """Keep the lists of values of a form as they were typed, nothing is judged. Saving again replaces the draft."""
    kept = {name: values for name, values in data.items() if name not in NEVER_KEPT}
    draft, _created = Draft.objects.update_or_create(author=actor, form=form, defaults={"data": kept})
    return draft


def drafts_of(*, actor: User, kinds: tuple[str, ...]) -> QuerySet[Draft]:
    """Newest first; only the author's own, and only those that the retention rule still allows."""
    oldest = clock.now() - timedelta(days=int(rule("draft.retention_days").value))
    own = Draft.objects.filter(author=actor, updated_at__gte=oldest)
    return own.filter(form__regex=rf"^({'|'.join(kinds)})/")


def forget_draft(*, form: str, actor: User) -> None:
    Draft.objects.filter(author=actor, form=form).delete()


@transaction.atomic
def delete_draft(*, draft_id: uuid.UUID, actor: User) -> None:
    """Raises Draft.DoesNotExist for a draft of somebody else."""
    Draft.objects.select_for_update().get(pk=draft_id, author=actor).delete()


def purge_drafts() -> int:
    """Delete what is older than the retention rule allows, whoever wrote it; returns how many."""
    oldest = clock.now() - timedelta(days=int(rule("draft.retention_days").value))
    return Draft.objects.filter(updated_at__lt=oldest).delete()[0]


def plain_values(data: Mapping[str, Any]) -> dict[str, str]:
    """The last value of every field, as a form's `initial` wants it."""
    return {name: values[-1] if isinstance(values, list) and values else "" for name, values in data.items()}
