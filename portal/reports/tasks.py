from celery import shared_task

from portal.org.middleware import scoped_transaction
from portal.org.services import system_user
from portal.reports import services


@shared_task
def fold_counts() -> None:
    """Every 10 seconds, so that figures are fresh within a minute."""
    with scoped_transaction(system_user()):
        services.fold()
