-- The dwelling that a new stay belongs to: the door itself, or the one it was merged into. Held until the end of the
-- transaction, so that no merge can pass between the question and the stay; NULL for no such door. Tells one number.
CREATE OR REPLACE FUNCTION hold_dwelling(wanted bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    door bigint := wanted;
    onward bigint;
BEGIN
    LOOP
        SELECT d.merged_into_id INTO onward FROM public.residents_dwelling d WHERE d.id = door FOR KEY SHARE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        IF onward IS NULL THEN
            RETURN door;
        END IF;
        door := onward;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION hold_dwelling(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_dwelling(bigint) TO app_rw;
