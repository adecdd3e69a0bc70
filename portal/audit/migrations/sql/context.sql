-- History says of every change who made it and what for. In place of pghistory's own function, which lets a change
-- without a context pass in silence: the product is refused, the owner of the tables (migrations, loaders, a console)
-- gets a context that says so. `anju.history = strict` refuses the owner as well; tests set it.
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  key uuid := nullif(current_setting('pghistory.context_id', true), '')::uuid;
  told jsonb := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb;
BEGIN
  IF key IS NULL OR told IS NULL OR NOT told ? 'actor' OR coalesce(told->>'purpose', '') = '' THEN
    IF session_user = 'app_rw' OR current_setting('role') = 'app_rw'
       OR current_setting('anju.history', true) = 'strict' THEN
      RAISE EXCEPTION 'A change needs a context that names actor and purpose (pghistory.context).'
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    key := coalesce(key, gen_random_uuid());
    told := jsonb_build_object('actor', NULL, 'purpose', 'outside the product', 'database_user', session_user,
                               'application', current_setting('application_name')) || coalesce(told, '{}');
    -- One context for the rest of the transaction, as a request has one.
    PERFORM set_config('pghistory.context_id', key::text, true),
            set_config('pghistory.context_metadata', told::text, true);
  END IF;
  -- A list of thousands of rows comes here for each of them; looking is four times cheaper than trying to insert.
  PERFORM FROM pghistory_context WHERE id = key AND metadata = told;
  IF FOUND THEN
    RETURN key;
  END IF;
  INSERT INTO pghistory_context (id, metadata, created_at, updated_at) VALUES (key, told, now(), now())
    ON CONFLICT (id) DO UPDATE SET metadata = excluded.metadata, updated_at = excluded.updated_at
    WHERE pghistory_context.metadata <> excluded.metadata;
  RETURN key;
END $$;
