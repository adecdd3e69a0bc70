-- A planned re-organisation looked at by those who plan and release it: how many, never who.

CREATE OR REPLACE FUNCTION sec.may_reorganise() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT sec.is_owner() OR sec.holds('org__change_area') OR sec.holds('org__change_areagroupgrant')
$$;

-- Rows of one table in these areas and below.
CREATE OR REPLACE FUNCTION sec.rows_in_areas(relation text, codes text[]) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found integer;
BEGIN
    IF NOT sec.may_reorganise() OR NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = rows_in_areas.relation) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM public.%I WHERE area_code ^@ ANY ($1)', relation) INTO found USING codes;
    RETURN found;
END $$;

-- Places ("estate|building") of the dwellings in one area, those of a grid left out: grids go as a whole.
CREATE OR REPLACE FUNCTION sec.places_in_area(relation text, columns text[], code text)
RETURNS TABLE (place text, rows integer)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT sec.may_reorganise() OR NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = places_in_area.relation) THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT concat_ws(''|'', %s), count(*)::int FROM public.%I WHERE area_code = $1 GROUP BY 1 ORDER BY 1',
        (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c), relation) USING code;
END $$;

-- How many values that may stand once in an area would stand twice after the change.
CREATE OR REPLACE FUNCTION sec.clashes_in_change(relation text, columns text[], change bigint) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found integer;
    named text := (SELECT string_agg('t.' || quote_ident(c), ', ') FROM unnest(columns) c);
BEGIN
    IF NOT sec.may_reorganise() OR NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = clashes_in_change.relation) THEN
        RETURN NULL;
    END IF;
    EXECUTE format($f$
        SELECT count(*) FROM (
            SELECT FROM public.%I t
            LEFT JOIN LATERAL (SELECT p.after FROM public.org_areachangepart p
                WHERE p.change_id = $1 AND p.is_rest AND t.area_code ^@ p.before::text
                ORDER BY length(p.before) DESC LIMIT 1) m ON true
            WHERE coalesce(m.after, t.area_code) IN (SELECT p.after FROM public.org_areachangepart p WHERE p.change_id = $1)
            GROUP BY coalesce(m.after, t.area_code), %s HAVING count(*) > 1
        ) twice$f$, relation, named) INTO found USING change;
    RETURN found;
END $$;
