"""Photos and scans of the papers of a file at the window (decree 663 art. 9)."""

from typing import IO

from django.db import transaction

from portal.files import services as files
from portal.files.models import Attachment
from portal.org.models import User
from residents.models import PermitApplication


@transaction.atomic
def add(*, application_id: int, kind: str, source: IO[bytes], size: int, actor: User) -> Attachment:
    """`kind` is a `ProofKind`; `size` what was sent, in bytes. Raises UploadRefused for the field "file".

    The area of the file decides who sees the scan, as it decides who sees the file.
    """
    application = PermitApplication.objects.restrict(actor, "view").get(pk=application_id)
    return files.attach(
        target=application,
        area_code=application.area_code,
        kind=kind,
        source=source,
        size=size,
        person_id=application.person_id,
        actor=actor,
    )
