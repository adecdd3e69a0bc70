from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from portal.vault import classes, keyring


@register("security")
def key_file_is_usable(**_kwargs: Any) -> list[CheckMessage]:
    try:
        keyring.ring()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="vault.E001")]
    return []


@register("security")
def every_field_has_a_class(**_kwargs: Any) -> list[CheckMessage]:
    return [Error(sentence, id="vault.E002") for sentence in classes.problems()]
