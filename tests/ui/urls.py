"""The portal's own pages alone, so that these tests need no department."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.ui import pages


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [
    path("", include("portal.accounts.urls")),
    path("broken/", broken, name="broken"),
    path("", include("tests.ui.sample")),
    path("", pages.preferences, name="home"),
    path("", include("portal.ui.urls")),
]
handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.page_not_found
handler500 = pages.server_error
