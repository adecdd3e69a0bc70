"""The outbox. `publish()` in the service's transaction, `@subscribe(Event)` in `<app>/subscribers.py`.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class PersonLeft(DomainEvent):
        name = "residents.person_left"
        person_id: int
        left_on: date

    @subscribe(PersonLeft)
    def close_the_visits(event: PersonLeft) -> None: ...

Field types may be str, int, bool, date, datetime, Decimal, UUID, tuples of these, or None.
A handler runs in its own transaction, as the system user, and at most once with success.
"""

import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from portal.core import clock, wakeup
from portal.events.models import Delivery, StoredEvent
from portal.events.payload import revive
from portal.org.middleware import scoped_transaction
from portal.org.services import system_user

DELIVER = "portal.events.tasks.deliver"
MAX_ATTEMPTS = 8
OLD_ENOUGH = timedelta(seconds=5)
BATCH = 500
ENCODER = DjangoJSONEncoder()
INSERT_MANY = """INSERT INTO events_storedevent (name, payload, at)
    SELECT x.name, x.payload, %s FROM json_populate_recordset(NULL::events_storedevent, %s) x"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    name: ClassVar[str]


E = TypeVar("E", bound=DomainEvent)
_types: dict[str, type[DomainEvent]] = {}
_subscribers: dict[str, dict[str, Callable[[Any], None]]] = defaultdict(dict)


def subscribe(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a handler. Its dotted name is stored with each delivery: renaming it delivers open events again."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _types[event_type.name] = event_type
        _subscribers[event_type.name][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def publish(event: DomainEvent) -> None:
    """Store the fact now; tell the subscribers once the surrounding transaction has committed."""
    stored = StoredEvent.objects.create(name=event.name, payload=asdict(event))
    wakeup.after_commit(DELIVER, stored.pk)


def publish_many(events: Iterable[DomainEvent]) -> None:
    """The same for a block of facts. The sweep sends them in order: a wake-up for each would flood the broker."""
    rows = [{"name": event.name, "payload": _fields(event)} for event in events]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_MANY, [clock.now(), ENCODER.encode(rows)])


def _fields(event: DomainEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


def deliver(event_id: int) -> None:
    """Hand one event to every subscriber that has not had it. Safe to call twice and at the same time."""
    stored = StoredEvent.objects.filter(pk=event_id, settled_at=None).first()
    if stored is None:
        return
    settled = [_deliver_to(stored, name, handler) for name, handler in _subscribers[stored.name].items()]
    if all(settled):
        StoredEvent.objects.filter(pk=stored.pk).update(settled_at=clock.now())


def undelivered() -> list[int]:
    """What the sweep sends again: unsettled, older than five seconds, and not waiting for its next try."""
    now = clock.now()
    waiting = Q(deliveries__next_try_at__gt=now)
    return list(
        StoredEvent.objects.filter(settled_at=None, at__lt=now - OLD_ENOUGH)
        .exclude(pk__in=StoredEvent.objects.filter(waiting, settled_at=None).values("pk"))
        .order_by("pk")
        .values_list("pk", flat=True)[:BATCH]
    )


def dead_letters() -> QuerySet[Delivery]:
    """Deliveries that were given up on, newest first, with their events."""
    return Delivery.objects.filter(is_dead=True).select_related("event").order_by("-event_id")


@transaction.atomic
def try_again(delivery_id: int) -> None:
    """Give a dead letter its full number of attempts once more."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    delivery.is_dead, delivery.attempts, delivery.next_try_at = False, 0, None
    delivery.save(update_fields=["is_dead", "attempts", "next_try_at"])
    StoredEvent.objects.filter(pk=delivery.event_id).update(settled_at=None)
    wakeup.after_commit(DELIVER, delivery.event_id)


def _deliver_to(stored: StoredEvent, subscriber: str, handler: Callable[[Any], None]) -> bool:
    """True when nothing remains to be done for this subscriber."""
    Delivery.objects.bulk_create([Delivery(event=stored, subscriber=subscriber)], ignore_conflicts=True)
    try:
        system = system_user()
        history = pghistory.context(actor=system.pk, purpose=f"event {stored.name}", request=f"event {stored.pk}")
        with history, scoped_transaction(system):
            mine = Delivery.objects.select_for_update(skip_locked=True).filter(event=stored, subscriber=subscriber)
            delivery = mine.first()
            if delivery is None:
                return False
            if delivery.delivered_at or delivery.is_dead:
                return True
            handler(revive(_types[stored.name], stored.payload))
            mine.update(delivered_at=clock.now(), attempts=delivery.attempts + 1, last_error="", next_try_at=None)
    except Exception as error:  # noqa: BLE001 - any failure of a subscriber is kept with the delivery, none is lost
        return _failed(stored, subscriber, error)
    return True


def _failed(stored: StoredEvent, subscriber: str, error: Exception) -> bool:
    """Count the attempt and put the next one off (2, 4, 8 … seconds). The message of the error may hold values
    of the row, so only its type and place are kept."""
    delivery = Delivery.objects.get(event=stored, subscriber=subscriber)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
    delivery.attempts += 1
    delivery.last_error = f"{type(error).__name__} {where}"
    delivery.is_dead = delivery.attempts >= MAX_ATTEMPTS
    delivery.next_try_at = clock.now() + timedelta(seconds=2**delivery.attempts)
    delivery.save(update_fields=["attempts", "last_error", "is_dead", "next_try_at"])
    return delivery.is_dead
