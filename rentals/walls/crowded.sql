-- Let doors where more people live than the rules allow: the doors alone, never who lives there, for whoever may see the
-- rental registrations. Read from the counts that triggers keep (sql/crowded_homes.sql), by ranges as in leads.sql.
CREATE OR REPLACE FUNCTION sec.rented_crowded() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := CASE WHEN sec.is_owner() THEN '{""}' ELSE sec.codes('rentals_rentalregistration', false) END;
    own text;
BEGIN
    FOREACH own IN ARRAY codes LOOP
        RETURN QUERY
        SELECT h.dwelling_id FROM public.rentals_rentedhome h
        WHERE h.area_code >= own AND h.area_code < own || ':' AND h.living > h.allowed;
    END LOOP;
END $$;
