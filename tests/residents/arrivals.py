"""What the tests of the arrival page share: a co-administrator and the fields of a form that would be accepted."""

import uuid
from datetime import date
from typing import Any

from portal.core import clock
from portal.org.models import User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from residents.models import Dwelling, Person, Registration, RegistrationChange
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import id_number

HERE, ELSEWHERE = "330822001001", "330822101201"
HEAD_NUMBER = id_number(born=date(1988, 6, 15), sequence=223)
WIFE_NUMBER = id_number(born=date(1990, 2, 3), sequence=226)
CHILD_NUMBER = id_number(born=date(2018, 9, 1), sequence=331)
GRANTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Registration, ("view", "add", "change", "deregister")),
    (RegistrationChange, ("view",)),
    (Person, ("view", "add", "change")),
    (Dwelling, ("view", "add", "change")),
)


def coadmin(at: str = HERE) -> User:
    user = StaffFactory.create(role="coadmin", area_code=at)
    for model, actions in GRANTS:
        grant_to_user(user, model, actions, at=AreaFactory.create(code=at))
    forget_grants(user)
    return user


def filled(dwelling: Dwelling, /, *rows: dict[str, str], **changes: str) -> dict[str, str]:
    """赵小禾, born 1988-06-15, arriving today; `rows` are companions by the names of their fields."""
    data = {
        "submission_id": str(uuid.uuid4()),
        "document_kind": "111",
        "document_number": HEAD_NUMBER,
        "name": "赵小禾",
        "sex": "1",
        "birth_date": "1988-06-15",
        "phone": "13900001111",
        "dwelling": str(dwelling.pk),
        "dwelling_text": dwelling.address,
        "arrived_on": clock.today().isoformat(),
        "lodging": "05",
        "reason": "01",
        "channel": "window",
        "with-TOTAL_FORMS": str(len(rows)),
        "with-INITIAL_FORMS": "0",
        "then": "next",
    }
    for at, row in enumerate(rows):
        data |= {f"with-{at}-{name}": value for name, value in {"document_kind": "111", **row}.items()}
    return data | changes


WIFE = {"relation": "10", "document_number": WIFE_NUMBER, "name": "李秀英"}
CHILD = {"relation": "20", "document_number": CHILD_NUMBER, "name": "赵一诺"}
