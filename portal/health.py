"""/healthz says the process lives; /readyz says whether it can work, and names what cannot."""

import shutil

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from portal.org.walls.checks import context_is_understood, open_tables, role_is_bound, role_owns_tables

LEAST_FREE_SHARE = 0.05
BROKER_TIMEOUT_SECONDS = 1


@require_safe
@login_not_required
def alive(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
def ready(_request: HttpRequest) -> HttpResponse:
    """503 and the failing parts by name. Says nothing about data, versions or addresses."""
    parts = {
        "database": _database,
        "migrations": _migrations,
        "walls": _walls,
        "broker": _broker,
        "worker": _worker,
        "disk": _disk,
    }
    state = {}
    for name, check in parts.items():
        try:
            state[name] = "ok" if check() else "failing"
        except (DatabaseError, OperationalError, OSError, ConnectionError):
            state[name] = "failing"
    return JsonResponse(state, status=200 if set(state.values()) == {"ok"} else 503)


def _database() -> bool:
    """The product's role must not be able to walk past row-level security."""
    return role_is_bound() and not role_owns_tables()


def _walls() -> bool:
    """Row-level security in force on every table that needs it, and the database knows this process's signature."""
    return not open_tables() and context_is_understood()


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker() -> bool:
    with current_app.connection(connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_TIMEOUT_SECONDS)
    return True


def _worker() -> bool:
    return bool(current_app.control.ping(timeout=BROKER_TIMEOUT_SECONDS))


def _disk() -> bool:
    usage = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR)
    return usage.free / usage.total > LEAST_FREE_SHARE
