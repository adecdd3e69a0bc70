from celery import shared_task

from portal.core import wakeup
from portal.events import bus, idempotency


@shared_task
def deliver(event_id: int) -> None:
    bus.deliver(event_id)


@shared_task(expires=10)
def redeliver() -> None:
    """Every ten seconds: events whose message was lost, whose worker died or whose next try is due."""
    for event_id in bus.undelivered():
        wakeup.send(bus.DELIVER, event_id)


@shared_task
def forget_submissions() -> None:
    idempotency.forget_old()
