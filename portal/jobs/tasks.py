from celery import shared_task

from portal.jobs import results, services, worker


@shared_task
def run(job_id: str) -> None:
    worker.run(job_id)


@shared_task(expires=5)
def dispatch() -> None:
    services.dispatch()


@shared_task
def enqueue_daily() -> None:
    services.enqueue_daily()


@shared_task
def expire() -> None:
    results.expire()
