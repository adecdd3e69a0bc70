-- After the rows: what the triggers cannot know, and what tells the figures by the areas of that time.
-- An address change counts "moved out" at the earlier stay's area, which may have been re-coded without the change line.

CREATE OR REPLACE FUNCTION reports_follow_change(change bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT org_change_may_run(change) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this change is not released for you';
    END IF;
    INSERT INTO reports_areacountdelta (area_code, fact, part, subpart, day, number)
    SELECT left(v.code, 12), 'flow', 'moved_out', '', c.recorded_on, sum(v.sign)::int
    FROM org_areachangerow w
    JOIN residents_registration before ON before.id = w.row_id
    JOIN residents_registration r ON r.previous_id = before.id
    JOIN residents_registrationchange c ON c.registration_id = r.id AND c.kind = 'address' AND c.undone_by_id IS NULL
    CROSS JOIN LATERAL (VALUES (w.before, -1), (before.area_code, 1)) AS v(code, sign)
    WHERE w.change_id = change AND w.relation = 'residents_registration'
    GROUP BY 1, 5 HAVING sum(v.sign) <> 0;

    UPDATE reports_areacountmoved m SET area_code = p.after
    FROM org_areachangepart p
    WHERE p.change_id = change AND p.is_rest AND p.before = m.area_code AND p.after <> p.before;

    INSERT INTO reports_areacountmoved (change_id, area_code, before, after, fact, part, day, number)
    SELECT change, left(c.area_code, 12), left(w.before, 12), left(c.area_code, 12), 'flow',
        CASE WHEN c.kind IN ('arrival', 'renewal', 'restore') THEN 'arrival' ELSE 'departure' END,
        c.recorded_on, count(*)::int
    FROM org_areachangerow w JOIN residents_registrationchange c ON c.id = w.row_id
    WHERE w.change_id = change AND w.relation = 'residents_registrationchange'
        AND c.kind IN ('arrival', 'renewal', 'restore', 'departure') AND c.undone_by_id IS NULL
        AND left(w.before, 12) <> left(c.area_code, 12)
    GROUP BY 2, 3, 4, 6, 7;

    INSERT INTO reports_areacountmoved (change_id, area_code, before, after, fact, part, day, number)
    SELECT change, left(r.area_code, 12), left(w.before, 12), left(r.area_code, 12), 'residence', '', g.effective_on,
        count(*)::int
    FROM org_areachangerow w JOIN residents_registration r ON r.id = w.row_id JOIN org_areachange g ON g.id = change
    WHERE w.change_id = change AND w.relation = 'residents_registration' AND r.status = 'active'
        AND left(w.before, 12) <> left(r.area_code, 12)
    GROUP BY 2, 3, 4, g.effective_on;
END $$;
REVOKE ALL ON FUNCTION reports_follow_change(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reports_follow_change(bigint) TO app_rw;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON reports_areacountmoved FROM app_rw;
