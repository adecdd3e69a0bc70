-- A row's mark is the number of the transaction that wrote it. Whatever lies below the horizon is settled for good:
-- committed and visible, or rolled back. The 0 grows after a restore into another cluster (portal.audit.marks).
CREATE FUNCTION audit_mark() RETURNS bigint LANGUAGE sql STABLE
  AS 'SELECT pg_catalog.pg_current_xact_id()::text::bigint + 0';
CREATE FUNCTION audit_horizon() RETURNS bigint LANGUAGE sql STABLE
  AS 'SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::bigint + 0';

-- Refuses every change of a kept row, the owner's as well. Only the functions below may move or retire rows.
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  calls text;
BEGIN
  GET DIAGNOSTICS calls = PG_CONTEXT;
  IF TG_OP = 'DELETE' AND calls ~ 'function (public\.)?audit_(make_partitions|retire)\(' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'Rows of % are kept as they were written.', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Rights of the product on a table that only grows.
CREATE FUNCTION audit_only_grows(kept regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_rw') THEN
    EXECUTE format('REVOKE ALL ON %s FROM app_rw', kept);
    EXECUTE format('GRANT SELECT, INSERT ON %s TO app_rw', kept);
  END IF;
  EXECUTE format('CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE ON %s
                  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()', kept);
END $$;
