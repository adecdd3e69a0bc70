"""docs/data-inventory.md: what is stored about whom, for what, and how it is kept (PIPL art. 54, 等保 G7)."""

from collections import Counter
from collections.abc import Iterator

from django.db import models

from portal.core.classes import LABELS, DataClass
from portal.vault.classes import Classified, classified, stored_models

HEAD = """# Data inventory

What the product stores, made by `manage.py data_inventory --write` from the declarations beside the models; do not
edit it by hand. A field without a class and a purpose stops the system check. Who gets to see what is the projection's
word ([ADR 0009](adr/0009-one-projection.md)); how values are encrypted is in the
[crypto inventory](crypto-inventory.md).

"""


def document() -> str:
    return HEAD + "\n".join([*_summary(), "", *_tables(), "", *_history()]) + "\n"


def _summary() -> Iterator[str]:
    fields = [found for model in stored_models() if not _is_history(model) for found in classified(model)]
    count = Counter(found.data_class for found in fields)
    sealed = Counter(found.data_class for found in fields if found.encrypted)
    yield "| Class | What it is | Fields | Encrypted |"
    yield "|---|---|---:|---:|"
    for data_class in DataClass:
        yield f"| {data_class} | {LABELS[data_class]} | {count[data_class]} | {sealed[data_class]} |"


def _tables() -> Iterator[str]:
    for model in stored_models():
        if _is_history(model):
            continue
        yield f"## {model._meta.label}"
        yield ""
        yield "| Field | Class | Purpose | Encrypted |"
        yield "|---|---|---|---|"
        yield from (_line(found) for found in classified(model))
        yield ""


def _line(found: Classified) -> str:
    kept = "yes" if found.encrypted else f"no: {found.plain}" if found.plain else "no"
    return f"| `{found.field.name}` | {found.data_class} | {found.purpose} | {kept} |"


def _history() -> Iterator[str]:
    yield "## History"
    yield ""
    yield "A history table keeps the columns of the table it tells of, in the same class and with the same encryption,"
    yield "and which row changed, when and in which request (C2)."
    yield ""
    for model in stored_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        if tracked is not None:
            yield f"- `{model._meta.label}` of `{tracked._meta.label}`{_left_out(model, tracked)}"


def _left_out(model: type[models.Model], tracked: type[models.Model]) -> str:
    kept = {field.name for field in model._meta.local_concrete_fields}
    missing = [field.name for field in tracked._meta.local_concrete_fields if field.name not in kept]
    return f", without {', '.join(f'`{name}`' for name in missing)}" if missing else ""


def _is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "pgh_tracked_model")
