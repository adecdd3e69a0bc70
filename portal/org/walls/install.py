"""After `migrate`: the functions, the key and the policies as the models declare them. Repeatable.

Runs as the owner of the tables. What `sec` may see belongs to sec_definer, so that the owner does not see it either.
An app adds functions of its own as `<app>/walls/*.sql` (made as sec_definer, who may read and never write) and
`<app>/walls/owner/*.sql` (made as the owner of the tables).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Permission
from django.db import connection, models, transaction

from portal.org.delegable import may_be_lent
from portal.org.models import Area
from portal.org.scoping import grant_codename
from portal.org.services import system_user
from portal.org.walls import context
from portal.org.walls.policies import DEFINER, GUARDED, PRODUCT, guard, statements
from portal.org.walls.registry import LOOKING, openers_of, opens, tracked, walls

WRITE = "write"
OWN_SQL = Path(__file__).parent / "sql"
READ_BY_FUNCTIONS = ("org_user", "org_user_groups", "org_area", "org_areausergrant", "org_areagroupgrant")
SCHEMA = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'sec') THEN
        CREATE SCHEMA sec AUTHORIZATION {DEFINER};
    END IF;
END $$;
"""
FUNCTION_RIGHTS = f"""
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sec FROM PUBLIC;
GRANT USAGE ON SCHEMA sec TO {PRODUCT}, {{owner}};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sec TO {PRODUCT}, {{owner}};
REVOKE EXECUTE ON FUNCTION sec.held_by(bigint), sec.lent_to(bigint) FROM {PRODUCT};
GRANT SELECT ON sec.opens, sec.system_action TO {{owner}};
"""
WRITTEN_BY_TRIGGER = """
SELECT DISTINCT p.oid::regprocedure::text
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT p.prosecdef AND pg_get_userbyid(p.proowner) = current_user
    AND (p.prosrc LIKE '%%_pgh_attach_context()%%' OR p.proname LIKE ANY (%s))
"""
NO_NEW_SYSTEM_USER = f"""
CREATE OR REPLACE FUNCTION org_user_system_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = '{PRODUCT}' AND NEW.is_system AND (TG_OP = 'INSERT' OR NOT OLD.is_system) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the owner of the tables makes a system account';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER org_user_system_guard BEFORE INSERT OR UPDATE OF is_system ON org_user
    FOR EACH ROW EXECUTE FUNCTION org_user_system_guard();
"""


def build_walls(*, plan: Any = None, **_kwargs: Any) -> None:
    """Connected to the last `post_migrate` of a run. `plan` is None after a flush, which leaves the policies alone."""
    tables = set(connection.introspection.table_names())
    if not tables.issuperset(READ_BY_FUNCTIONS):
        return
    with transaction.atomic():
        if plan is not None:
            _make_functions(tables)
            _make_policies(tables)
        _write_rights()
    system_user()


def last_app() -> AppConfig:
    """Whose `post_migrate` comes last, when every table and permission stands."""
    return [config for config in apps.get_app_configs() if config.models_module is not None][-1]


def _make_functions(tables: set[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        cursor.execute(SCHEMA)
        for table in READ_BY_FUNCTIONS:
            cursor.execute(f"GRANT SELECT ON {table} TO {DEFINER}")
        cursor.execute(f"SET LOCAL ROLE {DEFINER}")
        for text in _sql_files():
            cursor.execute(text.replace("{owner}", owner))
        inner, outer = context.pads()
        cursor.execute(
            "INSERT INTO sec.key (id, inner_pad, outer_pad) VALUES (1, %s, %s) ON CONFLICT (id) DO UPDATE"
            " SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
            [inner, outer],
        )
        cursor.execute(FUNCTION_RIGHTS.format(owner=owner))
        cursor.execute("RESET ROLE")
        for text in _owner_files():
            cursor.execute(text.replace("{owner}", owner))
        cursor.execute(NO_NEW_SYSTEM_USER)


def _make_policies(tables: set[str]) -> None:
    with connection.cursor() as cursor:
        for wall in walls().values():
            if wall.table in tables:
                for statement in statements(wall):
                    cursor.execute(statement)
        for table in GUARDED:
            for statement in guard(table):
                cursor.execute(statement)
        names = [f"{name}%" for config in apps.get_app_configs() for name in getattr(config, "definer_triggers", ())]
        cursor.execute(WRITTEN_BY_TRIGGER, [names])
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp")


def _write_rights() -> None:
    """Permissions get new numbers when a test empties the tables."""
    numbers = dict(
        Permission.objects.filter(content_type__app_label=Area._meta.app_label).values_list("codename", "pk")
    )
    rows = {
        (wall.table, numbers[codename]): (writes, may_be_lent(codename))
        for wall in walls().values()
        for codename, writes in opens(wall)
        if not wall.is_history and codename in numbers
    }
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {DEFINER}")
        cursor.execute("DELETE FROM sec.opens")
        cursor.execute("DELETE FROM sec.system_action")
        cursor.executemany(
            "INSERT INTO sec.opens (relation, permission_id, writes, lendable) VALUES (%s, %s, %s, %s)",
            [(*key, *values) for key, values in rows.items()],
        )
        cursor.executemany(
            "INSERT INTO sec.system_action (codename, relation, writes) VALUES (%s, %s, %s)",
            [(*key, writes) for key, writes in system_actions().items()],
        )
        cursor.execute("RESET ROLE")


def system_actions() -> dict[tuple[str, str], bool]:
    """(codename, table) → does it write: what the apps say scheduled work does, and no more.

    `AppConfig.system_actions` names actions of the model, or `write` for what no person is ever granted.
    """
    found: dict[tuple[str, str], bool] = {}
    for config in apps.get_app_configs():
        for label, actions in getattr(config, "system_actions", {}).items():
            model = apps.get_model(label)
            unknown = set(actions) - {*getattr(model, "scope_actions", ()), WRITE}
            if unknown:
                raise ValueError(f"{label} has no action {', '.join(sorted(unknown))}")
            for action in actions:
                found |= _opened_by(model, action)
    return found


def _opened_by(model: type[models.Model], action: str) -> dict[tuple[str, str], bool]:
    """`write` opens the model's own table and no other."""
    codename = grant_codename(model, action)
    found = {}
    for wall in walls().values():
        openers = openers_of(wall)
        if wall.is_history or model not in openers:
            continue
        own = tracked(wall.model) is model or wall.model in _walled_like(model)
        if action == WRITE and own:
            found[codename, wall.table] = True
        elif action != WRITE:
            found[codename, wall.table] = openers[model] and action not in LOOKING
    return found


def _walled_like(model: type[models.Model]) -> list[type[models.Model]]:
    return [wall.model for wall in walls().values() if getattr(wall.model, "walled_like", "") == model._meta.label]


def _sql_files() -> Iterator[str]:
    folders = [OWN_SQL, *(Path(config.path) / "walls" for config in apps.get_app_configs() if config.label != "org")]
    for folder in folders:
        for path in sorted(folder.glob("*.sql")):
            yield path.read_text("utf-8")


def _owner_files() -> Iterator[str]:
    for config in apps.get_app_configs():
        for path in sorted((Path(config.path) / "walls" / "owner").glob("*.sql")):
            yield path.read_text("utf-8")
