"""Departments, accounts, groups, grants and the delegation: everything that must stand before there is a population."""

from dataclasses import dataclass, field
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from demo.draws import settings_file
from demo.grants import grants_of
from demo.names import name_of
from portal.audit.models import ThreeAdmin
from portal.audit.three_admins import RIGHTS
from portal.core import clock
from portal.org.codes import COMMUNITY, COUNTY, TOWNSHIP
from portal.org.models import Area, Delegation, Department, User
from portal.org.services import grant_to_group
from residents.services.permits.applications import ACCEPT, DELIVER
from residents.services.permits.endorsements import ENDORSE

COUNTY_CODE = "330822"
MAIN_TOWNSHIP = "330822001"
DELEGATED = [ACCEPT, DELIVER, ENDORSE]
DELEGATION_BASIS = "《浙江省流动人口居住登记条例》第七条；常山县公安局委托书（演示）"
REASON = "演示账号"


@dataclass(slots=True)
class Staff:
    """Who did what in the history: co-administrators by community, station officers by township, county police."""

    registrars: dict[str, list[int]] = field(default_factory=dict)
    station: dict[str, int] = field(default_factory=dict)
    police: list[int] = field(default_factory=list)

    def registrar(self, rng: Random, area_code: str) -> int:
        """The community's own people, else the township's station."""
        own = self.registrars.get(area_code[:COMMUNITY]) or self.registrars[area_code[:TOWNSHIP]]
        return rng.choice(own)

    def officer(self, area_code: str) -> int:
        return self.station[area_code[:TOWNSHIP]]


@transaction.atomic
def load_staff(*, password: str, seed: int) -> Staff:
    """Repeatable: accounts that exist keep their password."""
    plan = settings_file("staff")
    areas = {area.code: area for area in Area.objects.filter(code__startswith=COUNTY_CODE)}
    townships = [area for code, area in areas.items() if len(code) == TOWNSHIP]
    departments = _departments(plan["department"], townships)
    entries = [*plan["account"], *_field_staff(Random(seed), areas)]
    groups = {(entry["role"], entry["area"]): None for entry in entries}
    made = {(role, area): _group(role, areas[area]) for role, area in groups}
    hashed = make_password(password)
    users = [_account(entry, departments, made[entry["role"], entry["area"]], hashed) for entry in entries]
    _delegation(departments["gaj"])
    return _roster(users, entries)


def _departments(plan: list[dict], townships: list[Area]) -> dict[str, Department]:
    rows = [
        *plan,
        *(
            {
                "code": f"station:{area.code}",
                "name": f"{area.name}流动人口服务管理站",
                "name_en": "Service station",
                "duties": ["station"],
                "area": area.code,
            }
            for area in townships
        ),
        *(
            {
                "code": f"police:{area.code}",
                "name": f"{area.name.removesuffix('街道').removesuffix('镇').removesuffix('乡')}派出所",
                "name_en": "Police station",
                "duties": ["police"],
                "area": area.code,
            }
            for area in townships
        ),
    ]
    return {
        row["code"]: Department.objects.update_or_create(
            code=row["code"],
            defaults={
                "name": row["name"],
                "name_en": row["name_en"],
                "duties": row["duties"],
                "area_code": row["area"],
            },
        )[0]
        for row in rows
    }


def _field_staff(rng: Random, areas: dict[str, Area]) -> list[dict]:
    """Two co-administrators for every community of the main township; elsewhere one and an officer a township."""
    entries = []
    for code in sorted(areas):
        name = name_of(rng, sex=rng.choice("12"), birth_year=rng.randint(1972, 1996), ethnicity="01")
        if len(code) == COMMUNITY and code.startswith(MAIN_TOWNSHIP):
            title, role, department = "协管员", "coadmin", f"station:{MAIN_TOWNSHIP}"
        elif len(code) == TOWNSHIP and code != MAIN_TOWNSHIP:
            title, role, department = "流管站协管员", "coadmin", f"station:{code}"
            officer = name_of(rng, sex="1", birth_year=rng.randint(1972, 1996), ethnicity="01")
            entries.append(
                {
                    "username": f"station-{code[COUNTY:]}",
                    "name": officer,
                    "title": "派出所户籍民警",
                    "role": "station",
                    "department": f"police:{code}",
                    "area": code,
                }
            )
        else:
            continue
        username = f"coadmin-{code[COUNTY:]}"
        entries.append(
            {"username": username, "name": name, "title": title, "role": role, "department": department, "area": code}
        )
    return entries


def _group(role: str, area: Area) -> Group:
    group, _created = Group.objects.get_or_create(name=f"{role}@{area.code}")
    for model, actions in grants_of(role):
        grant_to_group(group, model, actions, at=area, reason=REASON)
    return group


def _account(entry: dict, departments: dict[str, Department], group: Group, hashed: str) -> User:
    user, _created = User.objects.get_or_create(
        username=entry["username"],
        defaults={
            "display_name": entry["name"],
            "title": entry["title"],
            "department": departments[entry["department"]],
            "area_code": entry["area"],
            "password": hashed,
        },
    )
    if entry["role"] in RIGHTS:
        ThreeAdmin.objects.get_or_create(user=user, defaults={"kind": entry["role"]})
    user.groups.add(group)
    return user


def _delegation(police: Department) -> None:
    Delegation.objects.get_or_create(
        delegator=police,
        area_code=COUNTY_CODE,
        defaults={
            "matters": DELEGATED,
            "basis": DELEGATION_BASIS,
            "valid_from": clock.today().replace(month=1, day=1),
        },
    )


def _roster(users: list[User], entries: list[dict]) -> Staff:
    staff = Staff()
    for user, entry in zip(users, entries, strict=True):
        if entry["role"] == "coadmin":
            staff.registrars.setdefault(entry["area"], []).append(user.pk)
        elif entry["role"] == "station":
            staff.station[entry["area"]] = user.pk
            staff.registrars.setdefault(entry["area"], []).append(user.pk)
        elif entry["role"] == "police":
            staff.police.append(user.pk)
    return staff
