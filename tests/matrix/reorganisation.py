"""Re-organisations are for the whole county: planned by the system, released by the security administrator."""

from collections.abc import Callable
from typing import Any

from portal.core import clock
from portal.org.models import Area, AreaChange, AreaChangeGrant, AreaChangePart, AreaGroupGrant
from tests.factories.org import AreaFactory, StaffFactory
from tests.matrix import Endpoint, Grant
from tests.matrix.administration import county_only

READERS, PLANNERS, RELEASERS = ("sysadmin", "secadmin"), ("sysadmin",), ("secadmin",)


def a_change(code: str) -> AreaChange:
    AreaFactory.create(code=code)
    planner = StaffFactory.create(role="administration", display_name="程拟定")
    change = AreaChange.objects.create(
        kind="rename", effective_on=clock.today(), basis="常民〔2026〕18 号", planned_by=planner
    )
    AreaChangePart.objects.create(change=change, before=code, after=code, name="东明新村")
    return change


def a_right(code: str) -> AreaChangeGrant:
    change = a_change(code)
    return AreaChangeGrant.objects.create(
        change=change,
        user=StaffFactory.create(role="station", area_code=code),
        codename="residents__view_registration",
        before=code,
        after=code,
        outcome="held",
    )


def address_of(kind: str) -> Callable[[Any], list[Any]]:
    """The kind stands in the address; there is no row yet."""
    return lambda _row: [kind]


ENDPOINTS = [
    Endpoint("administration:reorganisations", Grant(Area, "view"), verdict=county_only(READERS, ok=200)),
    *(
        Endpoint(
            "administration:reorganisation_new",
            Grant(Area, "change"),
            args=address_of(kind),
            row=a_change,
            method=method,
            variant=kind,
            verdict=county_only(PLANNERS, ok=200 if method == "get" else 422),
        )
        for kind in ("merge", "split", "recode")
        for method in ("get", "post")
    ),
    Endpoint("administration:reorganisation", Grant(Area, "view"), row=a_change, verdict=county_only(READERS, ok=200)),
    Endpoint(
        "administration:reorganisation_release",
        Grant(AreaGroupGrant, "change"),
        row=a_change,
        method="post",
        data=lambda row: {"version": row.version},
        verdict=county_only(RELEASERS, ok=302),
    ),
    Endpoint(
        "administration:reorganisation_withdraw",
        Grant(Area, "view"),
        row=a_change,
        method="post",
        data=lambda row: {"version": row.version, "reason": "批复撤销"},
        verdict=county_only(READERS, ok=302),
    ),
    Endpoint(
        "administration:reorganisation_again",
        Grant(AreaGroupGrant, "change"),
        row=a_change,
        method="post",
        verdict=county_only(RELEASERS, ok=302),
    ),
    Endpoint(
        "administration:reorganisation_right",
        Grant(AreaGroupGrant, "change"),
        row=a_right,
        args=lambda row: [row.change_id, row.pk],
        method="post",
        data=lambda _row: {"decision": "let_go"},
        verdict=county_only(RELEASERS, ok=302),
    ),
]
