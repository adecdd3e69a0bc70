from datetime import date

from portal.policy.models import CalendarDay, PolicyRule
from tests.matrix import Endpoint, Grant


def county_only(allowed: tuple[str, ...], *, ok: int):
    """These desks are for the whole county: a grant on a part of it opens nothing."""

    def verdict(role: str, place: str) -> int:
        return ok if role in allowed and place == "above" else 403

    return verdict


READERS, SETTERS = ("sysadmin", "secadmin"), ("secadmin",)


def a_day(_code: str) -> CalendarDay:
    return CalendarDay.objects.create(day=date(2027, 2, 6), kind="holiday", name="春节", basis="国办发明电")


def a_rule(_code: str) -> PolicyRule:
    return PolicyRule.objects.get(code="permit.issue_days", area_code="")


ENDPOINTS = [
    Endpoint("administration:calendar", Grant(CalendarDay, "view"), verdict=county_only(READERS, ok=200)),
    Endpoint(
        "administration:calendar",
        Grant(CalendarDay, "view"),
        method="post",
        data=lambda _row: {"first": "2027-02-06", "kind": "holiday", "name": "春节", "basis": "通知"},
        verdict=lambda role, place: 302 if (role, place) == ("secadmin", "above") else 403,
    ),
    Endpoint(
        "administration:calendar_forget",
        Grant(CalendarDay, "change"),
        row=a_day,
        method="post",
        verdict=county_only(SETTERS, ok=302),
    ),
    Endpoint("administration:rules", Grant(PolicyRule, "view"), verdict=county_only(READERS, ok=200)),
    Endpoint("administration:rule_edit", Grant(PolicyRule, "change"), row=a_rule, verdict=county_only(SETTERS, ok=200)),
]
