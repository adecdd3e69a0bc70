"""The peer: django-import-export in its bulk mode. It gets the same file and checks, and writes the people alone: no
stays, no changes, no reconciliation, nothing to take back. Rolled back at the end."""

from pathlib import Path
from typing import Any

from django.db import transaction
from import_export import fields, resources
from import_export.formats.base_formats import XLSX

from bench.county import COUNTY
from portal.core.errors import DomainError
from portal.imports import values
from residents.choices import DocumentKind
from residents.models import Person
from residents.services.identity import document_index, document_tail_index, phone_index
from residents.services.people import IdentityInput, check_identity

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


def run(path: Path) -> int:
    data = XLSX().create_dataset(path.read_bytes())
    rows = data.dict if hasattr(data, "dict") else []
    del rows
    titled = _titled(data)
    with transaction.atomic():
        result = PersonResource().import_data(titled, dry_run=False, raise_errors=False)
        transaction.set_rollback(True)
    return int(result.total_rows)


def _titled(data: Any) -> Any:
    """The library takes titles from the first row alone; ours stand in the third. Doubled numbers are taken out for it,
    one of them would end the whole import."""
    import tablib  # noqa: PLC0415

    rows = [list(data.headers), *[list(row) for row in data]][HEAD_ROWS:]
    seen: set[Any] = set()
    kept = [row for row in rows[1:] if not (row[1] in seen or seen.add(row[1]))]  # type: ignore[func-returns-value]
    return tablib.Dataset(*kept, headers=rows[0])
