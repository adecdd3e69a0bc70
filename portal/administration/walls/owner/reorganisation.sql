-- The one door through which rows change their area: for a released change, its day come, by whoever released it.
-- Runs as the owner of the tables, because nobody sees all rows of an area that passes from one office to another.

GRANT SELECT ON org_areachangepart TO sec_definer;

CREATE OR REPLACE FUNCTION org_change_may_run(change bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM org_areachange c
        WHERE c.id = change AND c.state = 'released' AND c.released_by_id = sec.uid()
            AND c.planned_by_id <> c.released_by_id AND sec.holds('org__change_areagroupgrant')
            AND EXISTS (SELECT FROM sec.held_by(c.planned_by_id) h JOIN auth_permission p ON p.id = h.permission_id
                        WHERE p.codename = 'org__change_area')
    )
$$;

-- The next `most` rows of `relation` after the key `above`, in the order of the keys; told: how many were looked at, how
-- many changed, the last key (NULL at the end). A row follows its `parent` (parent.parent_column = row.child_column, the
-- newest of several) when that stands in an area the row may go to, then its place, else it goes with the rest. A table
-- without running numbers is small enough to go at once, and is not told row by row.
CREATE OR REPLACE FUNCTION org_recode(change bigint, relation text, child_column text, parent text, parent_column text,
    place_columns text[], above bigint, most integer,
    OUT looked_at integer, OUT changed integer, OUT last_key bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    befores text[];
    by_parent text := 'NULL::text';
    by_place text := 'NULL::text';
    version_too text := '';
    numbered boolean := EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('public.%I', relation)::regclass
        AND a.attname = 'id' AND a.atttypid IN ('bigint'::regtype, 'integer'::regtype));
BEGIN
    IF NOT org_change_may_run(change) OR NOT EXISTS (SELECT FROM sec.opens o WHERE o.relation = org_recode.relation) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this change is not released for you';
    END IF;
    SELECT array_agg(DISTINCT p.before) INTO befores FROM org_areachangepart p WHERE p.change_id = change;
    IF parent <> '' THEN
        by_parent := format('(SELECT up.area_code FROM %I up WHERE up.%I = c.%I AND up.area_code = ANY (m.afters)
            ORDER BY up.id DESC LIMIT 1)', parent, parent_column, child_column);
    END IF;
    IF place_columns <> '{}' THEN
        by_place := format('(SELECT l.after FROM org_areachangeplace l WHERE l.change_id = %s AND l.before = c.area_code
            AND l.place = concat_ws(''|'', %s))', change,
            (SELECT string_agg('c.' || quote_ident(one), ', ') FROM unnest(place_columns) one));
    END IF;
    IF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('public.%I', relation)::regclass
               AND a.attname = 'version' AND NOT a.attisdropped) THEN
        version_too := ', version = c.version + 1';
    END IF;
    EXECUTE format($f$
        WITH todo AS MATERIALIZED (
            SELECT c.id, c.area_code AS before, CASE WHEN m.whole AND length(c.area_code) > length(m.before)
                THEN m.rest || substr(c.area_code, length(m.before) + 1)
                ELSE coalesce(%1$s, %2$s, m.rest) END AS after
            FROM (SELECT * FROM %3$I t WHERE t.area_code ^@ ANY ($1) %6$s) c
            CROSS JOIN LATERAL (
                SELECT p.before, max(p.after) FILTER (WHERE p.is_rest) AS rest, array_agg(p.after::text) AS afters,
                    bool_and(g.kind IN ('rename', 'move')) AS whole
                FROM org_areachangepart p JOIN org_areachange g ON g.id = p.change_id
                WHERE p.change_id = $4 AND c.area_code ^@ p.before::text
                GROUP BY p.before ORDER BY length(p.before) DESC LIMIT 1
            ) m
        ), moved AS (
            UPDATE %3$I c SET area_code = todo.after %4$s FROM todo
            WHERE c.id = todo.id AND todo.after <> todo.before RETURNING c.id, todo.before
        ), told AS (
            INSERT INTO org_areachangerow (change_id, relation, row_id, before)
            SELECT $4, $5, %7$s, moved.before FROM moved %5$s RETURNING 1
        )
        SELECT (SELECT count(*) FROM todo)::int, (SELECT count(*) FROM told)::int, %8$s
        $f$, by_parent, by_place, relation, version_too,
        CASE WHEN numbered THEN '' ELSE 'WHERE false' END,
        CASE WHEN numbered THEN 'AND t.id > $2 ORDER BY t.id LIMIT $3' ELSE 'AND ($2, $3) IS NOT NULL' END,
        CASE WHEN numbered THEN 'moved.id' ELSE '0' END,
        CASE WHEN numbered THEN '(SELECT max(id) FROM todo)' ELSE 'NULL::bigint' END)
        INTO looked_at, changed, last_key USING befores, above, most, change, relation;
END $$;

-- A column that names an area without answering for the row: where somebody works, who asks for a file.
CREATE OR REPLACE FUNCTION org_recode_named(change bigint, relation text, named text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed integer;
BEGIN
    IF NOT org_change_may_run(change) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this change is not released for you';
    END IF;
    EXECUTE format($f$
        UPDATE %1$I c SET %2$I = m.after FROM (
            SELECT t.id, (SELECT p.after FROM org_areachangepart p
                WHERE p.change_id = $1 AND p.is_rest AND t.%2$I ^@ p.before::text
                ORDER BY length(p.before) DESC LIMIT 1) AS after
            FROM %1$I t WHERE t.%2$I ^@ ANY (SELECT p.before::text FROM org_areachangepart p WHERE p.change_id = $1)
        ) m WHERE m.id = c.id AND m.after <> c.%2$I$f$, relation, named) USING change;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;

REVOKE ALL ON FUNCTION org_change_may_run(bigint),
    org_recode(bigint, text, text, text, text, text[], bigint, integer),
    org_recode_named(bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION org_change_may_run(bigint),
    org_recode(bigint, text, text, text, text, text[], bigint, integer),
    org_recode_named(bigint, text, text) TO app_rw;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON org_areachangerow FROM app_rw;
REVOKE UPDATE, DELETE, TRUNCATE ON org_areachangepart, org_areachangeplace FROM app_rw;
