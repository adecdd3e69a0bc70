-- What an import asks the register for whole blocks of rows. As for single numbers (sec.match_person), an exact document
-- number finds a file wherever it is kept; the caller shows no more of it than the screen would.

-- The file and the newest stay behind each keyed hash of a document number; a merged file stands for the one it went to.
CREATE OR REPLACE FUNCTION sec.import_standing(wanted bytea[])
RETURNS TABLE (key bytea, person_id bigint, area_code text, restricted boolean, registration_id bigint, status text,
    dwelling_id bigint, stay_area text, left_on date, address text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT sec.is_owner() AND cardinality(sec.codes('residents_registration', true)) = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT k.key, p.id, p.area_code::text, p.restricted_on IS NOT NULL, r.id, r.status::text, r.dwelling_id,
        r.area_code::text, r.left_on, d.address::text
    FROM unnest(wanted) k (key)
    JOIN public.residents_person f ON f.document_index = k.key
    JOIN public.residents_person p ON p.id = coalesce(f.merged_into_id, f.id)
    LEFT JOIN LATERAL (
        SELECT s.id, s.status, s.dwelling_id, s.area_code, s.left_on
        FROM public.residents_registration s WHERE s.person_id = p.id AND s.status <> 'void'
        ORDER BY s.arrived_on DESC, s.id DESC LIMIT 1
    ) r ON true
    LEFT JOIN public.residents_dwelling d ON d.id = r.dwelling_id;
END $$;

-- The areas of doors that stand at these very addresses in one's counties, beyond one's own areas: the fact alone.
CREATE OR REPLACE FUNCTION sec.import_doors(near text[], addresses text[]) RETURNS TABLE (address text, area_code text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counties text[];
BEGIN
    SELECT array_agg(DISTINCT n) INTO counties
    FROM unnest(near) n, unnest(sec.codes('residents_dwelling', false)) c WHERE n ^@ c OR c ^@ n;
    IF sec.is_owner() THEN
        counties := near;
    END IF;
    RETURN QUERY
    SELECT d.address::text, d.area_code::text FROM public.residents_dwelling d
    WHERE d.county_code = ANY (counties) AND d.address = ANY (addresses);
END $$;

-- What stands in the way of taking one's own import back: records that were changed since, and records of others that
-- hang on what it made. Numbers of rows and names of tables only. NOT IN, because a list of unknown length is hashed
-- for it and would be gone through row by row for NOT EXISTS.
CREATE OR REPLACE FUNCTION sec.import_obstacles(asked uuid) RETURNS TABLE (row_number integer, reason text, found bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT sec.is_owner()
        AND NOT EXISTS (SELECT FROM public.imports_importbatch b WHERE b.id = asked AND b.owner_id = sec.uid()) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH e AS MATERIALIZED (
        SELECT DISTINCT ON (x."table", x.object_id) x."table", x.object_id, x.row_number, x.version,
            bool_or(x.before IS NULL) OVER (PARTITION BY x."table", x.object_id) AS made
        FROM public.imports_importeffect x WHERE x.batch_id = asked
        ORDER BY x."table", x.object_id, x.id DESC
    ), person AS MATERIALIZED (SELECT * FROM e WHERE e."table" = 'residents_person'
    ), stay AS MATERIALIZED (SELECT * FROM e WHERE e."table" = 'residents_registration'
    ), door AS MATERIALIZED (SELECT * FROM e WHERE e."table" = 'residents_dwelling'
    ), book AS MATERIALIZED (SELECT * FROM e WHERE e."table" = 'residents_household')
    SELECT w.row_number, w.reason, count(*) FROM (
        SELECT person.row_number, 'person_changed' AS reason FROM person
            LEFT JOIN public.residents_person p ON p.id = person.object_id
            WHERE p.id IS NULL OR p.version <> person.version
        UNION ALL
        SELECT stay.row_number, 'stay_changed' FROM stay
            LEFT JOIN public.residents_registration r ON r.id = stay.object_id
            WHERE r.id IS NULL OR r.version <> stay.version
        UNION ALL
        SELECT door.row_number, 'door_changed' FROM door
            LEFT JOIN public.residents_dwelling d ON d.id = door.object_id
            WHERE d.id IS NULL OR d.version <> door.version
        UNION ALL
        SELECT book.row_number, 'book_changed' FROM book
            LEFT JOIN public.residents_household h ON h.id = book.object_id
            WHERE h.id IS NULL OR h.version <> book.version
        UNION ALL
        SELECT person.row_number, 'later_stay' FROM person
            JOIN public.residents_registration r ON r.person_id = person.object_id
            WHERE person.made AND r.id NOT IN (SELECT own.object_id FROM stay own)
        UNION ALL
        SELECT stay.row_number, 'companion' FROM stay
            JOIN public.residents_registration r ON r.head_id = stay.object_id
            WHERE stay.made AND r.id NOT IN (SELECT own.object_id FROM stay own)
        UNION ALL
        SELECT stay.row_number, 'next_stay' FROM stay
            JOIN public.residents_registration r ON r.previous_id = stay.object_id
        UNION ALL
        SELECT stay.row_number, 'change' FROM stay
            JOIN public.residents_registrationchange c ON c.registration_id = stay.object_id
            WHERE stay.made AND c.kind NOT IN ('arrival', 'renewal')
        UNION ALL
        SELECT stay.row_number, 'visit' FROM stay
            JOIN public.residents_visit v ON v.registration_id = stay.object_id WHERE stay.made
        UNION ALL
        SELECT person.row_number, 'application' FROM person
            JOIN public.residents_permitapplication a ON a.person_id = person.object_id WHERE person.made
        UNION ALL
        SELECT stay.row_number, 'application' FROM stay
            JOIN public.residents_permitapplication a ON a.registration_id = stay.object_id WHERE stay.made
        UNION ALL
        SELECT person.row_number, 'permit' FROM person
            JOIN public.residents_permit t ON t.person_id = person.object_id WHERE person.made
        UNION ALL
        SELECT person.row_number, 'merge' FROM person
            JOIN public.residents_person p ON p.merged_into_id = person.object_id WHERE person.made
        UNION ALL
        SELECT door.row_number, 'stay_there' FROM door
            JOIN public.residents_registration r ON r.dwelling_id = door.object_id WHERE door.made
    ) w
    GROUP BY w.row_number, w.reason;
END $$;
