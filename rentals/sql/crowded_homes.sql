-- How many live at a door whose letting is in force, and how many may (HL3). Kept with every stay, every letting and
-- every change of areas; a rule of occupancy that changes by law or by the calendar comes in with the count at night.

-- The lower of both limits by letting, with the rules in force on a day where the letting stands: the longest code wins.
CREATE OR REPLACE FUNCTION rentals_limits(doors bigint[], day date) RETURNS TABLE (dwelling_id bigint, allowed integer)
LANGUAGE sql STABLE AS $$
    WITH lettings AS MATERIALIZED (
        SELECT l.dwelling_id, l.area_code, l.rooms_let, l.floor_area FROM rentals_rentalregistration l
        WHERE l.status = 'registered' AND (doors IS NULL OR l.dwelling_id = ANY (doors))
    ), areas AS MATERIALIZED (
        SELECT a.area_code, (
            SELECT p.value FROM policy_policyrule p
            WHERE p.code = 'rental.max_per_room' AND starts_with(a.area_code, p.area_code)
                AND day >= p.effective_from AND (p.effective_to IS NULL OR day <= p.effective_to)
            ORDER BY length(p.area_code) DESC LIMIT 1
        ) AS per_room, (
            SELECT p.value FROM policy_policyrule p
            WHERE p.code = 'rental.min_area_per_person' AND starts_with(a.area_code, p.area_code)
                AND day >= p.effective_from AND (p.effective_to IS NULL OR day <= p.effective_to)
            ORDER BY length(p.area_code) DESC LIMIT 1
        ) AS each_person
        FROM (SELECT DISTINCT l.area_code FROM lettings l) a
    )
    SELECT l.dwelling_id, least(l.rooms_let * trunc(a.per_room), div(l.floor_area, a.each_person))::int
    FROM lettings l JOIN areas a USING (area_code)
    WHERE a.per_room IS NOT NULL AND a.each_person > 0
$$;

-- The doors are locked in one order before they are counted: a second arrival waits and then counts the first one too.
-- Nearly every arrival is at a door without a letting, where there is nothing to count.
CREATE OR REPLACE FUNCTION rentals_note_living(doors bigint[], lettings_changed boolean) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    let bigint[];
BEGIN
    let := ARRAY(
        SELECT h.dwelling_id FROM rentals_rentedhome h
        WHERE h.dwelling_id = ANY (doors) AND (h.lettings > 0 OR lettings_changed)
        ORDER BY h.dwelling_id FOR UPDATE);
    IF cardinality(let) = 0 THEN
        RETURN;
    END IF;
    IF lettings_changed THEN
        UPDATE rentals_rentedhome h SET allowed = n.allowed
        FROM unnest(let) d (id)
        LEFT JOIN rentals_limits(let, (now() AT TIME ZONE 'Asia/Shanghai')::date) n ON n.dwelling_id = d.id
        WHERE h.dwelling_id = d.id AND h.allowed IS DISTINCT FROM n.allowed;
    END IF;
    UPDATE rentals_rentedhome h SET living = c.number
    FROM (
        SELECT d.id, count(r.id)::int AS number
        FROM rentals_rentedhome o JOIN unnest(let) d (id) ON d.id = o.dwelling_id
        LEFT JOIN residents_registration r ON r.dwelling_id = d.id AND r.status = 'active' AND o.allowed IS NOT NULL
        GROUP BY 1
    ) c WHERE h.dwelling_id = c.id AND h.living <> c.number;
END $$;

CREATE OR REPLACE FUNCTION rentals_count_living() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    doors bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        doors := ARRAY(SELECT DISTINCT n.dwelling_id FROM new_rows n WHERE n.status = 'active');
    ELSIF TG_OP = 'UPDATE' THEN
        doors := ARRAY(
            SELECT r.dwelling_id FROM (
                SELECT n.dwelling_id, 1 AS weight FROM new_rows n WHERE n.status = 'active'
                UNION ALL
                SELECT o.dwelling_id, -1 FROM old_rows o WHERE o.status = 'active'
            ) r GROUP BY 1 HAVING sum(r.weight) <> 0);
    ELSE
        doors := ARRAY(SELECT DISTINCT o.dwelling_id FROM old_rows o WHERE o.status = 'active');
    END IF;
    IF cardinality(doors) > 0 THEN
        PERFORM rentals_note_living(doors, false);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rentals_count_living_insert AFTER INSERT ON residents_registration REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_living();
CREATE TRIGGER rentals_count_living_update AFTER UPDATE ON residents_registration
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_living();
CREATE TRIGGER rentals_count_living_delete AFTER DELETE ON residents_registration REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_living();

-- Runs after `rentals_count_lettings`, which has made the row of the door: triggers fire in the order of their names.
CREATE OR REPLACE FUNCTION rentals_count_limits() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    doors bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        doors := ARRAY(SELECT DISTINCT n.dwelling_id FROM new_rows n WHERE n.status = 'registered');
    ELSIF TG_OP = 'UPDATE' THEN
        doors := ARRAY(
            SELECT r.dwelling_id FROM (
                SELECT n.dwelling_id, n.area_code, n.rooms_let, n.floor_area, 1 AS weight FROM new_rows n
                WHERE n.status = 'registered'
                UNION ALL
                SELECT o.dwelling_id, o.area_code, o.rooms_let, o.floor_area, -1 FROM old_rows o
                WHERE o.status = 'registered'
            ) r GROUP BY r.dwelling_id, r.area_code, r.rooms_let, r.floor_area HAVING sum(r.weight) <> 0);
    ELSE
        doors := ARRAY(SELECT DISTINCT o.dwelling_id FROM old_rows o WHERE o.status = 'registered');
    END IF;
    IF cardinality(doors) > 0 THEN
        PERFORM rentals_note_living(ARRAY(SELECT DISTINCT unnest(doors)), true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rentals_count_limits_insert AFTER INSERT ON rentals_rentalregistration REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_limits();
CREATE TRIGGER rentals_count_limits_update AFTER UPDATE ON rentals_rentalregistration
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_limits();
CREATE TRIGGER rentals_count_limits_delete AFTER DELETE ON rentals_rentalregistration REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_limits();

-- The limits of all lettings by the rules of a day; returns how many have changed. For the count at night.
CREATE OR REPLACE FUNCTION rentals_recount_limits(day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET statement_timeout = 0 AS $$
DECLARE
    changed bigint;
BEGIN
    PERFORM FROM rentals_rentedhome h JOIN rentals_limits(NULL, day) n USING (dwelling_id)
    WHERE h.allowed IS NOT NULL AND h.allowed <> n.allowed ORDER BY h.dwelling_id FOR UPDATE OF h;
    UPDATE rentals_rentedhome h SET allowed = n.allowed
    FROM rentals_limits(NULL, day) n
    WHERE n.dwelling_id = h.dwelling_id AND h.allowed IS NOT NULL AND h.allowed <> n.allowed;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;

-- Takes the place of the function in rented_homes.sql: who lives there and how many may belong to the counts now.
CREATE OR REPLACE FUNCTION rentals_recount_homes() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    LOCK TABLE residents_registration, rentals_rentalregistration, residents_dwelling IN SHARE MODE;
    CREATE TEMPORARY TABLE rentals_counted ON COMMIT DROP AS
        SELECT d.id AS dwelling_id, d.area_code, coalesce(s.number, 0) AS stays, coalesce(l.number, 0) AS lettings,
            n.allowed, CASE WHEN n.allowed IS NULL THEN 0 ELSE coalesce(s.living, 0) END AS living
        FROM (
            SELECT dwelling_id, (count(*) FILTER (WHERE lodging = '05'))::int AS number, count(*)::int AS living
            FROM residents_registration WHERE status = 'active' GROUP BY 1
        ) s FULL JOIN (
            SELECT dwelling_id, count(*)::int AS number FROM rentals_rentalregistration
            WHERE status IN ('submitted', 'returned', 'registered') GROUP BY 1
        ) l USING (dwelling_id)
        JOIN residents_dwelling d ON d.id = coalesce(s.dwelling_id, l.dwelling_id)
        LEFT JOIN rentals_limits(NULL, (now() AT TIME ZONE 'Asia/Shanghai')::date) n ON n.dwelling_id = d.id
        WHERE s.number > 0 OR l.number > 0;
    SELECT count(*) INTO wrong
    FROM rentals_counted c FULL JOIN rentals_rentedhome h USING (dwelling_id)
    WHERE coalesce(c.stays, 0) <> coalesce(h.stays, 0) OR coalesce(c.lettings, 0) <> coalesce(h.lettings, 0)
        OR coalesce(c.living, 0) <> coalesce(h.living, 0) OR c.allowed IS DISTINCT FROM h.allowed
        OR (h.stays + h.lettings > 0 AND c.area_code IS DISTINCT FROM h.area_code);
    DELETE FROM rentals_rentedhome;
    INSERT INTO rentals_rentedhome (dwelling_id, area_code, stays, lettings, allowed, living)
        SELECT dwelling_id, area_code, stays, lettings, allowed, living FROM rentals_counted ORDER BY dwelling_id;
    DROP TABLE rentals_counted;
    RETURN wrong;
END $$;
REVOKE ALL ON FUNCTION rentals_recount_homes FROM PUBLIC;
REVOKE ALL ON FUNCTION rentals_recount_limits FROM PUBLIC;
REVOKE ALL ON FUNCTION rentals_note_living FROM PUBLIC;
REVOKE ALL ON FUNCTION rentals_limits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rentals_recount_limits TO app_rw;
SELECT rentals_recount_homes();
