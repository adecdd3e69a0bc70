"""The composition root: the only module that knows every page of the product."""

from django.urls import include, path

from portal import health
from portal.core.web.reports import csp_report
from portal.metrics import metrics
from portal.ui import pages

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("csp-report", csp_report, name="csp_report"),
    path("", include("portal.accounts.urls")),
    path("", include("portal.accounts.sso.urls")),
    path("", include("portal.ui.urls")),
    path("", include("portal.administration.urls")),
    path("", include("portal.reports.urls")),
    path("", include("portal.events.urls")),
    path("", include("portal.jobs.urls")),
    path("", include("portal.exports.urls")),
    path("", include("portal.imports.urls")),
    path("", include("portal.files.urls")),
    path("", include("portal.oversight.urls")),
    path("", include("residents.urls")),
    path("", include("privacy.urls")),
    path("", include("rentals.urls")),
]

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.page_not_found
handler500 = pages.server_error
