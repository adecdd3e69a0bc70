"""Which figures are kept, as SQL: one statement per source table, used by its trigger and by the rebuild alike.

`{rows}` is a sub-select that yields the source table's columns and a `weight` of +1 or -1.
"""

NO_DAY = "DATE '0001-01-01'"

# Where a person comes from: another county of the province, another province, beyond the mainland (digest §3.3).
ORIGIN = """CASE
    WHEN p.document_kind IN ('516', '511', 'HMT_RP') THEN 'HMT'
    WHEN p.nationality <> 'CHN' THEN 'FOREIGN'
    WHEN p.native_code = '' THEN 'OTHER'
    ELSE left(p.native_code, 2) END"""

RESIDENCE = f"""
SELECT left(r.area_code, 12) AS area_code, v.fact, v.part, v.subpart, v.day, sum(r.weight)::int AS number
FROM ({{rows}}) r
JOIN residents_person p ON p.id = r.person_id
CROSS JOIN LATERAL (VALUES
    ('residence', '', '', {NO_DAY}),
    ('residence.age', p.sex, '', date_trunc('month', p.birth_date)::date),
    ('residence.reason', r.reason, '', {NO_DAY}),
    ('residence.lodging', r.lodging, '', {NO_DAY}),
    ('residence.origin', {ORIGIN}, left(p.native_code, 4), {NO_DAY}),
    ('residence.counts', '', '', date_trunc('month', r.counts_from)::date),
    ('quality.verified', r.lodging, '', coalesce(r.verified_on, r.registered_on)),
    ('quality.phone', CASE WHEN p.phone_index IS NULL THEN 'missing' ELSE 'present' END, '', {NO_DAY})
) AS v(fact, part, subpart, day)
WHERE r.status = 'active'
GROUP BY 1, 2, 3, 4, 5
HAVING sum(r.weight) <> 0
"""

FLOW = """
SELECT left(v.area_code, 12) AS area_code, 'flow' AS fact, v.part, '' AS subpart, c.recorded_on AS day,
       sum(c.weight * v.sign)::int AS number
FROM ({rows}) c
JOIN residents_registration r ON r.id = c.registration_id
LEFT JOIN residents_registration before ON before.id = r.previous_id
CROSS JOIN LATERAL (VALUES
    (c.area_code, CASE WHEN c.kind IN ('arrival', 'renewal', 'restore') THEN 'arrival'
                       WHEN c.kind = 'departure' THEN 'departure'
                       WHEN c.kind = 'address' THEN 'moved_in' END, 1),
    (before.area_code, CASE WHEN c.kind = 'address' THEN 'moved_out' END, 1)
) AS v(area_code, part, sign)
WHERE v.part IS NOT NULL AND v.area_code IS NOT NULL AND c.undone_by_id IS NULL
GROUP BY 1, 3, 5
HAVING sum(c.weight * v.sign) <> 0
"""

PERMIT = """
SELECT left(t.area_code, 12) AS area_code, 'permit' AS fact, t.status AS part, t.ground AS subpart,
       t.endorse_by AS day, sum(t.weight)::int AS number
FROM ({rows}) t
GROUP BY 1, 3, 4, 5
HAVING sum(t.weight) <> 0
"""

APPLICATION = """
SELECT left(a.area_code, 12) AS area_code, 'application' AS fact, a.status AS part,
       CASE WHEN a.due_on IS NULL THEN 'waiting'
            WHEN a.signed_at IS NULL THEN 'open'
            WHEN (a.signed_at AT TIME ZONE 'Asia/Shanghai')::date > a.due_on THEN 'late'
            ELSE 'in_time' END AS subpart,
       coalesce(a.due_on, a.submitted_on) AS day, sum(a.weight)::int AS number
FROM ({rows}) a
GROUP BY 1, 3, 4, 5
HAVING sum(a.weight) <> 0
"""

SOURCES = {
    "residents_registration": RESIDENCE,
    "residents_registrationchange": FLOW,
    "residents_permit": PERMIT,
    "residents_permitapplication": APPLICATION,
}

# A corrected sex, birth date or hukou place moves the person between parts: the stays are counted out and in again.
PERSON_CHANGE = f"""
SELECT left(r.area_code, 12) AS area_code, v.fact, v.part, v.subpart, v.day, sum(p.weight)::int AS number
FROM ({{rows}}) p
JOIN residents_registration r ON r.person_id = p.id AND r.status = 'active'
CROSS JOIN LATERAL (VALUES
    ('residence.age', p.sex, '', date_trunc('month', p.birth_date)::date),
    ('residence.origin', {ORIGIN}, left(p.native_code, 4), {NO_DAY}),
    ('quality.phone', CASE WHEN p.phone_index IS NULL THEN 'missing' ELSE 'present' END, '', {NO_DAY})
) AS v(fact, part, subpart, day)
GROUP BY 1, 2, 3, 4, 5
HAVING sum(p.weight) <> 0
"""

COLUMNS = "area_code, fact, part, subpart, day, number"


def rebuild_sql(table: str) -> str:
    return SOURCES[table].format(rows=f"SELECT t.*, 1 AS weight FROM {table} t")


def install_sql() -> str:
    """Everything the database needs to keep the figures; frozen into a migration, compared with it by a test."""
    parts = [trigger_sql(table, statement) for table, statement in SOURCES.items()]
    return "".join([*parts, person_trigger_sql()])


def trigger_sql(table: str, statement: str) -> str:
    """One function and three statement-level triggers that append the difference.

    A fresh plan each time: a cached one for small changes makes a bulk change hundreds of times slower.
    """
    name = f"reports_count_{table.removeprefix('residents_')}"
    new = "SELECT n.*, 1 AS weight FROM new_rows n"
    old = "SELECT o.*, -1 AS weight FROM old_rows o"
    insert = f"INSERT INTO reports_areacountdelta ({COLUMNS}) "
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {insert}{statement.format(rows=new)};
    ELSIF TG_OP = 'UPDATE' THEN
        {insert}{statement.format(rows=f"{new} UNION ALL {old}")};
    ELSE
        {insert}{statement.format(rows=old)};
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER {name}_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


def person_trigger_sql() -> str:
    name = "reports_count_person"
    rows = "SELECT n.*, 1 AS weight FROM new_rows n UNION ALL SELECT o.*, -1 AS weight FROM old_rows o"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    INSERT INTO reports_areacountdelta ({COLUMNS}) {PERSON_CHANGE.format(rows=rows)};
    RETURN NULL;
END $$;
CREATE TRIGGER {name}_update AFTER UPDATE ON residents_person
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
