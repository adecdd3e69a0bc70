from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from portal.vault import keyring


@register("security")
def key_file_is_usable(**_kwargs: Any) -> list[CheckMessage]:
    try:
        keyring.ring()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="vault.E001")]
    return []
