-- Derived rows about records that an import made and takes back: who looked at them lately, likely duplicates of theirs,
-- aliases of a door. Some belong to other people, so the owner of the tables drops them; only for the batch's own work.
CREATE OR REPLACE FUNCTION residents_import_derived(asked uuid, people bigint[], doors bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT sec.is_owner() AND NOT EXISTS (
        SELECT FROM imports_importbatch b WHERE b.id = asked AND b.owner_id = sec.uid() AND b.state = 'undoing') THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a batch of one''s own that is being taken back';
    END IF;
    people := ARRAY(SELECT e.object_id FROM imports_importeffect e WHERE e.batch_id = asked AND e.before IS NULL
        AND e."table" = 'residents_person' AND e.object_id = ANY (people));
    doors := ARRAY(SELECT e.object_id FROM imports_importeffect e WHERE e.batch_id = asked AND e.before IS NULL
        AND e."table" = 'residents_dwelling' AND e.object_id = ANY (doors));
    DELETE FROM residents_recentlook WHERE person_id = ANY (people) OR dwelling_id = ANY (doors);
    DELETE FROM residents_duplicateside s USING residents_duplicatepair p
        WHERE s.pair_id = p.id AND (p.first_id = ANY (people) OR p.second_id = ANY (people));
    DELETE FROM residents_duplicatepair WHERE first_id = ANY (people) OR second_id = ANY (people);
    DELETE FROM residents_notsameperson WHERE person_id = ANY (people);
    DELETE FROM residents_dwellingalias WHERE dwelling_id = ANY (doors);
END $$;
REVOKE ALL ON FUNCTION residents_import_derived(uuid, bigint[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION residents_import_derived(uuid, bigint[], bigint[]) TO app_rw;

-- Buildings that one's own import made and in which no door stands now, whoever's door: nobody sees a house without
-- doors, so nobody could take it out either. A house that got another door since stays.
CREATE OR REPLACE FUNCTION residents_import_houses(asked uuid, houses bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT sec.is_owner() AND NOT EXISTS (
        SELECT FROM imports_importbatch b WHERE b.id = asked AND b.owner_id = sec.uid() AND b.state = 'undoing') THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a batch of one''s own that is being taken back';
    END IF;
    DELETE FROM residents_building h USING imports_importeffect e
    WHERE h.id = ANY (houses) AND e.batch_id = asked AND e.before IS NULL AND e."table" = 'residents_building'
        AND e.object_id = h.id AND NOT EXISTS (SELECT FROM residents_dwelling d WHERE d.stands_in_id = h.id);
END $$;
REVOKE ALL ON FUNCTION residents_import_houses(uuid, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION residents_import_houses(uuid, bigint[]) TO app_rw;
