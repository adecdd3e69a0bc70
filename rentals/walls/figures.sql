-- Figures about the lettings in force for report S2, by registration: numbers alone, never who lives there or what was
-- found, for whoever may see the rental registrations. Inspections and hazards are those of the days from `since` to
-- `until`, the rest is as it stands.
CREATE OR REPLACE FUNCTION sec.letting_figures(since date, until date) RETURNS TABLE (
    rental_id bigint, tenants bigint, filed boolean, lived_in boolean, crowded boolean,
    inspected bigint, hazards bigint, mended bigint
)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := CASE WHEN sec.is_owner() THEN '{""}' ELSE sec.codes('rentals_rentalregistration', false) END;
BEGIN
    RETURN QUERY
    SELECT l.id, coalesce(k.tenants, 0), coalesce(k.leases, 0) > 0, coalesce(h.living, 0) > 0,
        coalesce(h.living > h.allowed, false), coalesce(i.done, 0), coalesce(z.found, 0), coalesce(z.mended, 0)
    FROM public.rentals_rentalregistration l
    LEFT JOIN public.rentals_rentedhome h ON h.dwelling_id = l.dwelling_id
    LEFT JOIN (
        SELECT f.dwelling_id, count(DISTINCT f.id) AS leases, count(t.id) FILTER (WHERE t.left_on IS NULL) AS tenants
        FROM public.rentals_leasefiling f LEFT JOIN public.rentals_leasetenant t ON t.filing_id = f.id
        WHERE f.status = 'filed' GROUP BY 1
    ) k ON k.dwelling_id = l.dwelling_id
    LEFT JOIN (
        SELECT n.dwelling_id, count(*) AS done FROM public.rentals_inspection n
        WHERE n.status = 'done' AND n.done_on BETWEEN since AND until GROUP BY 1
    ) i ON i.dwelling_id = l.dwelling_id
    LEFT JOIN (
        SELECT z.dwelling_id, count(*) AS found, count(*) FILTER (WHERE z.status = 'closed') AS mended
        FROM public.rentals_hazard z WHERE z.found_on BETWEEN since AND until GROUP BY 1
    ) z ON z.dwelling_id = l.dwelling_id
    WHERE l.status = 'registered' AND l.area_code ^@ ANY (codes);
END $$;
