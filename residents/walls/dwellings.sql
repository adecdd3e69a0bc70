-- What a merge of two addresses has to know beyond one's own tables. Each answers only to whoever may change that door.

-- Everybody whose stay, permit or open request hangs on the door: the merge is admitted to them.
CREATE OR REPLACE FUNCTION sec.people_at_dwelling(wanted bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF sec.may_merge_dwelling(wanted) THEN
        RETURN QUERY
        SELECT r.person_id FROM public.residents_registration r WHERE r.dwelling_id = wanted
        UNION
        SELECT p.person_id FROM public.residents_permit p WHERE p.dwelling_id = wanted
        UNION
        SELECT t.person_id FROM public.residents_transferrequest t WHERE t.dwelling_id = wanted;
    END IF;
END $$;

-- How many rows of each table and column still point at the door, whoever may see them.
CREATE OR REPLACE FUNCTION sec.links_to_dwelling(wanted bigint)
RETURNS TABLE (relation text, link text, pointing bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
BEGIN
    IF NOT sec.may_merge_dwelling(wanted) THEN
        RETURN;
    END IF;
    FOR one IN
        SELECT k.conrelid, c.relname::text AS of_table, a.attname::text AS of_column
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.confrelid = 'public.residents_dwelling'::regclass
        ORDER BY 2, 3
    LOOP
        relation := one.of_table;
        link := one.of_column;
        EXECUTE format('SELECT count(*) FROM %s WHERE %I = $1', one.conrelid::regclass, one.of_column)
            INTO pointing USING wanted;
        RETURN NEXT;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION sec.may_merge_dwelling(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT sec.is_owner() OR EXISTS (
        SELECT FROM public.residents_dwelling d
        WHERE d.id = wanted AND d.area_code ^@ ANY (sec.codes('residents_dwelling', true)))
$$;

-- The building at which a new door stands, also when all its doors so far are in a neighbour's grid. Tells its number.
CREATE OR REPLACE FUNCTION sec.building_of(community text, wanted text) RETURNS bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT b.id FROM public.residents_building b WHERE b.community_code = community AND b.key = wanted
$$;

-- How many people live at each of these doors: the number alone, for whoever sees the doors but not the stays.
CREATE OR REPLACE FUNCTION sec.living_at(wanted bigint[]) RETURNS TABLE (dwelling_id bigint, people bigint)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := sec.codes('residents_dwelling', false);
BEGIN
    RETURN QUERY
    SELECT d.id, count(r.id) FROM public.residents_dwelling d
    JOIN public.residents_registration r ON r.dwelling_id = d.id AND r.status = 'active'
    WHERE d.id = ANY (wanted) AND (sec.is_owner() OR d.area_code ^@ ANY (codes))
    GROUP BY d.id;
END $$;
