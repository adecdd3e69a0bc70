"""What stands on the card. Decree 663 art. 4 names the fields; nothing else may be printed (R2)."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from portal.org.models import Department, User
from portal.org.services import area_path
from portal.vault.projection import project
from residents.field_policy import CARD
from residents.models import Permit
from residents.services.prints import sheet_printed


@dataclass(frozen=True, slots=True)
class Face:
    name: str
    sex: str
    ethnicity: str
    birth_date: str
    document_number: str
    photo: str
    native_address: str
    address: str
    issued_by: str
    issued_on: date


def face_of(*, permit_id: int, actor: User) -> Face:
    """The card for printing, with the full number: leaves an access row."""
    rows = Permit.objects.restrict(actor, "print").select_related("person", "dwelling")
    permit = rows.get(pk=permit_id)
    person = permit.person
    told = project(person, viewer=actor, purpose=CARD, at=permit.area_code)
    sheet_printed(
        purpose="permit_card",
        people=[person.pk],
        fields=["document_number", "ethnicity", "birth_date", "native_address"],
        number=permit.number,
        actor=actor,
    )
    return Face(
        name=told["name"],
        sex=told["sex"],
        ethnicity=told["ethnicity"],
        birth_date=told["birth_date"],
        document_number=told["document_number"],
        photo=told["photo"],
        native_address=told["native_address"],
        address=area_path(permit.area_code) + permit.dwelling.address,
        issued_by=issuing_organ(),
        issued_on=permit.issued_on,
    )


def issuing_organ() -> str:
    """The county police by name, whatever the office was called when the card was made."""
    police = Department.objects.filter(duties__contains=["police"], area_code=settings.COUNTY_CODE).order_by("code")
    return police.values_list("name", flat=True).first() or ""
