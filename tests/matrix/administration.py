from datetime import date

from django.contrib.auth.models import Group

from portal.org.models import Area, AreaGroupGrant, Delegation, Department, User
from portal.policy.models import CalendarDay, CodeItem, PolicyRule
from tests.factories.org import AreaFactory, PoliceDelegationFactory, StaffFactory
from tests.matrix import LOGGED_IN, Endpoint, Grant


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


def a_person(code: str) -> User:
    return StaffFactory.create(role="housing", area_code=code, display_name="周可见")


def a_disabled_person(code: str) -> User:
    return StaffFactory.create(role="housing", area_code=code, is_active=False)


def a_group(_code: str) -> Group:
    return Group.objects.create(name="房屋核查")


def a_member(code: str) -> tuple[Group, User]:
    group, person = a_group(code), a_person(code)
    person.groups.add(group)
    return group, person


def only_near(role: str, place: str) -> int | None:
    """Found by its number, but not to be changed from elsewhere."""
    return 403 if role == "secadmin" and place == "foreign" else None


WHY = {"reason": "离职"}


def an_area(code: str) -> Area:
    return AreaFactory.create(code=code)


def a_department(code: str) -> Department:
    return Department.objects.create(code="zjj", name="住建局", duties=["housing"], area_code=code)


def a_delegation(code: str) -> Delegation:
    return PoliceDelegationFactory.create(area_code=code, matters=["permit.endorse"], basis="委托书第 9 号")


def an_item(_code: str) -> CodeItem:
    return CodeItem.objects.create(table="occupation", code="91", name="外卖骑手", name_en="Food courier")


def by_table(row: CodeItem) -> list[object]:
    return [row.table]


def by_item(row: CodeItem) -> list[object]:
    return [row.table, row.pk]


CODE_READERS, CODE_SETTERS = ("sysadmin", "secadmin"), ("secadmin",)

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
    Endpoint(
        "administration:rule_edit",
        Grant(PolicyRule, "change"),
        row=a_rule,
        method="post",
        verdict=county_only(SETTERS, ok=422),
    ),
    Endpoint(
        "administration:people",
        Grant(User, "view"),
        row=a_person,
        args=lambda _row: [],
        secret=lambda row: row.display_name,
    ),
    Endpoint("administration:person_new", Grant(User, "add")),
    Endpoint("administration:person_new", Grant(User, "add"), method="post", ok=(422,)),
    Endpoint("administration:person", Grant(User, "view"), row=a_person, by_row=True),
    Endpoint("administration:person_edit", Grant(User, "change"), row=a_person, by_row=True),
    Endpoint("administration:person_edit", Grant(User, "change"), row=a_person, by_row=True, method="post", ok=(422,)),
    Endpoint("administration:person_code", Grant(User, "change"), row=a_person, by_row=True, method="post"),
    Endpoint(
        "administration:person_disable",
        Grant(User, "change"),
        row=a_person,
        by_row=True,
        method="post",
        data=lambda _row: WHY,
        ok=(302,),
    ),
    Endpoint(
        "administration:person_enable",
        Grant(User, "change"),
        row=a_disabled_person,
        by_row=True,
        method="post",
        data=lambda _row: WHY,
        ok=(302,),
    ),
    Endpoint("administration:groups", Grant(AreaGroupGrant, "view")),
    Endpoint("administration:group_new", Grant(AreaGroupGrant, "change")),
    Endpoint("administration:group_new", Grant(AreaGroupGrant, "change"), method="post", ok=(422,)),
    Endpoint("administration:group", Grant(AreaGroupGrant, "view"), row=a_group),
    Endpoint("administration:group", Grant(AreaGroupGrant, "change"), row=a_group, method="post", ok=(422,)),
    Endpoint(
        "administration:member_remove",
        Grant(AreaGroupGrant, "change"),
        row=a_member,
        args=lambda row: [row[0].pk, row[1].pk],
        method="post",
        data=lambda _row: WHY,
        ok=(302,),
        verdict=only_near,
    ),
    Endpoint(
        "administration:grants",
        Grant(AreaGroupGrant, "view"),
        row=a_person,
        args=lambda row: ["person", row.pk],
        by_row=True,
    ),
    Endpoint(
        "administration:grants",
        Grant(AreaGroupGrant, "view"),
        row=a_group,
        args=lambda row: ["group", row.pk],
        variant="group",
    ),
    Endpoint(
        "administration:grants",
        Grant(AreaGroupGrant, "change"),
        row=a_person,
        args=lambda row: ["person", row.pk],
        by_row=True,
        method="post",
        data=lambda row: {"at": row.area_code, "until": "?"},
        ok=(422,),
    ),
    Endpoint(
        "administration:see_as",
        Grant(AreaGroupGrant, "view"),
        row=a_person,
        args=lambda row: ["person", row.pk],
        by_row=True,
    ),
    Endpoint(
        "administration:see_as",
        Grant(AreaGroupGrant, "view"),
        row=a_group,
        args=lambda row: ["group", row.pk],
        variant="group",
    ),
    Endpoint("administration:unused", Grant(AreaGroupGrant, "view")),
    Endpoint("administration:why", Grant(AreaGroupGrant, "view")),
    Endpoint("administration:why", Grant(AreaGroupGrant, "view"), method="post", ok=(422,)),
    Endpoint("administration:own_why", LOGGED_IN),
    Endpoint("administration:areas", Grant(Area, "view")),
    Endpoint("administration:area_new", Grant(Area, "change"), row=an_area, by_row=True),
    Endpoint("administration:area_new", Grant(Area, "change"), row=an_area, by_row=True, method="post", ok=(422,)),
    Endpoint("administration:area_rename", Grant(Area, "change"), row=an_area, by_row=True),
    Endpoint("administration:area_rename", Grant(Area, "change"), row=an_area, by_row=True, method="post", ok=(422,)),
    Endpoint("administration:area_archive", Grant(Area, "change"), row=an_area, by_row=True),
    Endpoint("administration:area_archive", Grant(Area, "change"), row=an_area, by_row=True, method="post", ok=(422,)),
    Endpoint(
        "administration:departments",
        Grant(Department, "view"),
        row=a_department,
        args=lambda _row: [],
        secret=lambda row: row.name,
    ),
    Endpoint("administration:department_new", Grant(Department, "change")),
    Endpoint("administration:department_new", Grant(Department, "change"), method="post", ok=(422,)),
    Endpoint("administration:department_edit", Grant(Department, "change"), row=a_department, by_row=True),
    Endpoint(
        "administration:department_edit",
        Grant(Department, "change"),
        row=a_department,
        by_row=True,
        method="post",
        ok=(422,),
    ),
    Endpoint(
        "administration:delegations",
        Grant(Delegation, "view"),
        row=a_delegation,
        args=lambda _row: [],
        secret=lambda row: row.basis,
    ),
    Endpoint("administration:delegations", Grant(Delegation, "change"), method="post", ok=(422,)),
    Endpoint(
        "administration:delegation_end",
        Grant(Delegation, "change"),
        row=a_delegation,
        by_row=True,
        method="post",
        data=lambda _row: WHY,
        ok=(302,),
    ),
    Endpoint("administration:codes", Grant(CodeItem, "view"), verdict=county_only(CODE_READERS, ok=200)),
    Endpoint(
        "administration:code_table",
        Grant(CodeItem, "view"),
        row=an_item,
        args=by_table,
        verdict=county_only(CODE_READERS, ok=200),
    ),
    Endpoint(
        "administration:code_new",
        Grant(CodeItem, "change"),
        row=an_item,
        args=by_table,
        verdict=county_only(CODE_SETTERS, ok=200),
    ),
    Endpoint(
        "administration:code_new",
        Grant(CodeItem, "change"),
        row=an_item,
        args=by_table,
        method="post",
        verdict=county_only(CODE_SETTERS, ok=422),
    ),
    Endpoint(
        "administration:code_edit",
        Grant(CodeItem, "change"),
        row=an_item,
        args=by_item,
        verdict=county_only(CODE_SETTERS, ok=200),
    ),
    Endpoint(
        "administration:code_edit",
        Grant(CodeItem, "change"),
        row=an_item,
        args=by_item,
        method="post",
        verdict=county_only(CODE_SETTERS, ok=422),
    ),
    Endpoint(
        "administration:code_retire",
        Grant(CodeItem, "change"),
        row=an_item,
        args=by_item,
        method="post",
        verdict=county_only(CODE_SETTERS, ok=302),
    ),
]
