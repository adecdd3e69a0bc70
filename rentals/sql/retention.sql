-- Part of forgetting a person (ADR 0010): called by privacy_forget as the owner of the tables.
CREATE OR REPLACE FUNCTION privacy_forgets_rentals(wanted bigint) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
  UPDATE rentals_leasetenant SET name = ''
  WHERE registration_id IN (SELECT id FROM residents_registration WHERE person_id = wanted);
$$;
REVOKE ALL ON FUNCTION privacy_forgets_rentals FROM PUBLIC;
