"""Every table that carries an area has its wall, in the models and in the database."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connection, models
from django.db.utils import ProgrammingError

from portal.org.scoping import EVERYWHERE, ScopedModel, scope_of
from portal.org.services import system_user
from portal.org.walls import checks, install, registry
from portal.org.walls.registry import allowed, undeclared, walls
from residents.models import Permit, Person
from tests.walls.wall import product

pytestmark = pytest.mark.django_db
AREA_TABLES = """
SELECT DISTINCT table_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_name IN ('area_code', 'county_code', 'township_code', 'community_code')
"""
FORCED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity
"""
POLICIES = "SELECT tablename, policyname, roles::text[], cmd FROM pg_policies WHERE schemaname = 'public'"


def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_no_table_is_undeclared():
    assert undeclared() == []


def test_every_area_table_of_the_database_is_forced_or_has_a_reason():
    area_tables = {name for (name,) in rows(AREA_TABLES)}
    forced = {name for (name,) in rows(FORCED)}
    assert area_tables - forced == set(allowed()) & area_tables
    assert set(walls()) <= forced
    assert {"residents_person", "residents_permitmaterial", "reports_areacountdelta"} <= forced


def test_every_scoped_model_and_its_history_has_a_wall():
    scoped = [model for model in apps.get_models() if issubclass(model, ScopedModel)]
    assert len(scoped) > 8
    assert {model._meta.db_table for model in scoped} <= set(walls())
    assert walls()["residents_personevent"].is_history


def test_the_product_has_one_policy_a_command_and_history_only_the_one_for_reading():
    found: dict[str, list[str]] = {}
    for table, _name, roles, command in rows(POLICIES):
        if roles == ["app_rw"]:
            found.setdefault(table, []).append(command)
    for table, wall in walls().items():
        wanted = ["SELECT"] if wall.is_history else ["DELETE", "INSERT", "SELECT", "UPDATE"]
        assert sorted(found[table]) == wanted, table


def test_no_policy_is_open_to_everybody():
    for table, name, roles, _command in rows(POLICIES):
        assert "public" not in roles, (table, name)


def test_a_model_that_points_at_a_walled_one_must_be_declared(monkeypatch):
    monkeypatch.delattr("residents.models.PermitMaterial.walled_by")
    registry._walls.cache_clear()
    try:
        assert undeclared() == ["residents_permitmaterial"]
        assert [error.id for error in checks.every_area_table_is_declared()] == ["walls.E001"]
    finally:
        registry._walls.cache_clear()


def test_the_start_up_check_names_a_table_that_stands_open(monkeypatch):
    monkeypatch.setattr(checks, "OWNS_TABLES", "SELECT false")
    assert run_checks(databases=["default"], tags=["database"]) == []
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE residents_visit NO FORCE ROW LEVEL SECURITY")
    (error,) = checks.database_keeps_the_wall(databases=["default"])
    assert error.id == "walls.E003"
    assert "residents_visit" in error.msg


def test_the_start_up_check_refuses_a_role_that_walks_around(monkeypatch):
    monkeypatch.setattr(checks, "OWNS_TABLES", "SELECT false")
    monkeypatch.setattr(checks, "TOO_MIGHTY", "SELECT rolbypassrls FROM pg_roles WHERE rolname = 'app_backup'")
    (error,) = checks.database_keeps_the_wall(databases=["default"])
    assert error.id == "walls.E002"


def test_the_owner_may_migrate_what_stands_open_and_is_not_ready_to_serve(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE residents_visit NO FORCE ROW LEVEL SECURITY")
    assert checks.role_owns_tables()
    assert checks.database_keeps_the_wall(databases=["default"]) == []
    assert client.get("/readyz").json() | {"walls": "failing", "database": "ok"} == client.get("/readyz").json()


def test_another_key_file_is_noticed(settings, tmp_path):
    assert checks.context_is_understood()
    other = tmp_path / "other.key"
    other.write_text("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY=")
    other.chmod(0o600)
    settings.VAULT_KEY_FILE = str(other)
    assert not checks.context_is_understood()


class TestSystemActions:
    def test_both_walls_read_the_same_list(self):
        user = system_user()
        assert scope_of(user, Permit, "write") == EVERYWHERE
        assert scope_of(user, Person, "change").is_nowhere
        with product(user) as cursor:
            cursor.execute("SELECT sec.everywhere('residents_permit', true), sec.everywhere('residents_person', true)")
            assert cursor.fetchone() == (True, False)

    def test_an_action_that_the_model_does_not_know_is_refused(self, monkeypatch):
        monkeypatch.setattr("residents.apps.ResidentsConfig.system_actions", {"residents.Person": ("vanish",)})
        with pytest.raises(ValueError, match="no action vanish"):
            install.system_actions()


def test_a_table_without_rights_stays_closed_to_its_owner_s_functions():
    """The owner reads what sec_definer keeps only by taking its role."""
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("SELECT inner_pad FROM sec.key")


def test_policies_are_made_again_after_every_migrate():
    with connection.cursor() as cursor:
        cursor.execute("DROP POLICY wall_select ON residents_person")
        cursor.execute("ALTER TABLE residents_person DISABLE ROW LEVEL SECURITY")
    assert checks.open_tables() == ["residents_person"]
    install.build_walls(plan=[])
    assert checks.open_tables() == []
    assert issubclass(walls()["residents_person"].model, models.Model)
