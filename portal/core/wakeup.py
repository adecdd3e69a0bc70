"""Telling the worker that something waits. The database is the queue; a message only saves the wait for the sweep."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def send(task: str, *args: object) -> bool:
    """False when the broker cannot be reached: the sweep of the beat process will send it later."""
    try:
        current_app.send_task(task, args, retry=False)
    except (KombuError, RedisError, OSError) as error:
        logger.warning("broker not reachable, %s waits for the sweep: %s", task, type(error).__name__)
        return False
    return True


def after_commit(task: str, *args: object) -> None:
    """Wake the worker once the surrounding transaction has committed; a dead broker never fails the request."""
    transaction.on_commit(lambda: send(task, *args), robust=True)
