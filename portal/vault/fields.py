"""Model fields whose column holds ciphertext (bytea). Filter by `isnull` only; search through a blind index."""

from typing import Any

from django import forms
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import models

from portal.core import fast_json
from portal.vault.cipher import decrypt_raw, encrypt_raw

# `df` and `ndf` compare old and new ciphertext inside the history triggers; they never take a value.
COLUMN_LOOKUPS = {"isnull", "df", "ndf"}


class EncryptedTextField(models.Field):
    """Text in Python, ciphertext in the database. `max_length` counts characters of the clear text.

    None stays NULL and "" stays empty. The value is bound to "table.column"; history tables of pghistory, filled by a
    trigger that copies bytes, read with the binding of the tracked table. When a table or column is renamed, give the
    old name as `aad`.
    """

    description = "Encrypted text"
    empty_strings_allowed = True

    def __init__(self, *args: Any, aad: str = "", **kwargs: Any) -> None:
        self._aad = aad
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self._aad:
            kwargs["aad"] = self._aad
        return name, path, args, kwargs

    @property
    def aad(self) -> str:
        if self._aad:
            return self._aad
        model = getattr(self.model, "pgh_tracked_model", None) or self.model
        return f"{model._meta.db_table}.{self.column}"

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None or isinstance(value, str) else str(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        value = value if prepared else self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(encrypt_raw(value, self.aad))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return None if value is None else decrypt_raw(value, self.aad)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in COLUMN_LOOKUPS:
            raise FieldError(f"{self.name} is encrypted: search it through its blind index.")
        return super().get_lookup(lookup_name)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.CharField, "max_length": self.max_length, **kwargs})


class EncryptedJSONField(EncryptedTextField):
    """Any JSON value; None is NULL. Keys keep their order; dates must be turned into text before."""

    description = "Encrypted JSON"

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else fast_json.dumps(value)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        text = super().from_db_value(value, _expression, _connection)
        return fast_json.loads(text) if text else None

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **{"form_class": forms.JSONField, **kwargs})
