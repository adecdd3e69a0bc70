from celery import shared_task

from portal.reports import services


@shared_task
def fold_counts() -> None:
    """Every 10 seconds, so that figures are fresh within a minute."""
    services.fold()
