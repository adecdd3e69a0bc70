CREATE OR REPLACE FUNCTION reports_count_registration() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(r.area_code, 12) AS area_code, v.fact, v.part, v.subpart, v.day, sum(r.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n) r
JOIN residents_person p ON p.id = r.person_id
CROSS JOIN LATERAL (VALUES
    ('residence', '', '', DATE '0001-01-01'),
    ('residence.age', p.sex, '', date_trunc('month', p.birth_date)::date),
    ('residence.reason', r.reason, '', DATE '0001-01-01'),
    ('residence.lodging', r.lodging, '', DATE '0001-01-01'),
    ('residence.origin', CASE
    WHEN p.document_kind IN ('516', '511', 'HMT_RP') THEN 'HMT'
    WHEN p.nationality <> 'CHN' THEN 'FOREIGN'
    WHEN p.native_code = '' THEN 'OTHER'
    ELSE left(p.native_code, 2) END, left(p.native_code, 4), DATE '0001-01-01'),
    ('residence.counts', '', '', date_trunc('month', r.counts_from)::date),
    ('quality.verified', r.lodging, '', coalesce(r.verified_on, r.registered_on)),
    ('quality.phone', CASE WHEN p.phone_index IS NULL THEN 'missing' ELSE 'present' END, '', DATE '0001-01-01')
) AS v(fact, part, subpart, day)
WHERE r.status = 'active'
GROUP BY 1, 2, 3, 4, 5
HAVING sum(r.weight) <> 0
;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(r.area_code, 12) AS area_code, v.fact, v.part, v.subpart, v.day, sum(r.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n UNION ALL SELECT o.*, -1 AS weight FROM old_rows o) r
JOIN residents_person p ON p.id = r.person_id
CROSS JOIN LATERAL (VALUES
    ('residence', '', '', DATE '0001-01-01'),
    ('residence.age', p.sex, '', date_trunc('month', p.birth_date)::date),
    ('residence.reason', r.reason, '', DATE '0001-01-01'),
    ('residence.lodging', r.lodging, '', DATE '0001-01-01'),
    ('residence.origin', CASE
    WHEN p.document_kind IN ('516', '511', 'HMT_RP') THEN 'HMT'
    WHEN p.nationality <> 'CHN' THEN 'FOREIGN'
    WHEN p.native_code = '' THEN 'OTHER'
    ELSE left(p.native_code, 2) END, left(p.native_code, 4), DATE '0001-01-01'),
    ('residence.counts', '', '', date_trunc('month', r.counts_from)::date),
    ('quality.verified', r.lodging, '', coalesce(r.verified_on, r.registered_on)),
    ('quality.phone', CASE WHEN p.phone_index IS NULL THEN 'missing' ELSE 'present' END, '', DATE '0001-01-01')
) AS v(fact, part, subpart, day)
WHERE r.status = 'active'
GROUP BY 1, 2, 3, 4, 5
HAVING sum(r.weight) <> 0
;
    ELSE
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(r.area_code, 12) AS area_code, v.fact, v.part, v.subpart, v.day, sum(r.weight)::int AS number
FROM (SELECT o.*, -1 AS weight FROM old_rows o) r
JOIN residents_person p ON p.id = r.person_id
CROSS JOIN LATERAL (VALUES
    ('residence', '', '', DATE '0001-01-01'),
    ('residence.age', p.sex, '', date_trunc('month', p.birth_date)::date),
    ('residence.reason', r.reason, '', DATE '0001-01-01'),
    ('residence.lodging', r.lodging, '', DATE '0001-01-01'),
    ('residence.origin', CASE
    WHEN p.document_kind IN ('516', '511', 'HMT_RP') THEN 'HMT'
    WHEN p.nationality <> 'CHN' THEN 'FOREIGN'
    WHEN p.native_code = '' THEN 'OTHER'
    ELSE left(p.native_code, 2) END, left(p.native_code, 4), DATE '0001-01-01'),
    ('residence.counts', '', '', date_trunc('month', r.counts_from)::date),
    ('quality.verified', r.lodging, '', coalesce(r.verified_on, r.registered_on)),
    ('quality.phone', CASE WHEN p.phone_index IS NULL THEN 'missing' ELSE 'present' END, '', DATE '0001-01-01')
) AS v(fact, part, subpart, day)
WHERE r.status = 'active'
GROUP BY 1, 2, 3, 4, 5
HAVING sum(r.weight) <> 0
;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_count_registration_insert AFTER INSERT ON residents_registration REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_registration();
CREATE TRIGGER reports_count_registration_update AFTER UPDATE ON residents_registration REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_registration();
CREATE TRIGGER reports_count_registration_delete AFTER DELETE ON residents_registration REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_registration();

CREATE OR REPLACE FUNCTION reports_count_registrationchange() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(v.area_code, 12) AS area_code, 'flow' AS fact, v.part, '' AS subpart, c.recorded_on AS day,
       sum(c.weight * v.sign)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n) c
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
;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(v.area_code, 12) AS area_code, 'flow' AS fact, v.part, '' AS subpart, c.recorded_on AS day,
       sum(c.weight * v.sign)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n UNION ALL SELECT o.*, -1 AS weight FROM old_rows o) c
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
;
    ELSE
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(v.area_code, 12) AS area_code, 'flow' AS fact, v.part, '' AS subpart, c.recorded_on AS day,
       sum(c.weight * v.sign)::int AS number
FROM (SELECT o.*, -1 AS weight FROM old_rows o) c
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
;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_count_registrationchange_insert AFTER INSERT ON residents_registrationchange REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_registrationchange();
CREATE TRIGGER reports_count_registrationchange_update AFTER UPDATE ON residents_registrationchange REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_registrationchange();
CREATE TRIGGER reports_count_registrationchange_delete AFTER DELETE ON residents_registrationchange REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_registrationchange();

CREATE OR REPLACE FUNCTION reports_count_permit() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(t.area_code, 12) AS area_code, 'permit' AS fact, t.status AS part, t.ground AS subpart,
       t.endorse_by AS day, sum(t.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n) t
GROUP BY 1, 3, 4, 5
HAVING sum(t.weight) <> 0
;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(t.area_code, 12) AS area_code, 'permit' AS fact, t.status AS part, t.ground AS subpart,
       t.endorse_by AS day, sum(t.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n UNION ALL SELECT o.*, -1 AS weight FROM old_rows o) t
GROUP BY 1, 3, 4, 5
HAVING sum(t.weight) <> 0
;
    ELSE
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(t.area_code, 12) AS area_code, 'permit' AS fact, t.status AS part, t.ground AS subpart,
       t.endorse_by AS day, sum(t.weight)::int AS number
FROM (SELECT o.*, -1 AS weight FROM old_rows o) t
GROUP BY 1, 3, 4, 5
HAVING sum(t.weight) <> 0
;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_count_permit_insert AFTER INSERT ON residents_permit REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_permit();
CREATE TRIGGER reports_count_permit_update AFTER UPDATE ON residents_permit REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_permit();
CREATE TRIGGER reports_count_permit_delete AFTER DELETE ON residents_permit REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_permit();

CREATE OR REPLACE FUNCTION reports_count_permitapplication() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(a.area_code, 12) AS area_code, 'application' AS fact, a.status AS part,
       CASE WHEN a.due_on IS NULL THEN 'waiting'
            WHEN a.signed_at IS NULL THEN 'open'
            WHEN (a.signed_at AT TIME ZONE 'Asia/Shanghai')::date > a.due_on THEN 'late'
            ELSE 'in_time' END AS subpart,
       coalesce(a.due_on, a.submitted_on) AS day, sum(a.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n) a
GROUP BY 1, 3, 4, 5
HAVING sum(a.weight) <> 0
;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(a.area_code, 12) AS area_code, 'application' AS fact, a.status AS part,
       CASE WHEN a.due_on IS NULL THEN 'waiting'
            WHEN a.signed_at IS NULL THEN 'open'
            WHEN (a.signed_at AT TIME ZONE 'Asia/Shanghai')::date > a.due_on THEN 'late'
            ELSE 'in_time' END AS subpart,
       coalesce(a.due_on, a.submitted_on) AS day, sum(a.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n UNION ALL SELECT o.*, -1 AS weight FROM old_rows o) a
GROUP BY 1, 3, 4, 5
HAVING sum(a.weight) <> 0
;
    ELSE
        INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(a.area_code, 12) AS area_code, 'application' AS fact, a.status AS part,
       CASE WHEN a.due_on IS NULL THEN 'waiting'
            WHEN a.signed_at IS NULL THEN 'open'
            WHEN (a.signed_at AT TIME ZONE 'Asia/Shanghai')::date > a.due_on THEN 'late'
            ELSE 'in_time' END AS subpart,
       coalesce(a.due_on, a.submitted_on) AS day, sum(a.weight)::int AS number
FROM (SELECT o.*, -1 AS weight FROM old_rows o) a
GROUP BY 1, 3, 4, 5
HAVING sum(a.weight) <> 0
;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_count_permitapplication_insert AFTER INSERT ON residents_permitapplication REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_permitapplication();
CREATE TRIGGER reports_count_permitapplication_update AFTER UPDATE ON residents_permitapplication REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_permitapplication();
CREATE TRIGGER reports_count_permitapplication_delete AFTER DELETE ON residents_permitapplication REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_permitapplication();

CREATE OR REPLACE FUNCTION reports_count_person() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number) 
SELECT left(r.area_code, 12) AS area_code, v.fact, v.part, v.subpart, v.day, sum(p.weight)::int AS number
FROM (SELECT n.*, 1 AS weight FROM new_rows n UNION ALL SELECT o.*, -1 AS weight FROM old_rows o) p
JOIN residents_registration r ON r.person_id = p.id AND r.status = 'active'
CROSS JOIN LATERAL (VALUES
    ('residence.age', p.sex, '', date_trunc('month', p.birth_date)::date),
    ('residence.origin', CASE
    WHEN p.document_kind IN ('516', '511', 'HMT_RP') THEN 'HMT'
    WHEN p.nationality <> 'CHN' THEN 'FOREIGN'
    WHEN p.native_code = '' THEN 'OTHER'
    ELSE left(p.native_code, 2) END, left(p.native_code, 4), DATE '0001-01-01'),
    ('quality.phone', CASE WHEN p.phone_index IS NULL THEN 'missing' ELSE 'present' END, '', DATE '0001-01-01')
) AS v(fact, part, subpart, day)
GROUP BY 1, 2, 3, 4, 5
HAVING sum(p.weight) <> 0
;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_count_person_update AFTER UPDATE ON residents_person
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION reports_count_person();
