"""The peer: django-import-export in its bulk mode. It gets the same file and the same checks and writes the same people
and stays, with the history that the database adds, the way its manual and its admin show: a resource for each table,
one after the other, each tried first (`dry_run`) so that somebody sees what would happen, then imported. The trial
writes nothing, its cheapest form. Dwellings, people and codes are looked up in dictionaries that are made once, faster
than its own widgets, which ask for each row. It writes no changes, no reconciliation and nothing to take back. Rolled
back at the end."""

from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import transaction
from import_export import fields, resources
from import_export.formats.base_formats import XLSX

from bench.county import COUNTY
from portal.core import clock
from portal.core.errors import DomainError
from portal.imports import values
from portal.org.models import User
from residents.choices import DocumentKind
from residents.imports.columns import table
from residents.models import Dwelling, Person, Registration
from residents.services.identity import document_index, document_tail_index, normalise_document, phone_index
from residents.services.people import IdentityInput, check_identity
from residents.services.registration import StayInput, check_stay

HEAD_ROWS = 2


class PersonResource(resources.ModelResource):
    name = fields.Field(attribute="name", column_name="姓名")

    class Meta:
        model = Person
        fields = ("name",)
        import_id_fields = ("document_index",)
        use_bulk = True
        batch_size = 1_000
        skip_diff = True
        skip_unchanged = False
        force_init_instance = True
        use_transactions = False
        clean_model_instances = False

    def get_import_id_fields(self) -> list[str]:
        return []

    def import_instance(self, instance: Person, row: dict[str, Any], **_kwargs: Any) -> None:
        try:
            number = values.number_of_document(row["证件号码"])
            checked = check_identity(
                IdentityInput(
                    document_kind=DocumentKind.RESIDENT_ID,
                    document_number=number,
                    name=values.text(row["姓名"]),
                    phone=values.number_of_document(row["联系电话"]),
                ),
                imported=True,
            )
            values.day(row["入住日期"])
        except DomainError as error:
            raise ValueError(error.message) from error
        for name, value in checked.values.items():
            setattr(instance, name, value)
        instance.area_code, instance.document_kind = f"{COUNTY}001001", DocumentKind.RESIDENT_ID
        instance.document_number = checked.facts.number
        instance.document_index = document_index(checked.facts.number)
        instance.document_tail_index = document_tail_index(checked.facts.number)
        instance.phone_index = phone_index(instance.phone)


class StayResource(resources.ModelResource):
    """After the people: each stands in its dwelling."""

    class Meta(PersonResource.Meta):
        model = Registration  # type: ignore[assignment]
        fields = ("person",)
        import_id_fields = ("person",)

    def __init__(self, registrar: User) -> None:
        super().__init__()
        self.registrar, self.today = registrar, clock.today()
        self.people = {bytes(index): pk for pk, index in Person.objects.values_list("pk", "document_index")}
        doors = Dwelling.objects.standing().values_list("address", "pk", "area_code")
        self.doors = {address: (pk, area) for address, pk, area in doors}
        self.lodging, self.reason = values.coded(table("dwelling_kind")()), values.coded(table("stay_reason")())

    def get_import_id_fields(self) -> list[str]:
        return []

    def import_instance(self, instance: Registration, row: dict[str, Any], **_kwargs: Any) -> None:
        try:
            number = normalise_document(
                DocumentKind.RESIDENT_ID, values.number_of_document(row["证件号码"]), imported=True
            )
            stay = StayInput(
                dwelling_id=self.doors[values.text(row["现住地址"])][0],
                arrived_on=values.day(row["入住日期"]) or self.today,
                lodging=self.lodging(row["居住处所"]),
                reason=self.reason(row["居住事由"]),
                channel="import",
                workplace=values.text(row["服务处所"]),
            )
            area = self.doors[values.text(row["现住地址"])][1]
            check_stay(stay, area_code=area, today=self.today)
            instance.person_id = self.people[document_index(number)]
        except (DomainError, KeyError) as error:
            raise ValueError(str(error)) from error
        for name in ("dwelling_id", "arrived_on", "lodging", "reason", "channel", "workplace"):
            setattr(instance, name, getattr(stay, name))
        instance.area_code, instance.registrar = area, self.registrar
        instance.registered_on = instance.counts_from = self.today


def run(path: Path, registrar: User) -> float:
    """Returns how many seconds went into the trials alone."""
    titled = _titled(XLSX().create_dataset(path.read_bytes()))
    with transaction.atomic():
        people = PersonResource()
        trial = _tried(people, titled)
        found = people.import_data(titled, dry_run=False, raise_errors=False)
        stays = StayResource(registrar)
        trial += _tried(stays, titled)
        done = stays.import_data(titled, dry_run=False, raise_errors=False)
        transaction.set_rollback(True)
    failed = [str(one.error) for one in (*found.base_errors, *done.base_errors)]
    if failed or not done.totals["new"]:
        raise SystemExit(f"the peer wrote nothing: {failed[:1]}")
    return trial


def _tried(resource: resources.ModelResource, data: Any) -> float:
    began = perf_counter()
    resource.import_data(data, dry_run=True, raise_errors=False)
    return perf_counter() - began


def _titled(data: Any) -> Any:
    """The library takes titles from the first row alone; ours stand in the third. Doubled numbers are taken out for it,
    one of them would end the whole import."""
    import tablib  # noqa: PLC0415

    rows = [list(data.headers), *[list(row) for row in data]][HEAD_ROWS:]
    seen: set[Any] = set()
    kept = [row for row in rows[1:] if not (row[1] in seen or seen.add(row[1]))]  # type: ignore[func-returns-value]
    return tablib.Dataset(*kept, headers=rows[0])
