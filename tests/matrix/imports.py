"""Imports belong to whoever uploaded them; starting one asks for the right to import the kind."""

import uuid

from portal.imports.models import BatchState, ImportBatch, ImportRow
from residents.models import MappingFile, Registration
from tests.factories.org import UserFactory
from tests.matrix import LOGGED_IN, Endpoint, Grant
from tests.matrix.administration import county_only

IMPORT = Grant(Registration, "import")
KIND = "registrations"


def batch_of_somebody_else(_code: str) -> ImportBatch:
    return ImportBatch.objects.create(
        owner=UserFactory.create(), kind=KIND, sha256=uuid.uuid4().hex * 2, size=1, state=BatchState.CHECKED
    )


def row_of_somebody_else(code: str) -> ImportRow:
    batch = batch_of_somebody_else(code)
    return ImportRow.objects.create(batch=batch, number=2, raw={"name": "王芳"}, decision="error")


def nobody(_role: str, _place: str) -> int:
    return 404


def kind_code(_row: object) -> list[str]:
    return [KIND]


def of_batch(name: str, method: str = "get") -> Endpoint:
    return Endpoint(name, LOGGED_IN, method=method, row=batch_of_somebody_else, verdict=nobody)


def of_row(name: str, method: str = "get") -> Endpoint:
    return Endpoint(
        name,
        LOGGED_IN,
        method=method,
        row=row_of_somebody_else,
        args=lambda row: [row.batch_id, row.number],
        verdict=nobody,
    )


def a_mapping(_code: str) -> MappingFile:
    source = 'code = "hz-police"\ntitle = "杭州公安导出"\n[columns]\nname = ["XM"]'
    return MappingFile.objects.create(
        code="hz-police", title="杭州公安导出", source=source, added_by=UserFactory.create()
    )


SEE, CHANGE = Grant(MappingFile, "view"), Grant(MappingFile, "change")
ADMIN = ("sysadmin",)

ENDPOINTS = [
    Endpoint("residents:mappings", SEE, verdict=county_only(ADMIN, ok=200)),
    Endpoint("residents:mappings", CHANGE, method="post", verdict=county_only(ADMIN, ok=422)),
    Endpoint("residents:mapping_example", SEE, verdict=county_only(ADMIN, ok=200)),
    Endpoint("residents:mapping", SEE, row=a_mapping, verdict=county_only(ADMIN, ok=200)),
    Endpoint("residents:mapping_switch", CHANGE, row=a_mapping, method="post", verdict=county_only(ADMIN, ok=302)),
    Endpoint("imports:home", IMPORT),
    Endpoint("imports:upload", IMPORT, args=kind_code, row=lambda _code: KIND, form=True),
    Endpoint("imports:template", IMPORT, args=kind_code, row=lambda _code: KIND),
    of_batch("imports:batch"),
    of_batch("imports:progress"),
    of_batch("imports:columns", "post"),
    of_batch("imports:apply", "post"),
    of_batch("imports:discard", "post"),
    of_batch("imports:undo", "post"),
    of_batch("imports:errors"),
    of_row("imports:row"),
    of_row("imports:decide", "post"),
]
