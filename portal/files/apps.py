from typing import ClassVar

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "portal.files"
    # The nightly sweep asks which files still have a row.
    system_actions: ClassVar[dict[str, tuple[str, ...]]] = {"files.Attachment": ("view",)}
