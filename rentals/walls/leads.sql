-- Doors where people live as in a rented home and nobody has registered the letting: the doors alone, never who lives
-- there, for whoever may see the rental registrations.
CREATE OR REPLACE FUNCTION sec.rented_unregistered(lodging_kind text) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := sec.codes('rentals_rentalregistration', false);
    everywhere boolean := sec.is_owner();
BEGIN
    RETURN QUERY
    SELECT DISTINCT r.dwelling_id
    FROM public.residents_registration r
    WHERE r.status = 'active' AND r.lodging = lodging_kind
        AND (everywhere OR r.area_code ^@ ANY (codes))
        AND NOT EXISTS (
            SELECT FROM public.rentals_rentalregistration l
            WHERE l.dwelling_id = r.dwelling_id AND l.status IN ('submitted', 'returned', 'registered')
        );
END $$;
