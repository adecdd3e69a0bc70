"""“See as”: what a person, or a new member of a group, would find. Asked of both walls, never written down.

The question is put in their name inside a savepoint that is always rolled back; only the fact that it was asked stays.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from portal.administration.services.grants import Holder
from portal.administration.wording import Text, position, record_label
from portal.administration.wording import action_label as label_of_action
from portal.audit import services as audit
from portal.org.middleware import scoped_transaction
from portal.org.models import Area, AreaGroupGrant, User
from portal.org.scoping import ScopedModel, scope_of
from portal.org.services import system_user
from portal.ui.navigation import GROUPS, url_of, visible_items

CAP = 1000


@dataclass(frozen=True, slots=True)
class Sight:
    """`count` None: the record has no rows of its own. `capped`: there are more."""

    label: Text
    areas: tuple[str, ...]
    count: int | None
    capped: bool
    actions: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    sights: tuple[Sight, ...]
    menu: tuple[tuple[Text, tuple[tuple[Text, str], ...]], ...]


def see_as(holder: Holder, *, actor: User) -> Preview:
    """Raises PermissionDenied for a person outside the actor's areas. The look is recorded."""
    scope = scope_of(actor, AreaGroupGrant, "view")
    if scope.is_nowhere or (isinstance(holder, User) and holder.area_code not in scope):
        raise PermissionDenied
    with _in_the_place_of(holder) as user:
        seen = Preview(tuple(_sights(user)), _menu(user))
    audit.record(actor=actor, action="seen_as", target=holder)
    return seen


@contextmanager
def _in_the_place_of(holder: Holder) -> Iterator[User]:
    with transaction.atomic():
        if isinstance(holder, Group):
            user = User.objects.create(username=f"preview-{uuid.uuid4().hex[:20]}", is_active=True)
            with scoped_transaction(system_user()):  # the wall lets nobody who may only look put anybody into a group
                user.groups.add(holder)
        else:
            user = User.objects.select_related("department").get(pk=holder.pk)
        with scoped_transaction(user):
            yield user
        transaction.set_rollback(True)


def _sights(user: User) -> Iterator[Sight]:
    for model in apps.get_models():
        actions: tuple[str, ...] = getattr(model, "scope_actions", ())
        held = [action for action in actions if not scope_of(user, model, action).is_nowhere]
        if not held:
            continue
        count = _count(user, model) if issubclass(model, ScopedModel) and "view" in held else None
        yield Sight(
            label=record_label(model),
            areas=_names(scope_of(user, model, "view" if "view" in held else held[0]).codes),
            count=min(count, CAP) if count is not None else None,
            capped=count is not None and count > CAP,
            actions=tuple(label_of_action(one) for one in sorted(held, key=position)),
        )


def _count(user: User, model: type[models.Model]) -> int:
    rows = model._default_manager.all()
    seen: int = rows.restrict(user, "view").order_by()[: CAP + 1].count()  # type: ignore[attr-defined]
    return seen


def _names(codes: tuple[str, ...]) -> tuple[str, ...]:
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return tuple(names.get(code, code) for code in codes)


def _menu(user: User) -> tuple[tuple[Text, tuple[tuple[Text, str], ...]], ...]:
    items = visible_items(user)
    return tuple(
        (label, entries)
        for key, label in GROUPS.items()
        if (entries := tuple((item.label, url_of(item)) for item in items if item.group == key))
    )
