"""People who registered together and still live at one address become households.

The first person of the act heads the book. Where that person has gone, the spouse does, otherwise the oldest, and the
relations are those that certainly follow: the spouse's children, people not related; the rest become other relatives.
"""

from django.db import migrations

FORM = """
CREATE TEMPORARY TABLE household_lines ON COMMIT DROP AS
WITH living AS (
    SELECT r.id, r.person_id, r.dwelling_id, r.area_code, r.arrived_on, r.relation, r.registrar_id, p.birth_date,
        coalesce(r.head_id, r.id) AS act, (r.head_id IS NULL) AS first
    FROM residents_registration r JOIN residents_person p ON p.id = r.person_id WHERE r.status = 'active'
), lines AS (
    SELECT living.*,
        count(*) OVER (PARTITION BY act, dwelling_id) AS size,
        min(arrived_on) OVER (PARTITION BY act, dwelling_id) AS formed_on,
        row_number() OVER (
            PARTITION BY act, dwelling_id
            ORDER BY first DESC, (relation IN ('10', '11', '12')) DESC, birth_date, id
        ) AS place
    FROM living
)
SELECT lines.*, head.person_id AS head_person, head.relation AS head_relation, head.first AS head_first,
    head.birth_date AS head_born, head.registrar_id AS actor, head.area_code AS book_area
FROM lines JOIN lines head ON head.act = lines.act AND head.dwelling_id = lines.dwelling_id AND head.place = 1
WHERE lines.size > 1;

INSERT INTO residents_household (area_code, dwelling_id, head_id, formed_on, version, created_at, updated_at)
SELECT book_area, dwelling_id, head_person, formed_on, 1, now(), now() FROM household_lines WHERE place = 1;

INSERT INTO residents_householdact (household_id, kind, happened_on, reason, actor_id, created_at, updated_at)
SELECT h.id, 'formed', h.formed_on, '', l.actor, now(), now()
FROM residents_household h JOIN household_lines l ON l.person_id = h.head_id AND l.place = 1;

INSERT INTO residents_householdmember
    (household_id, person_id, relation, joined_on, guardian_id, guardian_note, begun_by_id, created_at, updated_at)
SELECT h.id, l.person_id,
    CASE
        WHEN l.place = 1 THEN '02'
        WHEN l.head_first THEN CASE WHEN l.relation IN ('', '02') THEN '97' ELSE l.relation END
        WHEN l.relation = '99' THEN '99'
        WHEN l.head_relation IN ('10', '11', '12') AND l.relation IN ('20', '30') THEN l.relation
        ELSE '97'
    END,
    l.arrived_on,
    CASE
        WHEN l.place > 1 AND l.relation NOT IN ('', '99') AND l.birth_date > CURRENT_DATE - INTERVAL '16 years'
            AND l.head_born <= CURRENT_DATE - INTERVAL '18 years' THEN l.head_person
    END,
    '', a.id, now(), now()
FROM household_lines l
JOIN residents_household h ON h.head_id = l.head_person AND h.ended_on IS NULL
JOIN residents_householdact a ON a.household_id = h.id
ORDER BY h.id, l.place, l.id;
"""
EMPTY = """
DELETE FROM residents_householdmember;
DELETE FROM residents_householdact;
DELETE FROM residents_household;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("residents", "0014_households"),
    ]

    operations = [
        migrations.RunSQL(FORM, EMPTY),
    ]
