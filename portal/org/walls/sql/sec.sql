-- Run as sec_definer. The product's role may call these functions and read none of their tables but the last two.

CREATE TABLE IF NOT EXISTS sec.key (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL
);
-- Which grants open which table; `writes` is false for looking, revealing, printing and exporting.
CREATE TABLE IF NOT EXISTS sec.opens (
    relation text NOT NULL,
    permission_id integer NOT NULL,
    writes boolean NOT NULL,
    lendable boolean NOT NULL,
    PRIMARY KEY (relation, permission_id)
);
-- What scheduled work may do, everywhere. Wall 1 reads it as well.
CREATE TABLE IF NOT EXISTS sec.system_action (
    codename text NOT NULL,
    relation text NOT NULL,
    writes boolean NOT NULL,
    PRIMARY KEY (codename, relation)
);
REVOKE ALL ON ALL TABLES IN SCHEMA sec FROM PUBLIC;
GRANT SELECT ON sec.opens, sec.system_action TO app_rw;

-- The signed context `1|user|expiry|backend|admissions|HMAC` without its HMAC; NULL unless all of it is right.
CREATE OR REPLACE FUNCTION sec.context() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text := current_setting('app.ctx', true);
    body text;
    pads sec.key;
BEGIN
    IF told IS NULL OR length(told) < 66 THEN
        RETURN NULL;
    END IF;
    body := left(told, -65);
    SELECT * INTO pads FROM sec.key;
    IF right(told, 64) IS DISTINCT FROM
        encode(sha256(pads.outer_pad || sha256(pads.inner_pad || convert_to(body, 'UTF8'))), 'hex') THEN
        RETURN NULL;
    END IF;
    IF split_part(body, '|', 4) <> pg_backend_pid()::text
        OR split_part(body, '|', 3)::bigint < extract(epoch FROM clock_timestamp()) THEN
        RETURN NULL;
    END IF;
    RETURN body;
END $$;

CREATE OR REPLACE FUNCTION sec.uid() RETURNS bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(split_part(sec.context(), '|', 2), '')::bigint
$$;

-- Keys of the rows beyond its areas that this transaction was admitted to: 'person:4,7;dwelling:2'.
CREATE OR REPLACE FUNCTION sec.admitted(kind text) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(string_to_array(substring(split_part(sec.context(), '|', 5) FROM kind || ':([0-9,]+)'), ','), '{}')
        ::bigint[]
$$;

-- Is this the connection of the tables' owner, in a migration or a test, and not the product's?
CREATE OR REPLACE FUNCTION sec.is_owner() RETURNS boolean
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('role') = 'none' AND session_user = '{owner}'
$$;

-- (right, area) of everything that somebody holds in their own name at this moment, groups included.
CREATE OR REPLACE FUNCTION sec.held_by(holder bigint) RETURNS TABLE (permission_id integer, code text)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT g.permission_id, a.code::text
    FROM public.org_areausergrant g
    JOIN public.org_user u ON u.id = g.user_id AND u.is_active
    JOIN public.org_area a ON a.id = g.content_object_id
    WHERE g.user_id = holder AND g.delegated_from_id IS NULL
        AND g.valid_from <= clock_timestamp() AND (g.valid_to IS NULL OR g.valid_to > clock_timestamp())
    UNION ALL
    SELECT g.permission_id, a.code::text
    FROM public.org_user_groups m
    JOIN public.org_user u ON u.id = m.user_id AND u.is_active
    JOIN public.org_areagroupgrant g ON g.group_id = m.group_id
    JOIN public.org_area a ON a.id = g.content_object_id
    WHERE m.user_id = holder
        AND g.valid_from <= clock_timestamp() AND (g.valid_to IS NULL OR g.valid_to > clock_timestamp())
$$;

-- What is lent reaches no further than the lender's own rights do at this moment.
CREATE OR REPLACE FUNCTION sec.lent_to(holder bigint) RETURNS TABLE (permission_id integer, code text)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT g.permission_id, CASE WHEN starts_with(own.code, a.code) THEN own.code ELSE a.code::text END
    FROM public.org_areausergrant g
    JOIN public.org_user u ON u.id = g.user_id AND u.is_active
    JOIN public.org_area a ON a.id = g.content_object_id
    CROSS JOIN LATERAL sec.held_by(g.delegated_from_id) own
    WHERE g.user_id = holder AND g.delegated_from_id IS NOT NULL
        AND own.permission_id = g.permission_id AND (starts_with(own.code, a.code) OR starts_with(a.code, own.code))
        AND g.valid_from <= clock_timestamp() AND (g.valid_to IS NULL OR g.valid_to > clock_timestamp())
$$;

-- Codes at which the user of this transaction may read (or write) rows of `wanted`: a row is theirs whose area code
-- begins with one of them. '' for scheduled work: every code begins so.
CREATE OR REPLACE FUNCTION sec.codes(wanted text, writing boolean) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who bigint := sec.uid();
    found text[];
BEGIN
    IF who IS NULL THEN
        RETURN '{}';
    END IF;
    IF sec.everywhere(wanted, writing) THEN
        RETURN '{""}';
    END IF;
    SELECT array_agg(DISTINCT g.code) INTO found
    FROM (
        SELECT h.code FROM sec.held_by(who) h
        JOIN sec.opens o ON o.relation = wanted AND o.permission_id = h.permission_id AND o.writes >= writing
        UNION ALL
        SELECT l.code FROM sec.lent_to(who) l
        JOIN sec.opens o ON o.relation = wanted AND o.permission_id = l.permission_id AND o.writes >= writing
            AND o.lendable
    ) g;
    RETURN coalesce(found, '{}');
END $$;

-- Scheduled work acts in every area, but only on what its apps declare.
CREATE OR REPLACE FUNCTION sec.everywhere(wanted text, writing boolean) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.org_user u WHERE u.id = sec.uid() AND u.is_system AND u.is_active)
        AND EXISTS (
            SELECT FROM sec.system_action s WHERE s.relation = wanted AND s.writes >= writing
        );
END $$;

-- Does the user of this transaction hold this right anywhere? Asked for the tables on which all rights rest.
CREATE OR REPLACE FUNCTION sec.holds(wanted text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.org_user u WHERE u.id = sec.uid() AND u.is_system AND u.is_active)
        OR EXISTS (
            SELECT FROM sec.held_by(sec.uid()) h JOIN public.auth_permission p ON p.id = h.permission_id
            WHERE p.codename = wanted
        );
END $$;
