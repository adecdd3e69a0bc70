import uuid
from typing import Any

from residents.choices import ChangeKind
from residents.models import Draft, Dwelling, Person, Registration, RegistrationChange
from tests.factories.org import StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory
from tests.matrix import PUBLIC, Endpoint, Grant

MAY_REGISTER = Grant(Registration, "add")


def stay(area_code: str) -> Registration:
    return RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=area_code))


def person(area_code: str) -> Person:
    return PersonFactory.create(area_code=area_code)


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


def draft(_area_code: str) -> Draft:
    return Draft.objects.create(form=f"single/{uuid.uuid4().hex}", author=StaffFactory.create(), data={"name": ["甲"]})


def nobody(_row: Any) -> list[Any]:
    return []


def somebody_elses(_role: str, _place: str) -> int:
    """The change and the draft of another member of staff do not exist for anybody, whatever was granted."""
    return 404


def page(name: str, **options: Any) -> Endpoint:
    return Endpoint(f"residents:{name}", options.pop("needs", MAY_REGISTER), args=nobody, **options)


ENDPOINTS = [
    page("arrival_new"),
    page("arrival_new", method="post", ok=(422,)),
    page("arrival_household"),
    page("arrival_household", method="post", ok=(422,)),
    page("arrival_duplicates", method="post"),
    page("arrival_not_same", method="post", ok=(422,)),
    page("arrival_companion", method="post"),
    page("arrival_duty", method="post"),
    page("arrival_addresses"),
    page("arrival_divisions"),
    page("arrival_dwelling", needs=Grant(Dwelling, "add")),
    page("arrival_dwelling", needs=Grant(Dwelling, "add"), method="post", ok=(422,)),
    page("arrival_drafts"),
    Endpoint(
        "residents:arrival_draft_save",
        MAY_REGISTER,
        row=lambda _code: "single",
        args=lambda kind: [kind],
        method="post",
        data=lambda _kind: {"submission_id": str(uuid.uuid4())},
        ok=(204,),
    ),
    Endpoint(
        "residents:arrival_draft_delete",
        MAY_REGISTER,
        row=draft,
        method="post",
        ok=(404,),
    ),
    Endpoint("residents:arrival_load", MAY_REGISTER, row=person, by_row=True, method="post"),
    Endpoint("residents:arrival_voucher", Grant(Registration, "view"), row=stay, by_row=True),
    Endpoint(
        "residents:arrival_undo",
        Grant(RegistrationChange, "view"),
        row=change,
        method="post",
        ok=(404,),
        verdict=somebody_elses,
    ),
    # The page answers a few times a minute for each address, then asks to wait.
    Endpoint("residents:voucher_check", PUBLIC, row=stay, args=lambda row: [row.voucher], ok=(200, 429)),
]
