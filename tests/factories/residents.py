from datetime import date, timedelta
from typing import Any

import factory
from django.db import transaction
from factory.django import DjangoModelFactory
from stdnum.cn import ric

from portal.core import clock
from portal.org.services import initials_of
from residents.choices import DocumentKind, Sex
from residents.models import HEAD, Building, Dwelling, Household, HouseholdMember, Notice, Person, Registration
from residents.services.addresses import address_key, building_key
from residents.services.identity import check_document, document_index, document_tail_index, phone_index
from residents.services.names import pinyin_of
from tests.factories.org import AreaFactory, StaffFactory

COMMUNITY = "330822001001"


def id_number(*, born: date = date(1990, 5, 17), division: str = "520322", sequence: int = 123) -> str:
    """A number with a right check digit; an odd `sequence` is a man."""
    body = f"{division}{born:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


class NoticeFactory(DjangoModelFactory[Notice]):
    class Meta:
        model = Notice
        django_get_or_create = ("code", "version")

    code = "registration"
    version = "2026-1"
    effective_from = date(2026, 1, 1)
    body = "为办理居住登记，收集以下个人信息。"


class BuildingFactory(DjangoModelFactory[Building]):
    """`锦绣花园 3 幢` and on, six floors and two units."""

    class Meta:
        model = Building

    area_code = COMMUNITY
    estate = "锦绣花园"
    number = factory.Sequence(lambda n: f"{30 + n}")
    key = factory.LazyAttribute(lambda b: building_key(b.estate, b.number))
    floors = 6
    units = 2


class DwellingFactory(DjangoModelFactory[Dwelling]):
    """`锦绣花园 3 幢 2 单元 501 室` and on; the kind is a code of `dwelling_kind`."""

    class Meta:
        model = Dwelling

    area_code = COMMUNITY
    code = factory.LazyAttributeSequence(lambda dwelling, n: f"{dwelling.area_code}{n:06d}")
    estate = "锦绣花园"
    building = "3"
    unit = "2"
    room = factory.Sequence(lambda n: f"{501 + n}")
    address = factory.LazyAttribute(lambda d: f"{d.estate}{d.building}幢{d.unit}单元{d.room}室")
    shorthand = factory.LazyAttribute(lambda d: f"{initials_of(d.estate)}{d.building}-{d.unit}-{d.room}")
    key = factory.LazyAttribute(lambda d: address_key(d.address))
    kind = "05"
    landlord_name = "陈国强"
    capacity = 4


class PersonFactory(DjangoModelFactory[Person]):
    """A man with hukou in 桐梓县 and a valid number; pass `document_number` or any field to have another."""

    class Meta:
        model = Person

    class Params:
        serial = factory.Sequence(lambda n: n)
        sequence = factory.LazyAttribute(lambda p: 2 * (p.serial % 499) + 1)
        division = factory.LazyAttribute(lambda p: str(520323 + p.serial // 499))

    area_code = COMMUNITY
    document_kind = DocumentKind.RESIDENT_ID
    birth_date = date(1990, 5, 17)
    document_number = factory.LazyAttribute(
        lambda p: id_number(born=p.birth_date, division=p.division, sequence=p.sequence)
    )
    document_index = factory.LazyAttribute(lambda p: document_index(p.document_number))
    document_tail_index = factory.LazyAttribute(lambda p: document_tail_index(p.document_number))
    name = "王建国"
    name_pinyin = factory.LazyAttribute(lambda p: pinyin_of(p.name)[0])
    name_initials = factory.LazyAttribute(lambda p: pinyin_of(p.name)[1])
    sex = Sex.MALE
    native_code = "520322"
    phone = "13800005621"
    phone_index = factory.LazyAttribute(lambda p: phone_index(p.phone))


class RegistrationFactory(DjangoModelFactory[Registration]):
    """An active stay in a rented home, registered on the day of arrival, thirty days ago."""

    class Meta:
        model = Registration
        skip_postgeneration_save = True

    area_code = factory.LazyAttribute(lambda r: r.dwelling.area_code)
    dwelling = factory.SubFactory(DwellingFactory)
    person = factory.LazyAttribute(lambda r: PersonFactory.create(area_code=r.dwelling.area_code))
    arrived_on = factory.LazyFunction(lambda: clock.today() - timedelta(days=30))
    registered_on = factory.SelfAttribute("arrived_on")
    counts_from = factory.SelfAttribute("registered_on")
    lodging = "05"
    reason = "01"
    channel = "window"
    registrar = factory.SubFactory(StaffFactory)

    @factory.post_generation
    def household(stay, create, _extracted, **_kwargs):  # noqa: N805 - the first argument is the object made
        """Who came along with somebody belongs to that one's household book."""
        if create and stay.head_id and stay.status == "active":
            belong(stay.head, stay, relation=stay.relation or "97")


@transaction.atomic
def belong(head: Registration, *others: Registration, relation: str = "97") -> Household:
    """The household book of `head`, made when there is none, with the people of the other stays in it."""
    book = Household.objects.filter(head=head.person, ended_on=None).first()
    if book is None:
        given = {"dwelling": head.dwelling, "area_code": head.area_code, "formed_on": head.arrived_on}
        book = Household.objects.create(head=head.person, **given)
        book.members.create(person=head.person, relation=HEAD, joined_on=head.arrived_on)
    for stay in others:
        relation = stay.relation or relation
        HouseholdMember.objects.create(household=book, person=stay.person, relation=relation, joined_on=stay.arrived_on)
    return book


def identity(**changes: Any) -> dict[str, Any]:
    """Keywords of `IdentityInput`: 李秀英, born 1993-03-08 in 桐梓县, with a number that says the same."""
    number = id_number(born=date(1993, 3, 8), sequence=246)
    facts = check_document(DocumentKind.RESIDENT_ID, number)
    return {
        "document_kind": DocumentKind.RESIDENT_ID,
        "document_number": number,
        "name": "李秀英",
        "sex": facts.sex,
        "birth_date": facts.birth_date,
        "phone": "13900001234",
    } | changes


def stay(dwelling: Dwelling, **changes: Any) -> dict[str, Any]:
    """Keywords of `StayInput`: arrived today at a rented home for work, registered at the window."""
    AreaFactory.create(code=dwelling.area_code)
    return {
        "dwelling_id": dwelling.pk,
        "arrived_on": clock.today(),
        "lodging": "05",
        "reason": "01",
        "channel": "window",
    } | changes
