from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from portal.files import store
from portal.files.models import Attachment
from tests.factories.org import UserFactory
from tests.files.books import picture


@cache
def photo() -> bytes:
    return picture()


def upload(content: bytes | None = None, name: str = "330822199001011234.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo() if content is None else content, "image/jpeg")


def scan_of(target: models.Model, content: bytes = b"\xff\xd8\xff scan", **changes) -> Attachment:
    row = Attachment.objects.create(
        target_model=target._meta.label_lower,
        target_id=target.pk,
        **{
            "person_id": getattr(target, "person_id", 0),
            "area_code": getattr(target, "area_code", ""),
            "kind": "lease",
            "content_type": "image/jpeg",
            "size": len(content),
            "sha256": "0" * 64,
            "uploader": UserFactory.create(),
            **changes,
        },
    )
    store.write(row, content)
    return row
