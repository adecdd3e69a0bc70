from celery import shared_task

from portal.accounts import kept, sessions


@shared_task
def tidy() -> None:
    """Every hour: kept forms older than a day go; sessions that timed out while nobody asked get their end."""
    kept.purge()
    sessions.close_timed_out()
