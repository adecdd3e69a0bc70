-- How many photos show a hazard: the number alone, for whoever may see the inspections of its area. The ledger of
-- inspections tells it to readers who may not open the photos.
CREATE OR REPLACE FUNCTION sec.photos_of_hazard(wanted bigint) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    codes text[] := sec.codes('rentals_inspection', false);
    everywhere boolean := sec.is_owner();
BEGIN
    RETURN (
        SELECT count(*) FROM public.rentals_hazard h
        JOIN public.files_attachment f ON f.target_model = 'rentals.hazard' AND f.target_id = h.id
        WHERE h.id = wanted AND f.removed_at IS NULL AND (everywhere OR h.area_code ^@ ANY (codes))
    );
END $$;
