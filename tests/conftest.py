from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from portal.audit.models import ThreeAdmin
from portal.audit.three_admins import kinds_allowing
from portal.org.delegable import is_reserved
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import forget_grants, grant_codename
from portal.org.services import grant_to_user
from tests.factories.org import AreaFactory, StaffFactory

CHINA = ZoneInfo("Asia/Shanghai")
LONG_AGO = datetime(2020, 1, 1, tzinfo=CHINA)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Law and code tables are part of an installed product, so every test has them."""
    with django_db_blocker.unblock():
        call_command("load_policy", verbosity=0)


@pytest.fixture
def installed(transactional_db) -> None:
    """For tests that commit: emptying the tables after one of them takes the law along."""
    call_command("load_policy", verbosity=0)


@pytest.fixture
def staff() -> Callable[..., User]:
    """A member of staff granted `actions` on `model` in one area and nothing else."""

    def make(
        model=None, *actions: str, at: str = "330822001001", role: str = "coadmin", user: User | None = None
    ) -> User:
        user = user or StaffFactory.create(role=role, area_code=at)
        if model is not None:
            make_administrator(user, {grant_codename(model, action) for action in actions})
            grant_to_user(user, model, actions, at=AreaFactory.create(code=at))
            for grant in AreaUserGrant.objects.filter(user=user):
                grant.valid_from = LONG_AGO  # tests move the clock about
                grant.save(update_fields=["valid_from"])
            forget_grants(user)
        return user

    return make


def make_administrator(user: User, codenames: set[str]) -> None:
    """Rights of the three administrators need the office first: the kind that has them all, with those held already."""
    held = set(AreaUserGrant.objects.filter(user=user).values_list("permission__codename", flat=True))
    if not any(is_reserved(codename) for codename in codenames):
        return
    kinds = kinds_allowing({codename for codename in codenames | held if is_reserved(codename)})
    if kinds:
        grants = list(AreaUserGrant.objects.filter(user=user))
        AreaUserGrant.objects.filter(user=user).delete()
        ThreeAdmin.objects.update_or_create(user=user, defaults={"kind": kinds[0]})
        AreaUserGrant.objects.bulk_create(grants)


@pytest.fixture
def at() -> Iterator[Callable[[str], None]]:
    """`at("2026-11-20 09:00")` stops the county's clock there; call it again to move on."""
    stack = ExitStack()

    def move(moment: str) -> None:
        stack.close()
        stack.enter_context(time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=CHINA), tick=False))

    yield move
    stack.close()
