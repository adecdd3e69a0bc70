from celery import shared_task

from portal.accounts import kept, lockout, sessions


@shared_task
def tidy() -> None:
    """Every hour: kept forms older than a day and attempts older than a quarter go; sessions of browsers that never
    came back get their end."""
    kept.purge()
    lockout.purge()
    sessions.close_timed_out()
