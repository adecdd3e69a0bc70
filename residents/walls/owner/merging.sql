-- A row about a file that is being merged at this very moment waits for the merge and then goes to the file that goes
-- on: whoever wrote it had read the file a moment before. One look-up by key; the foreign key takes the same lock.
CREATE OR REPLACE FUNCTION residents_follow_merge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    onto bigint;
BEGIN
    SELECT merged_into_id INTO onto FROM residents_person WHERE id = NEW.person_id FOR KEY SHARE;
    IF onto IS NOT NULL THEN
        NEW.person_id := onto;
    END IF;
    RETURN NEW;
END $$;

-- The same where the column has another name.
CREATE OR REPLACE FUNCTION residents_follow_merge_by() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    onto bigint;
BEGIN
    SELECT merged_into_id INTO onto FROM residents_person
    WHERE id = (to_jsonb(NEW) ->> TG_ARGV[0])::bigint FOR KEY SHARE;
    IF onto IS NOT NULL THEN
        NEW := jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], onto));
    END IF;
    RETURN NEW;
END $$;

-- On every table with a key to a person, except those that speak of files and not of people.
DO $$
DECLARE
    link record;
BEGIN
    FOR link IN
        SELECT c.conrelid::regclass AS tbl, a.attname AS col
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confrelid = 'residents_person'::regclass
            AND c.conrelid::regclass::text NOT IN ('residents_person', 'residents_duplicatepair',
                'residents_duplicateside', 'residents_personmerge', 'residents_recentlook')
    LOOP
        IF link.col = 'person_id' THEN
            EXECUTE format('CREATE OR REPLACE TRIGGER follow_merge BEFORE INSERT ON %s'
                ' FOR EACH ROW EXECUTE FUNCTION residents_follow_merge()', link.tbl);
        ELSE
            EXECUTE format('CREATE OR REPLACE TRIGGER %I BEFORE INSERT ON %s'
                ' FOR EACH ROW EXECUTE FUNCTION residents_follow_merge_by(%L)',
                'follow_merge_' || link.col, link.tbl, link.col);
        END IF;
    END LOOP;
END $$;
