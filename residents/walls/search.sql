-- Searches whose operators are not leakproof: under row-level security they would scan whole areas. Each compares the
-- areas itself and gives numbers of rows only; the query around it passes the wall like any other.
-- The owner of the tables (tests, seeding) sees all, as everywhere.

-- Is somebody with exactly this document on file anywhere? Number of the file and the office that answers, no more.
CREATE OR REPLACE FUNCTION sec.match_person(wanted bytea) RETURNS TABLE (id bigint, area_code text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF sec.is_owner() OR cardinality(sec.codes('residents_person', false)) > 0
        OR sec.everywhere('residents_person', false) THEN
        -- The number of a merged file leads to the file it went up in.
        RETURN QUERY
        SELECT o.id, o.area_code::text FROM public.residents_person p
        JOIN public.residents_person o ON o.id = coalesce(p.merged_into_id, p.id) WHERE p.document_index = wanted;
    END IF;
END $$;

-- Numbers of the files whose data may be stored and nothing else; whose they are is not told.
CREATE OR REPLACE FUNCTION sec.held_back() RETURNS SETOF bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.id FROM public.residents_person p WHERE p.restricted_on IS NOT NULL
$$;

-- Every area code of the caller as a condition on a table's `area_code`, by the column that an index begins with.
CREATE OR REPLACE FUNCTION sec.within(alias text, code text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT concat_ws(' AND ',
        CASE WHEN length(code) >= 9 THEN format('%I.township_code = %L', alias, left(code, 9)) END,
        CASE WHEN length(code) >= 12 THEN format('%I.community_code = %L', alias, left(code, 12)) END,
        CASE WHEN length(code) = 6 THEN format('%I.county_code = %L', alias, code) END,
        CASE WHEN length(code) NOT IN (6, 9, 12) THEN format('%I.area_code ^@ %L', alias, code) END)
$$;

-- People whose name contains one of `parts`, through the index of single characters: those of one's areas and, if
-- wanted, those with a stay there whose file has moved on.
DROP FUNCTION IF EXISTS sec.people_named(text);
DROP FUNCTION IF EXISTS sec.people_named(text[]);
CREATE OR REPLACE FUNCTION sec.people_named(parts text[], former boolean) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text;
    code text;
    found text := 'string_to_array(p.name, NULL) @> string_to_array($1, NULL) AND position($1 IN p.name) > 0';
BEGIN
    FOREACH part IN ARRAY parts LOOP
        IF sec.is_owner() OR sec.everywhere('residents_person', false) THEN
            RETURN QUERY EXECUTE 'SELECT p.id FROM public.residents_person p WHERE ' || found USING part;
            CONTINUE;
        END IF;
        FOREACH code IN ARRAY sec.codes('residents_person', false) LOOP
            RETURN QUERY EXECUTE format(
                'SELECT p.id FROM public.residents_person p WHERE %s AND %s', found, sec.within('p', code)) USING part;
            CONTINUE WHEN NOT former;
            RETURN QUERY EXECUTE format(
                'SELECT p.id FROM public.residents_registration r JOIN public.residents_person p ON p.id = r.person_id'
                ' WHERE %s AND %s AND NOT p.area_code ^@ %L AND r.status <> ''active''',
                found, sec.within('r', code), code) USING part;
        END LOOP;
    END LOOP;
END $$;

-- For the search box, which shows the few best: those of `sec.people_named` among whom the `most` closest and newest
-- are, in no order. Rare parts come from the index of single characters. A part that 400 names of a township hold is
-- so frequent that the newest files are soon found by reading them one after the other; the names that begin with it,
-- and those that are it, are then looked for by themselves.
CREATE OR REPLACE FUNCTION sec.people_named_best(part text, most integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    code text;
    condition text;
    rare bigint[];
    enough constant integer := 400;
    codes text[] := CASE WHEN sec.is_owner() OR sec.everywhere('residents_person', false) THEN '{""}'
        ELSE sec.codes('residents_person', false) END;
BEGIN
    IF part = '' OR (SELECT min(length(c)) FROM unnest(codes) c) < 9 THEN
        RETURN QUERY SELECT * FROM sec.people_named(ARRAY[part], false);
        RETURN;
    END IF;
    FOREACH code IN ARRAY codes LOOP
        FOREACH condition IN ARRAY ARRAY[
            'string_to_array(p.name, NULL) @> string_to_array($1, NULL) AND position($1 IN p.name) > 0',
            'p.name ^@ $1', 'p.name = $1'] LOOP
            EXECUTE format('SELECT array_agg(m.id) FROM (SELECT p.id FROM public.residents_person p'
                ' WHERE %s AND %s LIMIT %s) m', condition, sec.within('p', code), enough) INTO rare USING part;
            IF coalesce(cardinality(rare), 0) < enough THEN
                RETURN QUERY SELECT unnest(rare);
                EXIT;  -- the closer ones are among these
            END IF;
            RETURN QUERY EXECUTE format(
                'SELECT p.id FROM public.residents_person p WHERE %s AND %s'
                ' ORDER BY p.updated_at DESC, p.id DESC LIMIT $2',
                replace(condition, 'string_to_array(p.name, NULL) @> string_to_array($1, NULL) AND ', ''),
                sec.within('p', code)) USING part, most;
        END LOOP;
    END LOOP;
END $$;

-- Employers and schools whose name contains `part`, as registrations of one's areas in force tell them: the name and
-- how many people. Who they are is not told; people whose data may only be stored do not count. Where every character
-- is frequent, all names of a township are read from an index that holds what is asked (`reg_town_workplace`). In a
-- county, and where one character is rare, the index of single characters finds the people, the first 2,000.
CREATE OR REPLACE FUNCTION sec.workplaces(part text, most integer) RETURNS TABLE (workplace text, people bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := CASE WHEN sec.is_owner() THEN '{""}' ELSE sec.codes('residents_registration', false) END;
    near boolean := (SELECT min(length(c)) FROM unnest(codes) c) >= 9 AND public.residents_workplace_share(part) > 0.02;
    places text;
BEGIN
    SELECT string_agg('(' || CASE
        WHEN near AND length(c) = 9 THEN format('r.township_code = %L', c)
        WHEN near THEN format('r.township_code = %L AND r.area_code ^@ %L', left(c, 9), c)
        ELSE sec.within('r', c) END
        || ')', ' OR ') INTO places FROM unnest(codes) c;
    IF places IS NULL OR part = '' THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT m.workplace::text, count(*) FROM ('
        '    SELECT r.workplace FROM public.residents_registration r'
        '    WHERE r.workplace <> '''' AND r.status = ''active'' AND (%s) AND position($1 IN r.workplace) > 0'
        '    AND r.person_id <> ALL (ARRAY(SELECT sec.held_back())) %s'
        ') m GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2', places,
        CASE WHEN near THEN ''
            ELSE 'AND string_to_array(r.workplace, NULL) @> string_to_array($1, NULL) LIMIT 2000' END
    ) USING part, most;
END $$;

-- Doors of one's counties beyond one's own areas: the address and how full it is, never whose it is.
CREATE OR REPLACE FUNCTION sec.find_dwellings(near text[], wanted text, typed text, most integer)
RETURNS TABLE (id bigint, address text, area_code text, kind text, rental_registered boolean, capacity integer,
    living bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
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
    WHERE d.merged_into_id IS NULL
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
