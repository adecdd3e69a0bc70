from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from portal.core import clock
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from residents.models import Dwelling, Person, Registration, RegistrationChange
from tests.conftest import LONG_AGO
from tests.factories.org import AreaFactory
from tests.factories.residents import COMMUNITY, DwellingFactory, id_number

GRANTS = {
    Registration: ("view", "add", "change", "deregister", "import"),
    Person: ("view", "add", "change"),
    Dwelling: ("view", "add", "change", "import"),
    RegistrationChange: ("view",),
}


@pytest.fixture
def importer(staff: Callable[..., User]) -> User:
    """Somebody of the community 东明 who registers people and imports lists."""
    user = staff(role="station")
    area = AreaFactory.create(code=COMMUNITY, name="东明社区")
    for model, actions in GRANTS.items():
        grant_to_user(user, model, actions, at=area)
    AreaUserGrant.objects.filter(user=user).update(valid_from=LONG_AGO)  # tests move the clock about
    forget_grants(user)
    return user


@pytest.fixture
def door() -> Dwelling:
    return DwellingFactory.create(room="501", address="锦绣花园3幢2单元501室", shorthand="jxhy3-2-501")


@pytest.fixture
def person(door: Dwelling) -> Callable[..., dict[str, Any]]:
    """A row as it should be: 李秀英, born 1993-03-08 in 桐梓县, arrived today."""

    def make(sequence: int = 246, **changes: Any) -> dict[str, Any]:
        return {
            "name": "李秀英",
            "document_number": id_number(born=date(1993, 3, 8), sequence=sequence),
            "phone": "13900001234",
            "address": door.address,
            "arrived_on": clock.today().isoformat(),
            "lodging": "租赁房屋",
            "reason": "务工",
        } | changes

    return make
