"""Uploads stay in memory until they are encrypted: a plain copy in a temporary folder would outlive the request."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portal.files.limits import upload_bytes


class MemoryUploadHandler(FileUploadHandler):
    """The only upload handler. Of a file that is too large the size is counted and the content dropped."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file, self.size = BytesIO(), 0
        match = getattr(self.request, "resolver_match", None)
        self.most = upload_bytes(match.view_name if match else "")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size <= self.most:
            self.file.write(raw_data)
        else:
            self.file = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            file=self.file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=self.size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


@contextmanager
def nameless(content: bytes) -> Iterator[IO[bytes]]:
    """A file with a descriptor that exists in memory only; `path_of` names it for programs of the same user."""
    with os.fdopen(os.memfd_create("upload", os.MFD_CLOEXEC), "w+b") as file:
        file.write(content)
        file.flush()
        file.seek(0)
        yield file


def path_of(file: IO[bytes]) -> Path:
    return Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
