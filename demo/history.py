# ruff: noqa: S608 - names of our own models and fragments declared here; there is no value from outside
"""The history of the demo county: COPY runs with the triggers off, so the steps are written at the end, set by set.

A row gets the step that made it, dated when it was made, as it must have looked then (`BEGINNING`), and the step that
brought it to what it is now, dated when it was last changed. What happened in between stands in the ledgers of
changes; history of live work begins with the first change that somebody makes.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import connection, models

from portal.audit.past import history_of
from residents.models import Dwelling, Endorsement, Permit, PermitApplication, Person, Registration

PURPOSE = "demo_county"
STAY_BEGAN = {
    "status": "'active'",
    "left_on": "NULL",
    "left_reason": "''",
    "left_for": "''",
    "closed_on": "NULL",
    "verified_on": "NULL",
    "verified_result": "''",
    "suspended_days": "0",
}
PERMIT_BEGAN = {
    "status": "'active'",
    "suspended_on": "NULL",
    "terminated_on": "NULL",
    "termination_reason": "''",
    "end_proposed": "''",
    "delivered_on": "NULL",
}
FILE_BEGAN = {
    "status": "'accepted'",
    "reviewed_at": "NULL",
    "reviewer_id": "NULL",
    "signed_at": "NULL",
    "signer_id": "NULL",
    "closed_at": "NULL",
    "decision_reason": "''",
    "permit_id": "NULL",
}
BEGINNING: Mapping[type[models.Model], Mapping[str, str]] = {
    Registration: STAY_BEGAN,
    Permit: PERMIT_BEGAN,
    PermitApplication: FILE_BEGAN,
}
FIRST_REGISTRAR = "(SELECT r.registrar_id FROM residents_registration r WHERE {key} ORDER BY r.id LIMIT 1)"
ACTORS: Mapping[type[models.Model], str] = {
    Registration: "t.registrar_id",
    PermitApplication: "t.registrar_id",
    Endorsement: "t.actor_id",
    Person: FIRST_REGISTRAR.format(key="r.person_id = t.id"),
    Dwelling: FIRST_REGISTRAR.format(key="r.dwelling_id = t.id"),
}
SYSTEM = "(SELECT id FROM org_user WHERE is_system ORDER BY id LIMIT 1)"
CONTEXTS = f"""
CREATE TEMPORARY TABLE demo_context ON COMMIT DROP AS
    SELECT u.id AS actor, gen_random_uuid() AS id FROM org_user u;
INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
    SELECT c.id, now(), now(), jsonb_build_object('actor', c.actor, 'purpose', '{PURPOSE}') FROM demo_context c;
"""


def write_history() -> int:
    """Returns the number of steps. For the owner of the tables, in the transaction of the load, once."""
    with connection.cursor() as cursor:
        cursor.execute(CONTEXTS)
        steps = sum(_steps_of(cursor, model) for model in _tracked())
        cursor.execute("DROP TABLE demo_context")
    return steps


def _tracked() -> list[type[models.Model]]:
    found = apps.get_app_config("residents").get_models()
    return [model for model in found if history_of(model) is not None]


def _steps_of(cursor: Any, model: type[models.Model]) -> int:
    began = BEGINNING.get(model, {})
    written = _insert(cursor, model, "insert", began, moment="t.created_at")
    if began:
        differs = " OR ".join(f"t.{name} IS DISTINCT FROM {value}" for name, value in began.items())
        written += _insert(cursor, model, "update", {}, moment="greatest(t.updated_at, t.created_at)", where=differs)
    return written


def _insert(
    cursor: Any, model: type[models.Model], label: str, replaced: Mapping[str, str], *, moment: str, where: str = "TRUE"
) -> int:
    history = history_of(model)
    assert history is not None  # noqa: S101 - `_tracked` gave only those
    kept = {field.column for field in history._meta.concrete_fields if not field.generated}
    names = [str(field.column) for field in model._meta.concrete_fields if field.column in kept and not field.generated]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(replaced.get(name, f't."{name}"') for name in names)
    actor = ACTORS.get(model, SYSTEM)
    cursor.execute(
        f"""INSERT INTO {history._meta.db_table}
            ({columns}, pgh_obj_id, pgh_label, pgh_created_at, pgh_context_id)
        SELECT {values}, t.id, '{label}', {moment}, c.id
        FROM (SELECT t.*, coalesce({actor}, {SYSTEM}) AS acted FROM {model._meta.db_table} t WHERE {where}) t
        LEFT JOIN demo_context c ON c.actor = t.acted
        ORDER BY t.id"""
    )
    return int(cursor.rowcount)
