-- What the letters of responsibility (digest row 70) say of their rental registration, kept beside it so that the lists
-- of many thousand registrations read no letters: until when a signed one holds, and whether one waits to be signed.
-- The registrations are locked in one order before they are told: two who sign at once do not forget one another.
CREATE OR REPLACE FUNCTION rentals_keep_letters() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    told bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        told := ARRAY(SELECT DISTINCT n.rental_id FROM new_rows n);
    ELSIF TG_OP = 'UPDATE' THEN
        told := ARRAY(SELECT n.rental_id FROM new_rows n UNION SELECT o.rental_id FROM old_rows o);
    ELSE
        told := ARRAY(SELECT DISTINCT o.rental_id FROM old_rows o);
    END IF;
    PERFORM FROM rentals_rentalregistration t WHERE t.id = ANY (told) ORDER BY t.id FOR NO KEY UPDATE;
    UPDATE rentals_rentalregistration t SET letter_until = k.until, letter_open = k.waiting > 0
    FROM (
        SELECT d.id, max(l.valid_to) AS until, count(l.id) FILTER (WHERE l.signed_on IS NULL) AS waiting
        FROM unnest(told) d (id) LEFT JOIN rentals_responsibilityletter l ON l.rental_id = d.id
        GROUP BY 1
    ) k
    WHERE t.id = k.id AND (t.letter_until IS DISTINCT FROM k.until OR t.letter_open <> (k.waiting > 0));
    RETURN NULL;
END $$;
CREATE TRIGGER rentals_keep_letters_insert AFTER INSERT ON rentals_responsibilityletter REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_keep_letters();
CREATE TRIGGER rentals_keep_letters_update AFTER UPDATE ON rentals_responsibilityletter
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_keep_letters();
CREATE TRIGGER rentals_keep_letters_delete AFTER DELETE ON rentals_responsibilityletter REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rentals_keep_letters();

-- The same from the beginning; returns how many registrations stood wrong.
CREATE OR REPLACE FUNCTION rentals_recount_letters() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    LOCK TABLE rentals_responsibilityletter IN SHARE MODE;
    UPDATE rentals_rentalregistration t SET letter_until = k.until, letter_open = coalesce(k.waiting, 0) > 0
    FROM rentals_rentalregistration o LEFT JOIN (
        SELECT l.rental_id, max(l.valid_to) AS until, count(*) FILTER (WHERE l.signed_on IS NULL) AS waiting
        FROM rentals_responsibilityletter l GROUP BY 1
    ) k ON k.rental_id = o.id
    WHERE t.id = o.id
        AND (o.letter_until IS DISTINCT FROM k.until OR o.letter_open <> (coalesce(k.waiting, 0) > 0));
    GET DIAGNOSTICS wrong = ROW_COUNT;
    RETURN wrong;
END $$;
REVOKE ALL ON FUNCTION rentals_recount_letters FROM PUBLIC;
SELECT rentals_recount_letters();
