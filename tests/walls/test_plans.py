"""No list reads more than its own areas: 20,000 rows in 40 communities, and a clerk of one of them."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.org.models import AreaUserGrant
from portal.org.services import grant_to_user
from residents.models import Dwelling, Permit, PermitApplication, Person, Registration
from tests.factories.org import AreaFactory
from tests.factories.residents import RegistrationFactory
from tests.walls.wall import product

pytestmark = pytest.mark.django_db
HERE = "330822001001"
ROWS, COMMUNITIES = 20_000, 40
OF_ONE = ROWS // COMMUNITIES
PAGES = (
    "/people/",
    "/people/?status=all",
    "/people/?status=stale",
    "/people/?status=left",
    "/people/?q=建国",
    "/people/?q=wjg",
    "/dwellings/",
    "/dwellings/?q=jxhy3-2",
    "/permits/queue/",
    "/permits/endorsements/",
)
TYPED = ("王建国", "建国", "wjg", "wangjianguo", "王建国1237", "520322199005171237", "13800005621", "jxhy3-2", "宏达")
BIG = ("residents_person", "residents_registration", "residents_dwelling")
PLACE = "'330822001' || lpad((1 + n % 40)::text, 3, '0')"


def multiply(table: str, key: int, **changes: str) -> None:
    """Copies of one row with other values for some columns, in SQL; `n` counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = ''"
            " AND NOT attisdropped AND attname <> 'id'",
            [table],
        )
        columns = [row[0] for row in cursor.fetchall()]
        values = ", ".join(changes.get(name, f"t.{name}") for name in columns)
        cursor.execute(
            f"INSERT INTO {table} (id, {', '.join(columns)}) SELECT {key} + n, {values}"
            f" FROM {table} t, generate_series(1, {ROWS}) n WHERE t.id = {key}"
        )


@pytest.fixture
def clerk(staff):
    stay = RegistrationFactory.create()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in BIG:
        connection.cursor().execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    multiply(
        "residents_dwelling",
        stay.dwelling_id,
        code="'D' || n",
        plate="gen_random_uuid()",
        area_code=PLACE,
        address="'锦绣花园' || n",
        shorthand="'jxhy' || n",
    )
    multiply(
        "residents_person",
        stay.person_id,
        document_index="decode(md5(n::text), 'hex')",
        document_tail_index="substring(decode(md5((n % 5000)::text), 'hex') FROM 1 FOR 8)",
        phone_index="NULL",
        area_code=PLACE,
        name="(ARRAY['王', '李', '张'])[1 + n % 3] || (ARRAY['建国', '小红', '伟', '秀英'])[1 + n % 4]",
        name_initials="(ARRAY['wjg', 'lxh', 'zw'])[1 + n % 3]",
    )
    multiply(
        "residents_registration",
        stay.pk,
        person_id=f"{stay.person_id} + n",
        dwelling_id=f"{stay.dwelling_id} + n",
        voucher="gen_random_uuid()",
        area_code=PLACE,
        workplace="'第' || (n % 997) || '工坊'",
        updated_at="now() - n * interval '1 minute'",
    )
    with connection.cursor() as cursor:
        for table in BIG:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"ANALYZE {table}")
    user = staff(role="police", at=HERE)
    for model in (Dwelling, Person, Registration, Permit, PermitApplication):
        grant_to_user(user, model, model.scope_actions, at=AreaFactory.create(code=HERE))
    AreaUserGrant.objects.filter(user=user).update(valid_from="2020-01-01T00:00Z")
    return user


def read_by(node: dict) -> list[str]:
    """Scans of a large table that touched more than a community's rows, or the whole table."""
    found: list[str] = []
    if not node["Actual Loops"]:
        return found  # a branch of the policy that nothing had to ask
    touched = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    if node.get("Relation Name") in BIG and (node["Node Type"] == "Seq Scan" or touched > 3 * OF_ONE):
        found.append(f"{node['Node Type']} of {node['Relation Name']}: {touched:.0f} rows")
    for part in node.get("Plans", ()):
        found += read_by(part)
    return found


def wide_scans(clerk, asked: list[str]) -> list[str]:
    found = []
    with product(clerk) as cursor:
        for sql in asked:
            if sql.startswith("SELECT") and re.search("|".join(BIG), sql):
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
                found += read_by(cursor.fetchone()[0][0]["Plan"])
    return found


def test_every_list_and_every_key_reads_its_own_areas_alone(clerk, client):
    client.force_login(clerk)
    wide = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200, page
        asked = [query["sql"] for query in captured]
        assert any(re.search("|".join(BIG), sql) for sql in asked) or "permits" in page, page
        wide[page] = wide_scans(clerk, asked)
    for typed in TYPED:
        with CaptureQueriesContext(connection) as captured:
            assert client.post("/ui/palette/", {"q": typed}).status_code == 200, typed
        wide[typed] = wide_scans(clerk, [query["sql"] for query in captured])
    assert {asked: scans for asked, scans in wide.items() if scans} == {}
    assert_functions_use_their_indexes()


INSIDE = {
    "person_town_chars": "SELECT id FROM residents_person p WHERE string_to_array(p.name, NULL) @> '{欧,阳}'"
    " AND position('欧阳' IN p.name) > 0 AND p.township_code = '330822001'",
    "reg_town_work_chars": "SELECT id FROM residents_registration r WHERE r.workplace <> '' AND"
    " string_to_array(r.workplace, NULL) @> '{宏,达}' AND r.township_code = '330822001'",
    "reg_workplace": "SELECT id FROM residents_registration r WHERE r.workplace = '宏达机械'",
}
"""What the functions ask inside, where no plan shows it."""


def assert_functions_use_their_indexes() -> None:
    """Whether they can: in one township with four names, reading all of it would be right."""
    with transaction.atomic(), connection.cursor() as cursor:
        # What 20,000 inserts of one transaction left waiting makes an index of characters look dear.
        cursor.execute(
            "SELECT gin_clean_pending_list('person_town_chars'), gin_clean_pending_list('reg_town_work_chars')"
        )
        cursor.execute("SET LOCAL enable_seqscan = off")
        for index, sql in INSIDE.items():
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert index in plan, plan
        cursor.execute("SET LOCAL enable_seqscan = on")
