"""The product's addresses and three that fail on purpose, so that every error page can be looked at."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.ui.pages import csrf_failure
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401
from portal.urls import urlpatterns as product


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


def suspicious(_request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("on purpose")


urlpatterns = [
    path("on-purpose/500/", broken),
    path("on-purpose/400/", suspicious),
    path("on-purpose/csrf/", csrf_failure),
    *product,
]
