-- Doors where people live as in a rented home and nobody has registered the letting: the doors alone, never who lives
-- there, for whoever may see the rental registrations. Read from the counts that triggers keep (sql/rented_homes.sql).
-- Areas are ranges of the index, code by code: ':' is what follows '9'. A prefix test would read all homes of the county.
DROP FUNCTION IF EXISTS sec.rented_unregistered(text);
CREATE OR REPLACE FUNCTION sec.rented_unregistered() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := CASE WHEN sec.is_owner() THEN '{""}' ELSE sec.codes('rentals_rentalregistration', false) END;
    own text;
BEGIN
    FOREACH own IN ARRAY codes LOOP
        RETURN QUERY
        SELECT h.dwelling_id FROM public.rentals_rentedhome h
        WHERE h.area_code >= own AND h.area_code < own || ':' AND h.stays > 0 AND h.lettings <= 0;
    END LOOP;
END $$;
