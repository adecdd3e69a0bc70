"""Where browsers tell that a page tried something its policy forbids."""

import json
import threading
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.core import logs

LARGEST = 16 * 1024
PER_MINUTE = 60
SHOWN = 40


class Bucket:
    """So many a minute for the whole process: a flood of reports must not fill the disk."""

    def __init__(self, per_minute: int) -> None:
        self.capacity = self.left = float(per_minute)
        self.then = time.monotonic()
        self.lock = threading.Lock()

    def take(self) -> bool:
        with self.lock:
            now = time.monotonic()
            self.left = min(self.capacity, self.left + (now - self.then) * self.capacity / 60)
            self.then = now
            if self.left < 1:
                return False
            self.left -= 1
            return True


bucket = Bucket(PER_MINUTE)


@csrf_exempt
@require_POST
@login_not_required
def csp_report(request: HttpRequest) -> HttpResponse:
    """204 for whatever is sent. Only the directive and the origin that was blocked are logged, never an address."""
    if not bucket.take():
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    told = _read(request)
    directive = str(told.get("effective-directive") or told.get("violated-directive") or "")
    logs.event("policy_report", directive=_word(directive), blocked=_origin(str(told.get("blocked-uri") or "")))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _read(request: HttpRequest) -> dict[str, Any]:
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return {}
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    report = told.get("csp-report") if isinstance(told, dict) else None
    return report if isinstance(report, dict) else {}


def _origin(uri: str) -> str:
    """`inline`, `eval`, `data` or a host; paths may hold anything."""
    try:
        host = urlsplit(uri).hostname
    except ValueError:
        host = None
    return _word(host or uri.partition(":")[0])


def _word(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter in "-. ")[:SHOWN] or "-"
