import csv
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from pathlib import Path

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction

from portal.core import pinyin
from portal.org.codes import COUNTY, level_of, parent_candidates
from portal.org.models import Area, AreaGroupGrant, AreaUserGrant, User
from portal.org.scoping import grant_codename


def initials_of(text: str) -> str:
    """Pinyin initials in lower case: 锦绣花园 → jxhy. Latin letters and digits stay."""
    return pinyin.initials(text).replace(" ", "")


@transaction.atomic
def load_areas(rows: Iterable[tuple[str, str]]) -> int:
    """Create or rename areas from (code, name) pairs; parents must come from the same rows or exist already.

    Returns how many areas were written. Raises ValueError for a code of a length that no level has.
    """
    wanted = dict(rows)
    known = dict(Area.objects.values_list("code", "pk"))
    for _length, codes in groupby(sorted(wanted, key=len), key=len):
        areas = [
            Area(
                code=code,
                name=wanted[code],
                level=level_of(code),
                parent_id=next((known[above] for above in parent_candidates(code) if above in known), None),
                initials=initials_of(wanted[code]),
            )
            for code in codes
        ]
        written = Area.objects.bulk_create(
            areas,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "level", "parent", "initials", "updated_at"],
        )
        known |= {area.code: area.pk for area in written}
    return len(wanted)


def read_divisions(path: Path) -> list[tuple[str, str]]:
    """A tab-separated file with the columns code and name (any further ones are ignored)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file, delimiter="\t")]


def area_path(code: str, *, separator: str = "") -> str:
    """The names from the county down to `code`: 常山县天马街道东明社区."""
    codes = [*parent_candidates(code), code]
    names = dict(Area.objects.filter(code__in=[c for c in codes if len(c) >= COUNTY]).values_list("code", "name"))
    return separator.join(names[c] for c in sorted(names, key=len))


@transaction.atomic
def grant_to_group(
    group: Group,
    model: type[models.Model],
    actions: Iterable[str],
    *,
    at: Area,
    valid_to: datetime | None = None,
    granted_by: User | None = None,
    reason: str = "",
) -> None:
    """Repeatable: a grant that exists already keeps its first term."""
    AreaGroupGrant.objects.bulk_create(
        [
            AreaGroupGrant(
                group=group,
                permission=permission,
                content_object=at,
                valid_to=valid_to,
                granted_by=granted_by,
                reason=reason,
            )
            for permission in _permissions(model, actions)
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def grant_to_user(
    user: User,
    model: type[models.Model],
    actions: Iterable[str],
    *,
    at: Area,
    valid_to: datetime | None = None,
    granted_by: User | None = None,
    reason: str = "",
) -> None:
    AreaUserGrant.objects.bulk_create(
        [
            AreaUserGrant(
                user=user,
                permission=permission,
                content_object=at,
                valid_to=valid_to,
                granted_by=granted_by,
                reason=reason,
            )
            for permission in _permissions(model, actions)
        ],
        ignore_conflicts=True,
    )


def _permissions(model: type[models.Model], actions: Iterable[str]) -> list[Permission]:
    codenames = {grant_codename(model, action) for action in actions}
    found = list(Permission.objects.filter(codename__in=codenames, content_type__app_label="org"))
    missing = codenames - {permission.codename for permission in found}
    if missing:
        raise ValueError(f"no such grant: {', '.join(sorted(missing))}")
    return found


def system_user() -> User:
    """The account that scheduled work acts as. It has no password and cannot log in."""
    user, created = User.objects.get_or_create(
        username="system", defaults={"display_name": "系统", "is_system": True, "is_active": True}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
