"""Event payloads are JSON in the outbox; the subscriber gets dates, numbers and ids back as they were declared."""

import types
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

READERS: dict[type, Any] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    UUID: UUID,
}


def revive(event_type: type, payload: dict[str, Any]) -> Any:
    hints = get_type_hints(event_type)
    return event_type(**{key: _value(hints.get(key), value) for key, value in payload.items()})


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in {Union, types.UnionType}:
        hint = next((option for option in get_args(hint) if option is not type(None)), None)
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], item) for item in value)
    reader = READERS.get(hint)
    return reader(value) if reader and isinstance(value, str) else value
