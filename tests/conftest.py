from collections.abc import Callable

import pytest
from django.core.management import call_command

from portal.org.models import User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from tests.factories.org import AreaFactory, StaffFactory


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Law and code tables are part of an installed product, so every test has them."""
    with django_db_blocker.unblock():
        call_command("load_policy", verbosity=0)


@pytest.fixture
def staff() -> Callable[..., User]:
    """A member of staff granted `actions` on `model` in one area and nothing else."""

    def make(
        model=None, *actions: str, at: str = "330822001001", role: str = "coadmin", user: User | None = None
    ) -> User:
        user = user or StaffFactory.create(role=role, area_code=at)
        if model is not None:
            grant_to_user(user, model, actions, at=AreaFactory.create(code=at))
            forget_grants(user)
        return user

    return make
