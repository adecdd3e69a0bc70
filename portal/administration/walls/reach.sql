-- Which area answers for one record: for a security administrator who explains access, inside the own areas alone.
-- Nothing else of the record is told, and a record elsewhere is as if there were none.
CREATE OR REPLACE FUNCTION sec.area_to_explain(relation text, key bigint) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found text;
BEGIN
    IF NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = area_to_explain.relation) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT area_code::text FROM public.%I WHERE id = $1', relation) INTO found USING key;
    IF sec.is_owner() OR EXISTS (
        SELECT FROM sec.held_by(sec.uid()) h
        JOIN public.auth_permission p ON p.id = h.permission_id AND p.codename = 'org__view_areagroupgrant'
        WHERE starts_with(found, h.code)
    ) THEN
        RETURN found;
    END IF;
    RETURN NULL;
END $$;

-- The same for a record that is known by its number.
CREATE OR REPLACE FUNCTION sec.key_to_explain(relation text, number text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = key_to_explain.relation) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT id FROM public.%I WHERE number = $1', relation) INTO found USING number;
    RETURN CASE WHEN sec.area_to_explain(relation, found) IS NOT NULL THEN found END;
END $$;

-- How many records an area still answers for, up to `most`: for whoever may change the tree there.
CREATE OR REPLACE FUNCTION sec.rows_in_area(relation text, code text, most integer) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found integer;
BEGIN
    IF NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = rows_in_area.relation) OR NOT (
        sec.is_owner() OR EXISTS (
            SELECT FROM sec.held_by(sec.uid()) h
            JOIN public.auth_permission p ON p.id = h.permission_id AND p.codename = 'org__change_area'
            WHERE starts_with(rows_in_area.code, h.code)
        )
    ) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT FROM public.%I WHERE starts_with(area_code, $1) LIMIT $2) found', relation)
        INTO found USING code, most;
    RETURN found;
END $$;
