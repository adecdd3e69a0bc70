"""/metrics in the text format of Prometheus: counts and ages, never a person, an area or an address.

For the machine that watches, not for browsers: it answers on the local socket, and elsewhere only to METRICS_TOKEN.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, transaction
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.audit import sealing
from portal.core import clock, counters
from portal.events.models import Delivery, StoredEvent
from portal.jobs.models import Job, JobState

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
DAY = timedelta(days=1)
Gauge = tuple[str, str, Callable[[], float]]


@require_safe
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """404 for everybody else: that there is such a page is nobody's business."""
    if not _is_watcher(request):
        raise Http404
    response = HttpResponse("\n".join([*_counted(), *_measured(), ""]), content_type=FORMAT, status=HTTPStatus.OK)
    response["Cache-Control"] = "no-store"
    return response


def _is_watcher(request: HttpRequest) -> bool:
    """A Unix socket has no address; what came through nginx over one carries the headers that nginx adds."""
    if not request.META.get("REMOTE_ADDR") and "HTTP_X_FORWARDED_FOR" not in request.META:
        return True
    told = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(told.encode(), settings.METRICS_TOKEN.encode())


def _counted() -> Iterator[str]:
    seen = counters.snapshot()
    yield "# TYPE anju_http_requests_total counter"
    for status in counters.STATUSES:
        yield f'anju_http_requests_total{{status="{status}"}} {seen[f"request:{status}"]}'
    total = sum(seen[f"request:{status}"] for status in counters.STATUSES)
    yield "# TYPE anju_http_request_seconds histogram"
    for bound in counters.BUCKETS:
        yield f'anju_http_request_seconds_bucket{{le="{bound}"}} {seen[f"seconds:{bound}"]}'
    yield f'anju_http_request_seconds_bucket{{le="+Inf"}} {total}'
    yield f"anju_http_request_seconds_sum {seen['seconds:sum_microseconds'] / 1_000_000}"
    yield f"anju_http_request_seconds_count {total}"
    yield "# TYPE anju_security_events_total counter"
    for name in counters.EVENTS:
        yield f'anju_security_events_total{{event="{name}"}} {seen[f"event:{name}"]}'


def _measured() -> Iterator[str]:
    for name, labels, measure in GAUGES:
        if not labels.startswith("{state") or '"queued"' in labels:
            yield f"# TYPE anju_{name} gauge"
        yield f"anju_{name}{labels} {_value(measure)}"


def _value(measure: Callable[[], float]) -> float:
    """NaN says that nobody knows; a scrape must not fail because one table is locked."""
    try:
        with transaction.atomic():
            return measure()
    except DatabaseError:
        return float("nan")


def _jobs(*states: str) -> Callable[[], float]:
    return lambda: Job.objects.filter(state__in=states).count()


def _failed_jobs() -> float:
    return Job.objects.filter(state=JobState.FAILED, finished_at__gt=clock.now() - DAY).count()


def _oldest_job() -> float:
    waiting = Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING])
    return _age(waiting.aggregate(since=Min("created_at"))["since"])


def _outbox_lag() -> float:
    return _age(StoredEvent.objects.filter(settled_at=None).aggregate(since=Min("at"))["since"])


def _dead_letters() -> float:
    return Delivery.objects.filter(is_dead=True, delivered_at=None).count()


def _age(since: object) -> float:
    return max(0.0, (clock.now() - since).total_seconds()) if since else 0.0  # type: ignore[operator]


GAUGES: tuple[Gauge, ...] = (
    ("jobs", '{state="queued"}', _jobs(JobState.QUEUED)),
    ("jobs", '{state="running"}', _jobs(JobState.RUNNING)),
    ("jobs_failed_last_day", "", _failed_jobs),
    ("job_oldest_seconds", "", _oldest_job),
    ("outbox_lag_seconds", "", _outbox_lag),
    ("outbox_dead_letters", "", _dead_letters),
    ("audit_rows_unsealed", "", sealing.waiting),
)
