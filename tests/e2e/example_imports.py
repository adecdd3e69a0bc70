"""A workbook of the station in three states: its columns to confirm, checked with one wrong row, and read in."""

from datetime import date

from django.urls import reverse

from portal.core import clock
from portal.imports.models import BatchState, ImportBatch
from portal.org.models import User
from residents.imports import kept
from residents.imports.mapped import OWN
from residents.models import Dwelling, MappingFile
from tests.e2e.examples import COMMUNITY
from tests.factories.residents import id_number
from tests.imports import books

STEPS = {
    BatchState.MAPPING: books.uploaded,
    BatchState.CHECKED: books.checked,
    BatchState.DONE: books.applied,
}


def _rows(first: int) -> list[dict[str, object]]:
    doors = Dwelling.objects.filter(area_code__startswith=COMMUNITY).order_by("pk")
    names = ("欧阳明月", "司马清风", "上官云起")
    return [
        {
            "name": name,
            "document_number": id_number(born=date(1990 + at, 5, 6), division="522325", sequence=first + 2 * at),
            "phone": f"1390000720{at}",
            "address": doors[at].address,
            "arrived_on": clock.today().isoformat(),
            "lodging": "山洞" if name == "司马清风" else "租赁房屋",
            "reason": "务工",
        }
        for at, name in enumerate(names)
    ]


def _batch(state: BatchState) -> ImportBatch:
    station = User.objects.get(username="station")
    found = ImportBatch.objects.filter(owner=station, state=state).order_by("created_at").first()
    return found or STEPS[state](books.arrivals(*_rows(801 + 10 * list(STEPS).index(state))), station)


def to_confirm() -> str:
    return reverse("imports:batch", args=[_batch(BatchState.MAPPING).pk])


def to_import() -> str:
    return reverse("imports:batch", args=[_batch(BatchState.CHECKED).pk])


def read_in() -> str:
    return reverse("imports:batch", args=[_batch(BatchState.DONE).pk])


def wrong_row() -> str:
    batch = _batch(BatchState.CHECKED)
    wrong = next(row for row in books.rows_of(batch) if row.problems)
    return reverse("imports:row", args=[batch.pk, wrong.number])


def mapping() -> MappingFile:
    """What an administrator put in: the example of the product under a code of its own."""
    known = MappingFile.objects.filter(code="hz-police").first()
    source = (OWN / "example-police.toml").read_text(encoding="utf-8").replace("police-lodgers", "hz-police")
    return known or kept.keep(content=source.encode(), actor=User.objects.get(username="sysadmin"))
