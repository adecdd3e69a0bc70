from typing import ClassVar

from django.db import models

from portal.core import clock
from portal.core.classes import Declared, c2


class Timestamped(models.Model):
    """`updated_at` is set by `save()`; a queryset `update()` has to set it itself."""

    field_classes: ClassVar[tuple[Declared, ...]] = (
        c2("when the row was written and changed", "created_at", "updated_at"),
    )

    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        self.updated_at = clock.now()
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "updated_at"}  # type: ignore[misc]
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Versioned(models.Model):
    """Optimistic lock: forms carry `version`; `bump()` refuses when somebody else saved in between."""

    field_classes: ClassVar[tuple[Declared, ...]] = (c2("noticing that somebody else saved in between", "version"),)

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
