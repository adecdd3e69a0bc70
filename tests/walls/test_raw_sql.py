"""Whatever SQL reaches the database through the product's role: not one row of another area (figure H2)."""

import pytest
from django.db import connection, transaction

from portal.org.models import AreaGroupGrant, AreaUserGrant
from portal.org.services import system_user
from portal.org.walls import context
from portal.org.walls.context import scoped_transaction
from residents.models import Dwelling, Permit, PermitApplication, Person, Registration
from tests.factories.org import AreaFactory
from tests.factories.permits import ApplicationFactory, PermitFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory
from tests.walls.wall import column, product, refused, signed

pytestmark = pytest.mark.django_db
HERE, NEXT_DOOR, OTHER_TOWN, OTHER_COUNTY = "330822001001", "330822001002", "330822002001", "330203001001"
PLACES = (HERE, NEXT_DOOR, OTHER_TOWN, OTHER_COUNTY)
SEEN = {
    HERE: {HERE},
    "330822001": {HERE, NEXT_DOOR},
    "330822": {HERE, NEXT_DOOR, OTHER_TOWN},
    "33": set(PLACES),
}
ACTIONS = ("view", "add", "change")
TABLES = (
    "residents_dwelling",
    "residents_person",
    "residents_personevent",
    "residents_registration",
    "residents_registrationevent",
    "residents_permit",
    "residents_permitapplication",
)


@pytest.fixture
def register():
    """One person, stay, permit and file in each of four communities."""
    stays = {}
    for place in PLACES:
        AreaFactory.create(code=place)
        dwelling = DwellingFactory.create(area_code=place)
        person = PersonFactory.create(area_code=place)
        stays[place] = RegistrationFactory.create(dwelling=dwelling, person=person, area_code=place)
        permit = PermitFactory.create(person=person, dwelling=dwelling, area_code=place)
        ApplicationFactory.create(person=person, registration=stays[place], permit=permit, area_code=place)
    return stays


@pytest.fixture
def worker(staff):
    """Somebody who may work on the register in one area."""

    def make(at):
        user = None
        for model in (Dwelling, Person, Registration, Permit, PermitApplication):
            actions = [action for action in ACTIONS if action in model.scope_actions]
            user = staff(model, *actions, at=at, user=user)
        return user

    return make


class TestReading:
    @pytest.mark.parametrize("at", SEEN)
    @pytest.mark.parametrize("table", TABLES)
    def test_rows_of_the_own_areas_and_no_others(self, register, worker, at, table):
        with product(worker(at)) as cursor:
            assert column(cursor, f"SELECT area_code FROM {table}") == SEEN[at]

    def test_a_grid_is_less_than_its_community(self, register, worker):
        DwellingFactory.create(area_code=f"{HERE}007", code="GRID")
        with product(worker(f"{HERE}007")) as cursor:
            assert column(cursor, "SELECT area_code FROM residents_dwelling") == {f"{HERE}007"}

    def test_joins_counts_and_subqueries_pass_the_wall_too(self, register, worker):
        with product(worker(HERE)) as cursor:
            assert column(cursor, "SELECT count(*) FROM residents_registration") == {1}
            both = "SELECT p.area_code FROM residents_person p JOIN residents_dwelling d ON true"
            assert column(cursor, both) == {HERE}
            assert column(cursor, "SELECT area_code FROM residents_dwelling WHERE true OR id IN (SELECT 1)") == {HERE}
            copied = "COPY (SELECT area_code FROM residents_person) TO STDOUT"
            assert refused(cursor, copied) in {"", "ProgrammingError"}

    def test_papers_follow_their_file(self, register, worker):
        files = {place: PermitApplication.objects.get(area_code=place) for place in PLACES}
        for file in files.values():
            file.materials.create(kind="id_card")
        with product(worker(HERE)) as cursor:
            found = column(cursor, "SELECT application_id FROM residents_permitmaterial")
        assert found == {files[HERE].pk}

    def test_one_reads_the_person_whose_stay_stands_in_the_own_area(self, register, worker):
        moved = register[NEXT_DOOR].person
        Registration.objects.filter(pk=register[NEXT_DOOR].pk).update(area_code=HERE)
        with product(worker(HERE)) as cursor:
            assert moved.pk in column(cursor, "SELECT id FROM residents_person")
            cursor.execute("UPDATE residents_person SET name = '改' WHERE id = %s", [moved.pk])
            assert cursor.rowcount == 0

    def test_looking_does_not_let_one_write(self, register, staff):
        user = staff(Person, "view", "export", at=HERE)
        with product(user) as cursor:
            assert column(cursor, "SELECT area_code FROM residents_person") == {HERE}
            cursor.execute("UPDATE residents_person SET name = '改'")
            assert cursor.rowcount == 0


class TestContext:
    @pytest.mark.parametrize("table", TABLES)
    def test_without_a_context_there_is_nothing(self, register, table):
        with product(None) as cursor:
            assert column(cursor, f"SELECT id FROM {table}") == set()

    def test_a_forged_context_counts_for_nothing(self, register, worker):
        mighty, small = worker("33"), worker(HERE)
        good = signed(small)
        body, _bar, mac = good.rpartition("|")
        forged = [
            str(mighty.pk),
            good.replace(f"1|{small.pk}|", f"1|{mighty.pk}|", 1),
            f"{body}person:1|{mac}",
            f"{body}|{'0' * 64}",
            f"{body}|{mac[:-1]}",
            "|" * 80,
            "x" * 5000,
        ]
        for token in forged:
            with product(token=token) as cursor:
                assert column(cursor, "SELECT id FROM residents_person") == set(), token[:40]

    def test_an_expired_context_and_one_of_another_backend_count_for_nothing(self, register, worker):
        user = worker("33")
        for token in (signed(user, seconds=-1), signed(user, backend=1)):
            with product(token=token) as cursor:
                assert column(cursor, "SELECT id FROM residents_person") == set()

    def test_the_outer_context_comes_back_after_an_inner_one(self, register, worker):
        small, mighty = worker(HERE), worker("33")
        with scoped_transaction(small), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE app_rw")
            with scoped_transaction(mighty):
                assert column(cursor, "SELECT area_code FROM residents_person") == set(PLACES)
            assert column(cursor, "SELECT area_code FROM residents_person") == {HERE}
            with pytest.raises(RuntimeError), scoped_transaction(mighty):
                raise RuntimeError
            assert column(cursor, "SELECT area_code FROM residents_person") == {HERE}
            cursor.execute("RESET ROLE")

    def test_an_admission_lets_one_person_through_and_ends_with_its_block(self, register, worker):
        wanted = register[OTHER_COUNTY].person
        with scoped_transaction(worker(HERE)), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE app_rw")
            with context.admitted(person=wanted.pk):
                assert column(cursor, "SELECT area_code FROM residents_registration") == {HERE, OTHER_COUNTY}
                assert column(cursor, "SELECT area_code FROM residents_dwelling") == {HERE, OTHER_COUNTY}
            assert column(cursor, "SELECT area_code FROM residents_registration") == {HERE}
            cursor.execute("RESET ROLE")


class TestGrants:
    def test_a_grant_counts_by_its_term_at_the_moment_of_the_statement(self, register, worker):
        user = worker(HERE)
        grants = AreaUserGrant.objects.filter(user=user)
        for change, seen in (
            ({"valid_to": "2020-02-01T00:00Z"}, set()),
            ({"valid_to": None, "valid_from": "2099-01-01T00:00Z"}, set()),
            ({"valid_from": "2020-01-01T00:00Z"}, {HERE}),
        ):
            grants.update(**change)
            with product(user) as cursor:
                assert column(cursor, "SELECT area_code FROM residents_person") == seen

    def test_a_disabled_account_sees_nothing(self, register, worker):
        user = worker(HERE)
        user.is_active = False
        user.save()
        with product(user) as cursor:
            assert column(cursor, "SELECT id FROM residents_person") == set()

    def test_a_grant_taken_away_within_the_transaction_counts_at_once(self, register, worker):
        user = worker(HERE)
        with product(user) as cursor:
            assert column(cursor, "SELECT area_code FROM residents_person") == {HERE}
            cursor.execute("RESET ROLE")
            cursor.execute("DELETE FROM org_areausergrant WHERE user_id = %s", [user.pk])
            cursor.execute("SET LOCAL ROLE app_rw")
            assert column(cursor, "SELECT area_code FROM residents_person") == set()

    def test_nobody_widens_his_own_rights(self, register, worker):
        user = worker(HERE)
        with product(user) as cursor:
            granted = "INSERT INTO org_areausergrant SELECT (x.g).* FROM (SELECT g FROM org_areausergrant g LIMIT 1) x"
            joined = f"INSERT INTO org_user_groups (user_id, group_id) VALUES ({user.pk}, 1)"
            assert {refused(cursor, granted), refused(cursor, joined)} == {"InsufficientPrivilege"}
            cursor.execute("UPDATE org_areausergrant SET valid_to = NULL, content_object_id = 1")
            assert cursor.rowcount == 0

    def test_who_may_grant_writes_grants(self, register, staff):
        user = staff(AreaGroupGrant, "change", at="330822")
        with product(user) as cursor:
            cursor.execute("UPDATE org_areausergrant SET reason = 'x' WHERE user_id = %s", [user.pk])
            assert cursor.rowcount == 1


class TestWriting:
    def test_rows_of_other_areas_are_neither_changed_nor_deleted(self, register, worker):
        for table in ("residents_dwelling", "residents_person", "residents_registration", "residents_permit"):
            with product(worker(HERE)) as cursor:
                cursor.execute(f"UPDATE {table} SET updated_at = now() WHERE area_code <> %s", [HERE])
                assert cursor.rowcount == 0
                cursor.execute(f"DELETE FROM {table} WHERE area_code <> %s", [HERE])
                assert cursor.rowcount == 0

    def test_a_row_cannot_be_carried_into_or_out_of_another_area(self, register, worker):
        with product(worker(HERE)) as cursor:
            moved = f"UPDATE residents_dwelling SET area_code = '{NEXT_DOOR}'"
            assert refused(cursor, moved) == "InsufficientPrivilege"

    def test_a_row_cannot_be_put_into_another_area(self, register, worker):
        with product(worker(HERE)) as cursor:
            put = (
                "INSERT INTO residents_visit (created_at, updated_at, area_code, visited_on, result, note, person_id,"
                " registration_id, visitor_id, before, in_bulk) SELECT now(), now(), '{}', now(), 'present', '',"
                " person_id, id, registrar_id, '{{}}', false FROM residents_registration"
            )
            assert refused(cursor, put.format(NEXT_DOOR)) == "InsufficientPrivilege"
            assert refused(cursor, put.format(HERE)) == ""

    @pytest.mark.parametrize("table", ["residents_personevent", "residents_permitevent"])
    def test_history_is_written_by_its_trigger_alone(self, register, worker, table):
        with product(worker("33")) as cursor:
            for sql in (
                f"DELETE FROM {table}",
                f"UPDATE {table} SET area_code = '1'",
                f"INSERT INTO {table} DEFAULT VALUES",
            ):
                assert refused(cursor, sql) == "InsufficientPrivilege"
            before = column(cursor, "SELECT count(*) FROM residents_personevent")
            cursor.execute("UPDATE residents_person SET name = '改名' WHERE area_code = %s", [HERE])
            assert column(cursor, "SELECT count(*) FROM residents_personevent") == {before.pop() + 1}


class TestRole:
    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM sec.key",
            "UPDATE sec.opens SET writes = true",
            "INSERT INTO sec.system_action VALUES ('a', 'residents_person', true)",
            "SET ROLE app_owner",
            "SET ROLE sec_definer",
            "SET SESSION AUTHORIZATION app_owner",
            "TRUNCATE residents_person",
            "ALTER TABLE residents_person DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE residents_person NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY wall_select ON residents_person",
            "CREATE POLICY mine ON residents_person USING (true)",
            "CREATE OR REPLACE FUNCTION sec.uid() RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
            "ALTER ROLE app_rw BYPASSRLS",
            "COPY residents_person TO PROGRAM 'cat'",
            "CREATE TABLE sec.mine (id int)",
        ],
    )
    def test_the_way_around_the_wall_is_refused(self, register, worker, sql):
        with product(worker("33")) as cursor:
            # The test's own session is the owner's, who may take these roles; the product's is not.
            if sql.startswith(("SET ROLE", "SET SESSION")):
                cursor.execute("SELECT pg_has_role('app_rw', %s, 'SET')", [sql.rpartition(" ")[2]])
                assert cursor.fetchone() == (False,)
            else:
                assert refused(cursor, sql) in {"InsufficientPrivilege", "SyntaxError"}

    def test_row_security_cannot_be_switched_off(self, register, worker):
        with product(worker(HERE)) as cursor:
            cursor.execute("SET LOCAL row_security = off")
            assert refused(cursor, "SELECT * FROM residents_person") == "InsufficientPrivilege"

    def test_nobody_makes_a_system_account_of_his_own(self, worker):
        user = worker(HERE)
        with product(user) as cursor:
            assert (
                refused(cursor, f"UPDATE org_user SET is_system = true WHERE id = {user.pk}") == "InsufficientPrivilege"
            )


def test_the_system_account_reads_everywhere_and_writes_what_its_apps_declare(register):
    with transaction.atomic(), product(system_user()) as cursor:
        assert column(cursor, "SELECT area_code FROM residents_permit") == set(PLACES)
        cursor.execute("UPDATE residents_permit SET end_proposed = ''")
        assert cursor.rowcount == len(PLACES)
        cursor.execute("UPDATE residents_registration SET remark = '改'")
        assert cursor.rowcount == 0
