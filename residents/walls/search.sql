-- Searches whose operators are not leakproof: under row-level security they would scan whole areas. Each compares the
-- areas itself and gives numbers of rows only; the query around it passes the wall like any other.
-- The owner of the tables (tests, seeding) sees all, as everywhere.

-- Is somebody with exactly this document on file anywhere? Number of the file and the office that answers, no more.
CREATE OR REPLACE FUNCTION sec.match_person(wanted bytea) RETURNS TABLE (id bigint, area_code text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF sec.is_owner() OR cardinality(sec.codes('residents_person', false)) > 0
        OR sec.everywhere('residents_person', false) THEN
        RETURN QUERY
        SELECT p.id, p.area_code::text FROM public.residents_person p WHERE p.document_index = wanted;
    END IF;
END $$;

-- Numbers of the files whose data may be stored and nothing else; whose they are is not told.
CREATE OR REPLACE FUNCTION sec.held_back() RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id FROM public.residents_person p WHERE p.restricted_on IS NOT NULL
$$;

-- People of one's areas whose name contains `part`, through the index of single characters.
CREATE OR REPLACE FUNCTION sec.people_named(part text) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[];
BEGIN
    IF sec.is_owner() OR sec.everywhere('residents_person', false) THEN
        RETURN QUERY
        SELECT p.id FROM public.residents_person p
        WHERE string_to_array(p.name, NULL) @> string_to_array(part, NULL) AND position(part IN p.name) > 0;
        RETURN;
    END IF;
    codes := sec.codes('residents_person', false);
    RETURN QUERY
    SELECT p.id FROM public.residents_person p
    WHERE string_to_array(p.name, NULL) @> string_to_array(part, NULL) AND position(part IN p.name) > 0
        AND (p.area_code ^@ ANY (codes)
            OR EXISTS (
                SELECT FROM public.residents_registration r WHERE r.person_id = p.id AND r.area_code ^@ ANY (codes)
            ));
END $$;

-- Doors of one's counties beyond one's own areas: the address and how full it is, never whose it is.
CREATE OR REPLACE FUNCTION sec.find_dwellings(near text[], wanted text, typed text, most integer)
RETURNS TABLE (id bigint, address text, area_code text, kind text, rental_registered boolean, capacity integer,
    living bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counties text[];
BEGIN
    SELECT array_agg(DISTINCT n) INTO counties
    FROM unnest(near) n, unnest(sec.codes('residents_dwelling', false)) c WHERE n ^@ c OR c ^@ n;
    IF sec.is_owner() THEN
        counties := near;
    END IF;
    RETURN QUERY
    SELECT d.id, d.address::text, d.area_code::text, d.kind::text, d.rental_registered, d.capacity::integer,
        (SELECT count(*) FROM public.residents_registration r WHERE r.dwelling_id = d.id AND r.status = 'active')
    FROM (
        SELECT f.* FROM public.residents_dwelling f
        WHERE f.county_code = ANY (counties) AND f.shorthand ^@ wanted
        UNION
        SELECT f.* FROM public.residents_dwelling f
        WHERE f.county_code = ANY (counties) AND typed <> '' AND f.address ^@ typed
        UNION
        SELECT f.* FROM public.residents_dwelling f
        WHERE f.county_code = ANY (counties) AND f.id IN (
            SELECT a.dwelling_id FROM public.residents_dwellingalias a WHERE a.shorthand ^@ wanted LIMIT 40)
    ) d
    ORDER BY d.shorthand, d.id
    LIMIT most;
END $$;

-- Running numbers go on over rows that the asking clerk does not see.
CREATE OR REPLACE FUNCTION sec.last_paper_number(kind text, prefix text) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF kind = 'file' THEN
        RETURN (SELECT coalesce(max(right(number, 6)::integer), 0) FROM public.residents_permitapplication
            WHERE number ^@ prefix AND length(number) = length(prefix) + 6);
    END IF;
    RETURN (SELECT coalesce(max(right(number, 6)::integer), 0) FROM public.residents_permit
        WHERE number ^@ prefix AND length(number) = length(prefix) + 6);
END $$;

CREATE OR REPLACE FUNCTION sec.last_dwelling_code(community text) RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT max(code) FROM public.residents_dwelling WHERE code ^@ community
$$;
