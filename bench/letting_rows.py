"""Rental registrations, reports of landlords, inspections and hazards for the rented homes of a copied county.

Made inside the database from one template each. Only for throwing away: what people said is the same in every row.
"""
# ruff: noqa: S608 - tables and columns are those of our own models

import re
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction

from portal.core import clock
from portal.org.models import User
from portal.policy.working_days import add_workdays
from rentals.choices import Disposal, Gas, HazardClass, HazardStatus, LandlordKind, Letting
from rentals.models import Hazard, Inspection, RentalRegistration, RentedHome, ResponsibilityLetter, TenancyReport
from rentals.report_choices import ReporterKind, ReportKind
from residents.choices import DocumentKind

SPREAD = "now() - (hashint8extended(h.dwelling_id, 5) & 2147483647) %% 31536000 * interval '1 second'"
LET = """SELECT dwelling_id, area_code FROM rentals_rentedhome WHERE stays > 0 AND lettings <= 0
    ORDER BY hashint8extended(dwelling_id, 1) LIMIT {most}"""
REPORTED = """SELECT l.dwelling_id, l.area_code, p.name, p.document_index FROM (
        SELECT * FROM rentals_rentalregistration one WHERE status = 'registered'
        AND NOT EXISTS (SELECT FROM rentals_tenancyreport t WHERE t.dwelling_id = one.dwelling_id)
        ORDER BY hashint8extended(dwelling_id, 2) LIMIT {most}) l
    JOIN LATERAL (SELECT person_id FROM residents_registration r WHERE r.dwelling_id = l.dwelling_id
        AND r.status = 'active' LIMIT 1) r ON true JOIN residents_person p ON p.id = r.person_id"""
DUE = """SELECT dwelling_id, area_code, id AS rental_id FROM rentals_rentalregistration l
    WHERE status = 'registered' AND NOT EXISTS (SELECT FROM rentals_inspection i WHERE i.dwelling_id = l.dwelling_id)
    ORDER BY hashint8extended(dwelling_id, 3) LIMIT {most}"""
FOUND = """SELECT id, dwelling_id, area_code FROM rentals_inspection i
    WHERE NOT EXISTS (SELECT FROM rentals_hazard z WHERE z.inspection_id = i.id) ORDER BY id LIMIT {most}"""
SIGNED = """SELECT l.id AS rental_id, l.id %% 6 = 1 AS waits FROM rentals_rentalregistration l
    WHERE l.status = 'registered' AND l.id %% 17 <> 3"""
NEW_EVERY = 400
ONE_ROOM_EVERY = 20
LENGTH = re.compile(r"\([\d, ]+\)")
FILLED = (RentalRegistration, TenancyReport, Inspection, Hazard)


def fill(lettings: int) -> None:
    """Nothing when there are enough already. Doors of every third home stay unregistered: those are the leads."""
    _fill(lettings)
    if not ResponsibilityLetter.objects.exists():
        _fill_letters()


def _fill(lettings: int) -> None:
    missing = lettings - RentalRegistration.objects.count()
    if missing <= 0:
        return
    staff = User.objects.get(username="police")
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '128MB'")
            for model in FILLED:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
            cursor.execute("SELECT rentals_recount_homes()")  # the stays were copied, their figures were not
            _lettings(cursor, missing, staff)
            _reports(cursor, missing // 20)
            _inspections(cursor, missing // 8)
            _hazards(cursor, missing // 40, staff)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT rentals_recount_homes()")
            for model in FILLED:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} ENABLE TRIGGER USER")
        tables = ", ".join(model._meta.db_table for model in (*FILLED, RentedHome))
        cursor.execute(f"VACUUM ANALYZE {tables}")


def _lettings(cursor: Any, most: int, staff: User) -> None:
    one = RentalRegistration(
        landlord_kind=LandlordKind.PERSON, landlord_name="陈国强", document_kind=DocumentKind.RESIDENT_ID,
        document_number="330822196802030777", document_index=b"bench", landlord_phone="13957000001",
        landlord_phone_index=b"bench", ownership="01", title_kind="01", title_number="浙（2020）不动产权第 1 号",
        structure="01", planned_use="01", floor_area=90, rooms_total=3, rooms_let=3, letting=Letting.WHOLE,
        let_from=clock.today() - timedelta(days=200), gas=Gas.PIPED, registered_on=clock.today() - timedelta(days=190),
        submitted_by=staff, decided_by=staff,
    )  # fmt: skip
    varied = {
        "dwelling_id": "h.dwelling_id",
        "area_code": "h.area_code",
        "number": "'B' || h.dwelling_id",
        "voucher": "gen_random_uuid()",
        "status": f"CASE WHEN h.dwelling_id %% {NEW_EVERY} = 0 THEN 'submitted' ELSE 'registered' END",
        "rooms_let": f"CASE WHEN h.dwelling_id %% {ONE_ROOM_EVERY} = 0 THEN 1 ELSE 3 END",
        "document_index": "decode(md5('l' || h.dwelling_id / 3), 'hex')",
        "landlord_phone_index": "decode(md5('p' || h.dwelling_id / 3), 'hex')",
        "created_at": SPREAD,
        "updated_at": SPREAD,
    }
    _copies(cursor, one, varied, LET.format(most=most))


def _reports(cursor: Any, most: int) -> None:
    today = clock.today()
    one = TenancyReport(
        line=1, kind=ReportKind.MOVED_IN, reporter_kind=ReporterKind.LANDLORD, reporter_name="陈国强",
        reporter_phone="13957000001", reporter_index=b"bench", confirmed=True, document_kind=DocumentKind.RESIDENT_ID,
        document_number="330822196802030777", happened_on=today, counted_from=today, reported_on=today,
        due_on=add_workdays(today, 3),
    )  # fmt: skip
    varied = {
        "dwelling_id": "h.dwelling_id",
        "area_code": "h.area_code",
        "batch": "gen_random_uuid()",
        "name": "h.name",
        "document_index": "h.document_index",
        "reporter_index": "decode(md5('p' || h.dwelling_id / 3), 'hex')",
        "created_at": SPREAD,
        "updated_at": SPREAD,
    }
    _copies(cursor, one, varied, REPORTED.format(most=most))


def _inspections(cursor: Any, most: int) -> None:
    varied = {"dwelling_id": "h.dwelling_id", "area_code": "h.area_code", "created_at": SPREAD, "updated_at": SPREAD}
    _copies(cursor, Inspection(due_on=clock.today() + timedelta(days=10)), varied, DUE.format(most=most))


def _hazards(cursor: Any, most: int, staff: User) -> None:
    today = clock.today()
    one = Hazard(
        item="04", hazard_class=HazardClass.FIRE, note="未配灭火器", disposal=Disposal.DEADLINE,
        status=HazardStatus.OPEN, due_on=today + timedelta(days=5), found_on=today, found_by=staff,
    )  # fmt: skip
    varied = {
        "inspection_id": "h.id",
        "dwelling_id": "h.dwelling_id",
        "area_code": "h.area_code",
        "number": "'B' || h.id",
        "created_at": SPREAD,
        "updated_at": SPREAD,
    }
    _copies(cursor, one, varied, FOUND.format(most=most))


def _fill_letters() -> None:
    """One of six waits to be signed, one of seventeen has none."""
    today, staff = clock.today(), User.objects.get(username="police")
    one = ResponsibilityLetter(year=today.year, issued_on=today - timedelta(days=190), issued_by=staff)
    day = f"'{one.issued_on.isoformat()}'::date"
    ends = {"signed_on": day, "valid_from": day, "valid_to": f"{day} + 364"}
    varied = {name: f"CASE WHEN NOT h.waits THEN {told} END" for name, told in ends.items()}
    varied |= {
        "rental_id": "h.rental_id",
        "number": "'B' || h.rental_id",
        "manner": "CASE WHEN h.waits THEN '' ELSE 'screen' END",
        "signer_name": "CASE WHEN h.waits THEN '' ELSE '陈国强' END",
    }
    table = ResponsibilityLetter._meta.db_table
    with connection.cursor() as cursor:
        with transaction.atomic():
            cursor.execute(f"SET LOCAL statement_timeout = 0; ALTER TABLE {table} DISABLE TRIGGER USER")
            _copies(cursor, one, varied, SIGNED)
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute("SELECT rentals_recount_letters()")
        cursor.execute(f"VACUUM ANALYZE {table}, {RentalRegistration._meta.db_table}")


def _copies(cursor: Any, one: models.Model, varied: dict[str, str], source: str) -> None:
    """One row of `one` for each row `h` of the source, with what differs from row to row in SQL."""
    told: dict[str, str] = {}
    given: list[Any] = []
    for column in one._meta.local_concrete_fields:
        if column.generated or column.primary_key:
            continue
        name = str(column.column)
        if name in varied:
            told[name] = varied[name]
        else:
            told[name] = f"%s::{LENGTH.sub('', str(column.db_type(connection)))}"
            given.append(column.get_db_prep_save(getattr(one, column.attname), connection))
    names = ", ".join(f'"{name}"' for name in told)
    cursor.execute(
        f"INSERT INTO {one._meta.db_table} ({names}) SELECT {', '.join(told.values())} FROM ({source}) h", given
    )
