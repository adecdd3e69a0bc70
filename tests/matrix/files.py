"""Scans belong to a file at the window: who may see them is told by grants on attachments, in the file's area."""

from typing import Any

from portal.files.models import Attachment
from residents.models import PermitApplication
from tests.factories.files import scan_of, upload
from tests.matrix import Endpoint, Grant
from tests.matrix.permits import file_at

VIEW = Grant(PermitApplication, "view")


def scan(code: str) -> Attachment:
    return scan_of(file_at(code))


def only_with(action: str) -> Any:
    """Those who see the file and may not touch its scans are told so, not that the file is missing."""

    def verdict(role: str, place: str) -> int | None:
        may = {"add": {"coadmin", "station", "police"}, "remove": {"station", "police"}}[action]
        sees = may | {"coadmin", "township", "office", "clerk"}
        if role in sees - may and place != "foreign":
            return 403
        return None

    return verdict


ENDPOINTS = [
    Endpoint("files:download", Grant(Attachment, "view"), row=scan, by_row=True),
    Endpoint(
        "residents:evidence_add",
        VIEW,
        row=file_at,
        by_row=True,
        method="post",
        data=lambda _row: {"kind": "lease", "file": upload()},
        ok=(302,),
        verdict=only_with("add"),
    ),
    Endpoint(
        "residents:evidence_remove",
        VIEW,
        row=scan,
        args=lambda row: [row.target_id, row.pk],
        by_row=True,
        method="post",
        ok=(302,),
        verdict=only_with("remove"),
    ),
]
