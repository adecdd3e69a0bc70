-- Counts of each door, kept with every stay and every registration of a letting ('05' is 租赁房屋 of `dwelling_kind`).
-- Statements lock the doors in one order, so two of them never wait for each other.
CREATE OR REPLACE FUNCTION rentals_count_stays() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rentals_rentedhome AS home (dwelling_id, area_code, stays, lettings)
        SELECT d.id, d.area_code, c.number, 0
        FROM (
            SELECT r.dwelling_id, count(*)::int AS number FROM new_rows r
            WHERE r.status = 'active' AND r.lodging = '05' GROUP BY 1
        ) c JOIN residents_dwelling d ON d.id = c.dwelling_id ORDER BY d.id
        ON CONFLICT (dwelling_id) DO UPDATE SET stays = home.stays + excluded.stays;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO rentals_rentedhome AS home (dwelling_id, area_code, stays, lettings)
        SELECT d.id, d.area_code, c.number, 0
        FROM (
            SELECT r.dwelling_id, sum(r.weight)::int AS number
            FROM (
                SELECT n.dwelling_id, 1 AS weight FROM new_rows n WHERE n.status = 'active' AND n.lodging = '05'
                UNION ALL
                SELECT o.dwelling_id, -1 FROM old_rows o WHERE o.status = 'active' AND o.lodging = '05'
            ) r GROUP BY 1 HAVING sum(r.weight) <> 0
        ) c JOIN residents_dwelling d ON d.id = c.dwelling_id ORDER BY d.id
        ON CONFLICT (dwelling_id) DO UPDATE SET stays = home.stays + excluded.stays;
    ELSE
        UPDATE rentals_rentedhome home SET stays = home.stays - c.number
        FROM (
            SELECT r.dwelling_id, count(*)::int AS number FROM old_rows r
            WHERE r.status = 'active' AND r.lodging = '05' GROUP BY 1
        ) c WHERE home.dwelling_id = c.dwelling_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rentals_count_stays_insert AFTER INSERT ON residents_registration REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_stays();
CREATE TRIGGER rentals_count_stays_update AFTER UPDATE ON residents_registration
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_stays();
CREATE TRIGGER rentals_count_stays_delete AFTER DELETE ON residents_registration REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_stays();

CREATE OR REPLACE FUNCTION rentals_count_lettings() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rentals_rentedhome AS home (dwelling_id, area_code, stays, lettings)
        SELECT d.id, d.area_code, 0, c.number
        FROM (
            SELECT r.dwelling_id, count(*)::int AS number FROM new_rows r
            WHERE r.status IN ('submitted', 'returned', 'registered') GROUP BY 1
        ) c JOIN residents_dwelling d ON d.id = c.dwelling_id ORDER BY d.id
        ON CONFLICT (dwelling_id) DO UPDATE SET lettings = home.lettings + excluded.lettings;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO rentals_rentedhome AS home (dwelling_id, area_code, stays, lettings)
        SELECT d.id, d.area_code, 0, c.number
        FROM (
            SELECT r.dwelling_id, sum(r.weight)::int AS number
            FROM (
                SELECT n.dwelling_id, 1 AS weight FROM new_rows n
                WHERE n.status IN ('submitted', 'returned', 'registered')
                UNION ALL
                SELECT o.dwelling_id, -1 FROM old_rows o WHERE o.status IN ('submitted', 'returned', 'registered')
            ) r GROUP BY 1 HAVING sum(r.weight) <> 0
        ) c JOIN residents_dwelling d ON d.id = c.dwelling_id ORDER BY d.id
        ON CONFLICT (dwelling_id) DO UPDATE SET lettings = home.lettings + excluded.lettings;
    ELSE
        UPDATE rentals_rentedhome home SET lettings = home.lettings - c.number
        FROM (
            SELECT r.dwelling_id, count(*)::int AS number FROM old_rows r
            WHERE r.status IN ('submitted', 'returned', 'registered') GROUP BY 1
        ) c WHERE home.dwelling_id = c.dwelling_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rentals_count_lettings_insert AFTER INSERT ON rentals_rentalregistration REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_lettings();
CREATE TRIGGER rentals_count_lettings_update AFTER UPDATE ON rentals_rentalregistration
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_lettings();
CREATE TRIGGER rentals_count_lettings_delete AFTER DELETE ON rentals_rentalregistration REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_lettings();

-- A reorganisation of areas moves doors; the counts go along.
CREATE OR REPLACE FUNCTION rentals_count_areas() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    UPDATE rentals_rentedhome home SET area_code = n.area_code
    FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE home.dwelling_id = n.id AND o.area_code <> n.area_code;
    RETURN NULL;
END $$;
CREATE TRIGGER rentals_count_areas_update AFTER UPDATE ON residents_dwelling
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_count_areas();

-- The same counts from the beginning; returns how many doors were wrong. Writers wait until it has ended.
CREATE OR REPLACE FUNCTION rentals_recount_homes() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    LOCK TABLE residents_registration, rentals_rentalregistration, residents_dwelling IN SHARE MODE;
    CREATE TEMPORARY TABLE rentals_counted ON COMMIT DROP AS
        SELECT d.id AS dwelling_id, d.area_code, coalesce(s.number, 0) AS stays, coalesce(l.number, 0) AS lettings
        FROM (
            SELECT dwelling_id, count(*)::int AS number FROM residents_registration
            WHERE status = 'active' AND lodging = '05' GROUP BY 1
        ) s FULL JOIN (
            SELECT dwelling_id, count(*)::int AS number FROM rentals_rentalregistration
            WHERE status IN ('submitted', 'returned', 'registered') GROUP BY 1
        ) l USING (dwelling_id)
        JOIN residents_dwelling d ON d.id = coalesce(s.dwelling_id, l.dwelling_id);
    SELECT count(*) INTO wrong
    FROM rentals_counted c FULL JOIN rentals_rentedhome h USING (dwelling_id)
    WHERE coalesce(c.stays, 0) <> coalesce(h.stays, 0) OR coalesce(c.lettings, 0) <> coalesce(h.lettings, 0)
        OR (h.stays + h.lettings > 0 AND c.area_code IS DISTINCT FROM h.area_code);
    DELETE FROM rentals_rentedhome;
    INSERT INTO rentals_rentedhome (dwelling_id, area_code, stays, lettings)
        SELECT dwelling_id, area_code, stays, lettings FROM rentals_counted ORDER BY dwelling_id;
    DROP TABLE rentals_counted;
    RETURN wrong;
END $$;
REVOKE ALL ON FUNCTION rentals_recount_homes FROM PUBLIC;
SELECT rentals_recount_homes();
