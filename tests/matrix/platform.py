from portal.org.models import Area
from portal.reports.models import AreaCount
from tests.matrix import LOGGED_IN, PUBLIC, Endpoint, Grant

ENDPOINTS = [
    Endpoint("healthz", PUBLIC, ok=(200,)),
    Endpoint("readyz", PUBLIC, ok=(200, 503)),
    Endpoint("login", PUBLIC, ok=(200, 302)),
    Endpoint("logout", PUBLIC, method="post", ok=(302,)),
    Endpoint("ui:prefs", LOGGED_IN),
    Endpoint("ui:prefs", LOGGED_IN, method="post", data=lambda _row: {"theme": "dark"}, ok=(302,)),
    Endpoint("ui:palette", LOGGED_IN),
    Endpoint("ui:bell", LOGGED_IN, ok=(200, 204, 404)),
    Endpoint("ui:watermark", LOGGED_IN),
    Endpoint("ui:styleguide", LOGGED_IN),
    Endpoint("reports:workbench", LOGGED_IN),
    Endpoint("reports:dashboard", Grant(AreaCount, "view")),
    Endpoint(
        "reports:dashboard_area",
        Grant(AreaCount, "view"),
        row=lambda code: Area.objects.get(code=code),
        args=lambda area: [area.code],
        by_row=True,
    ),
]
