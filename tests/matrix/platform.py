from portal.org.models import Area
from portal.reports.models import AreaCount
from portal.ui.models import SavedView
from tests.factories.org import StaffFactory
from tests.matrix import LOGGED_IN, PUBLIC, Endpoint, Grant


def somebody_s_view(_code: str) -> SavedView:
    return SavedView.objects.create(owner=StaffFactory.create(), path="/permits/", name="即将超时", query="t=soon")


ENDPOINTS = [
    Endpoint("healthz", PUBLIC, ok=(200,)),
    Endpoint("readyz", PUBLIC, ok=(200, 503)),
    # For the machine that watches, on the local socket or with its token (tests/portal/test_metrics.py).
    Endpoint("metrics", PUBLIC, ok=(404,)),
    Endpoint("csp_report", PUBLIC, method="post", ok=(204, 429)),
    Endpoint("ui:prefs", LOGGED_IN),
    Endpoint("ui:prefs", LOGGED_IN, method="post", data=lambda _row: {"theme": "dark"}, ok=(302,)),
    Endpoint("ui:palette", LOGGED_IN, method="post", data=lambda _row: {"q": "王"}),
    Endpoint("ui:search", LOGGED_IN),
    Endpoint("ui:search", LOGGED_IN, method="post", data=lambda _row: {"q": "王"}),
    Endpoint("ui:bell", LOGGED_IN, ok=(200, 204, 404)),
    Endpoint("ui:watermark", LOGGED_IN),
    Endpoint(
        "ui:view_save",
        LOGGED_IN,
        method="post",
        data=lambda _row: {"name": "本周到期", "path": "/permits/", "query": "t=soon"},
        ok=(302,),
    ),
    # A saved view belongs to its owner: somebody else's does not exist.
    Endpoint("ui:view_remove", LOGGED_IN, method="post", row=somebody_s_view, ok=(404,)),
    Endpoint("ui:view_share", LOGGED_IN, method="post", row=somebody_s_view, ok=(404,)),
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
