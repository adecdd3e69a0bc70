from datetime import timedelta
from typing import Any

from portal.core import clock
from residents.choices import ChangeKind
from residents.models import Dwelling, Person, Registration, RegistrationChange, TransferRequest
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory
from tests.matrix import Endpoint, Grant


def stay(area_code: str) -> Registration:
    return RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))


def person(area_code: str) -> Person:
    found: Person = stay(area_code).person
    return found


def child(area_code: str) -> Person:
    born = clock.today().replace(day=1) - timedelta(days=8 * 365)
    held = PersonFactory.create(area_code=area_code, birth_date=born)
    found: Person = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code), person=held).person
    return found


def transfer(area_code: str) -> TransferRequest:
    held = stay(area_code)
    return TransferRequest.objects.create(
        area_code=area_code,
        to_area="330822002001",
        person=held.person,
        registration=held,
        dwelling=DwellingFactory.create(area_code="330822002001"),
        moved_on=held.arrived_on,
        lodging="05",
        reason="换了工作",
        due_on=held.arrived_on,
        requested_by=StaffFactory.create(),
    )


def dwelling(area_code: str) -> Dwelling:
    return DwellingFactory.create(area_code=area_code)


def left_stay(area_code: str) -> Registration:
    home = DwellingFactory.create(area_code=area_code)
    made = RegistrationFactory.create(dwelling=home)
    made.status, made.left_on, made.left_reason, made.closed_on = "left", made.arrived_on, "01", made.arrived_on
    made.save()
    return made


def change(area_code: str) -> RegistrationChange:
    made = stay(area_code)
    return RegistrationChange.objects.create(
        registration=made,
        person=made.person,
        area_code=area_code,
        kind=ChangeKind.ARRIVAL,
        recorded_on=made.registered_on,
        happened_on=made.arrived_on,
        actor=StaffFactory.create(),
    )


def undo_verdict(role: str, place: str) -> int | None:
    """Seeing a line of the change ledger is not enough: undoing needs the right to change the stay."""
    if role in {"township", "office", "clerk"}:
        return 404
    return None


def reveal_data(_row: Any) -> dict[str, str]:
    return {"field": "document_number", "reason_code": "identity"}


ENDPOINTS = [
    Endpoint("residents:person_list", Grant(Registration, "view"), row=stay, args=lambda _row: []),
    Endpoint("residents:person_detail", Grant(Person, "view"), row=person, by_row=True),
    Endpoint("residents:person_minor", Grant(Person, "view"), row=child, by_row=True, form=True),
    Endpoint("residents:transfer_list", Grant(TransferRequest, "view"), row=transfer, args=lambda _row: []),
    # The ticket in the address is of one user: somebody else's leads nowhere (tests/residents/test_transfers.py).
    Endpoint(
        "residents:transfer_new",
        Grant(Registration, "add"),
        row=lambda _code: "forged",
        args=lambda ticket: [ticket],
        verdict=lambda _role, _place: 404,
    ),
    Endpoint("residents:transfer_answer", Grant(TransferRequest, "view"), row=transfer, by_row=True, form=True),
    Endpoint(
        "residents:transfer_reopen",
        Grant(TransferRequest, "answer"),
        row=transfer,
        by_row=True,
        method="post",
        ok=(302,),
    ),
    Endpoint(
        "residents:person_reveal",
        Grant(Person, "reveal"),
        row=person,
        by_row=True,
        method="post",
        data=reveal_data,
        secret=lambda row: row.document_number,
    ),
    Endpoint("residents:person_correct", Grant(Person, "correct"), row=person, by_row=True, form=True),
    Endpoint("residents:person_move", Grant(Registration, "change"), row=stay, by_row=True, form=True),
    Endpoint("residents:person_workplace", Grant(Registration, "change"), row=stay, by_row=True, form=True),
    Endpoint("residents:person_leave", Grant(Registration, "deregister"), row=stay, by_row=True, form=True),
    Endpoint("residents:person_restore", Grant(Registration, "restore"), row=left_stay, by_row=True, form=True),
    Endpoint(
        "residents:person_verify",
        Grant(Registration, "verify"),
        row=stay,
        by_row=True,
        method="post",
        data=lambda _row: {"result": "present"},
        ok=(302,),
    ),
    Endpoint(
        "residents:change_undo",
        Grant(RegistrationChange, "view"),
        row=change,
        by_row=True,
        method="post",
        ok=(302,),
        verdict=undo_verdict,
    ),
    Endpoint("residents:dwelling_list", Grant(Dwelling, "view"), row=dwelling, args=lambda _row: []),
    Endpoint("residents:dwelling_add", Grant(Dwelling, "add"), form=True),
    Endpoint("residents:dwelling_detail", Grant(Dwelling, "view"), row=dwelling, by_row=True),
    Endpoint(
        "residents:dwelling_alias",
        Grant(Dwelling, "change"),
        row=dwelling,
        by_row=True,
        method="post",
        data=lambda _row: {"text": "老供销社"},
        ok=(302,),
    ),
    Endpoint("residents:dwelling_then", Grant(Dwelling, "view"), row=dwelling, by_row=True),
    Endpoint("residents:dwelling_plate", Grant(Dwelling, "view"), row=dwelling, by_row=True),
]
