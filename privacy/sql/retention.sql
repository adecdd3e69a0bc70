-- Runs in an early migration of a new installation, before later columns of the register stand.
SET LOCAL check_function_bodies = off;

-- Made and owned by the owner of the tables; the product may call it and cannot do by itself what it does.

-- How long a policy rule keeps things, in an area on a day: the most specific area wins. NULL: there is no rule.
CREATE OR REPLACE FUNCTION privacy_term(rule_code text, area text, day date) RETURNS interval
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE unit
    WHEN 'year' THEN make_interval(years => value::integer)
    WHEN 'month' THEN make_interval(months => value::integer)
    WHEN 'day' THEN make_interval(days => value::integer)
  END
  FROM policy_policyrule
  WHERE code = rule_code AND starts_with(area, area_code)
    AND effective_from <= day AND (effective_to IS NULL OR day <= effective_to)
  ORDER BY length(area_code) DESC LIMIT 1
$$;

-- The last day on which a person's data is kept. NULL: it stays, because somebody lives here, something is open,
-- an investigation holds it, a department keeps it (functions privacy_keeps_*), or no rule says how long.
CREATE OR REPLACE FUNCTION privacy_kept_until(wanted bigint, day date) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  area text;
  last_stay date;
  last_file date;
  stay_term interval;
  file_term interval;
  keeper regprocedure;
  keeps boolean;
BEGIN
  SELECT area_code INTO area FROM residents_person WHERE id = wanted AND forgotten_on IS NULL;
  IF area IS NULL
    OR EXISTS (SELECT FROM residents_registration WHERE person_id = wanted AND status = 'active')
    OR EXISTS (SELECT FROM residents_permit WHERE person_id = wanted AND status <> 'terminated')
    OR EXISTS (SELECT FROM residents_permitapplication
               WHERE person_id = wanted AND status IN ('returned', 'accepted', 'reviewed', 'issued'))
    OR EXISTS (SELECT FROM residents_transferrequest WHERE person_id = wanted AND status = 'requested')
    OR EXISTS (SELECT FROM privacy_legalhold WHERE person_id = wanted AND lifted_on IS NULL)
    OR EXISTS (SELECT FROM privacy_subjectrequest
               WHERE person_id = wanted AND kind <> 'delete' AND status NOT IN ('answered', 'refused'))
  THEN
    RETURN NULL;
  END IF;
  FOR keeper IN SELECT oid::regprocedure FROM pg_proc
    WHERE proname LIKE 'privacy\_keeps\_%' AND pronamespace = 'public'::regnamespace
  LOOP
    EXECUTE format('SELECT %s($1)', keeper::regproc) INTO keeps USING wanted;
    IF keeps THEN
      RETURN NULL;
    END IF;
  END LOOP;
  SELECT max(coalesce(left_on, registered_on)) INTO last_stay FROM residents_registration WHERE person_id = wanted;
  SELECT max(ended) INTO last_file FROM (
    SELECT terminated_on AS ended FROM residents_permit WHERE person_id = wanted
    UNION ALL
    SELECT (closed_at AT TIME ZONE 'Asia/Shanghai')::date FROM residents_permitapplication WHERE person_id = wanted
  ) files;
  stay_term := privacy_term('retention.after_deregistration_years', area, day);
  file_term := privacy_term('retention.permit_file_years', area, day);
  IF last_stay IS NULL OR stay_term IS NULL OR (last_file IS NOT NULL AND file_term IS NULL) THEN
    RETURN NULL;
  END IF;
  RETURN greatest((last_stay + stay_term)::date, (last_file + file_term)::date);
END $$;

-- People whose term had ended before `day`, in the order of their numbers, from after `beyond`.
CREATE OR REPLACE FUNCTION privacy_due(day date, beyond bigint, most integer) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id FROM residents_person p
  WHERE p.id > beyond AND p.forgotten_on IS NULL AND p.merged_into_id IS NULL
    AND NOT EXISTS (SELECT FROM residents_registration r WHERE r.person_id = p.id AND r.status = 'active')
    AND privacy_kept_until(p.id, day) < day
  ORDER BY p.id LIMIT most
$$;

-- The files that show a person whose term has ended; for anybody else none.
CREATE OR REPLACE FUNCTION privacy_files(wanted bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF privacy_kept_until(wanted, (now() AT TIME ZONE 'Asia/Shanghai')::date) < (now() AT TIME ZONE 'Asia/Shanghai')::date
  THEN
    RETURN QUERY SELECT id FROM files_attachment WHERE person_id = wanted AND removed_at IS NULL;
  END IF;
END $$;

-- Takes away who it was, everywhere: the register, its history, the search columns, what was corrected, what was
-- asked. Sex, year of birth and province stay for the statistics. Returns the path of the photograph, to be deleted.
-- Refuses by itself anybody whose term has not ended today; the caller's word on the day does not count.
CREATE OR REPLACE FUNCTION privacy_forget(wanted bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
  gone constant text := '已匿名';
  picture text;
  part regprocedure;
BEGIN
  PERFORM FROM residents_person WHERE id = wanted FOR UPDATE;
  IF NOT coalesce(privacy_kept_until(wanted, today) < today, false) THEN
    RAISE EXCEPTION 'The retention term of person % has not ended.', wanted USING ERRCODE = 'check_violation';
  END IF;
  SELECT photo INTO picture FROM residents_person WHERE id = wanted;

  UPDATE residents_person SET
    document_kind = '', document_number = '', document_note = '', name = gone, name_pinyin = '', name_initials = '',
    document_index = substring(sha256(convert_to(gen_random_uuid()::text, 'UTF8')) FOR 16),
    document_tail_index = substring(sha256(convert_to(gen_random_uuid()::text, 'UTF8')) FOR 8),
    phone = '', phone_index = NULL, birth_date = make_date(extract(year FROM birth_date)::integer, 1, 1),
    ethnicity = '', native_code = CASE WHEN native_code = '' THEN '' ELSE left(native_code, 2) || '0000' END,
    native_address = '', education = '', marital_status = '', political_status = '', mismatch_reason = '', photo = '',
    restricted_on = NULL, forgotten_on = today, version = version + 1
  WHERE id = wanted OR merged_into_id = wanted;
  UPDATE residents_personevent SET
    document_kind = '', document_number = '', document_note = '', name = gone, name_pinyin = '', name_initials = '',
    phone = '', birth_date = make_date(extract(year FROM birth_date)::integer, 1, 1), ethnicity = '',
    native_code = CASE WHEN native_code = '' THEN '' ELSE left(native_code, 2) || '0000' END,
    native_address = '', education = '', marital_status = '', political_status = '', mismatch_reason = '', photo = ''
  WHERE pgh_obj_id IN (SELECT id FROM residents_person WHERE id = wanted OR merged_into_id = wanted);

  UPDATE residents_registration SET
    workplace = '', occupation = '', left_for = '', remark = '', voucher = gen_random_uuid(), version = version + 1
  WHERE person_id = wanted;
  UPDATE residents_registrationevent SET
    workplace = '', occupation = '', left_for = '', remark = '', voucher = gen_random_uuid()
  WHERE person_id = wanted;
  UPDATE residents_registrationchange SET "before" = '', "after" = '', reason = '', destination = ''
  WHERE person_id = wanted;
  UPDATE residents_visit SET note = '' WHERE person_id = wanted;
  UPDATE residents_householdmember SET guardian_id = NULL, guardian_note = '' WHERE person_id = wanted;
  UPDATE residents_householdmemberevent SET guardian_id = NULL, guardian_note = '' WHERE person_id = wanted;
  UPDATE residents_householdact SET reason = ''
  WHERE household_id IN (SELECT household_id FROM residents_householdmember WHERE person_id = wanted);
  UPDATE residents_departureitem SET refusal = '' WHERE person_id = wanted;
  UPDATE residents_transferrequest SET reason = '', answer = '', version = version + 1 WHERE person_id = wanted;
  UPDATE residents_transferrequestevent SET reason = '', answer = '' WHERE person_id = wanted;

  UPDATE residents_permit SET number = 'X' || id, termination_reason = '', version = version + 1
  WHERE person_id = wanted;
  UPDATE residents_permitevent SET number = 'X' || id, termination_reason = '' WHERE person_id = wanted;
  UPDATE residents_permitstep SET reason = ''
  WHERE permit_id IN (SELECT id FROM residents_permit WHERE person_id = wanted);
  UPDATE residents_permitapplication SET
    number = 'X' || id, applicant = '', applicant_relation = '', decision_reason = '', eligibility = '{}',
    version = version + 1
  WHERE person_id = wanted;
  UPDATE residents_permitapplicationevent SET
    number = 'X' || id, applicant = '', applicant_relation = '', decision_reason = '', eligibility = '{}'
  WHERE person_id = wanted;
  UPDATE residents_permitmaterial SET note = ''
  WHERE application_id IN (SELECT id FROM residents_permitapplication WHERE person_id = wanted);

  -- The rows stay and say what was there; the product deletes the files that `privacy_files` named before.
  UPDATE files_attachment SET removed_at = now(), removed_by_id = (SELECT id FROM org_user WHERE username = 'system')
  WHERE person_id = wanted AND removed_at IS NULL;

  DELETE FROM residents_personcorrection WHERE person_id = wanted;
  DELETE FROM residents_notsameperson
  WHERE person_id IN (SELECT id FROM residents_person WHERE id = wanted OR merged_into_id = wanted);
  -- What the person was merged of cannot be taken apart any more.
  DELETE FROM residents_duplicateside WHERE pair_id IN (
    SELECT d.id FROM residents_duplicatepair d JOIN residents_person p ON p.id IN (d.first_id, d.second_id)
    WHERE p.id = wanted OR p.merged_into_id = wanted);
  DELETE FROM residents_duplicatepair d USING residents_person p
  WHERE p.id IN (d.first_id, d.second_id) AND (p.id = wanted OR p.merged_into_id = wanted);
  UPDATE residents_personmerge SET snapshot = '', reason = gone, undo_reason = '', version = version + 1
  WHERE survivor_id = wanted OR absorbed_id = wanted;
  DELETE FROM residents_recentlook WHERE person_id = wanted;
  UPDATE privacy_consent SET guardian_name = '', note = '' WHERE person_id = wanted;
  UPDATE privacy_subjectrequest SET
    requester_name = CASE WHEN requester = 'self' THEN '' ELSE gone END,
    relation_proof = CASE WHEN requester = 'self' THEN '' ELSE gone END,
    requester_contact = '', wish = '',
    identity_means = CASE WHEN identity_means = '' THEN '' ELSE gone END,
    answer = CASE WHEN answer = '' THEN '' ELSE gone END,
    refusal_reason = CASE WHEN refusal_reason = '' THEN '' ELSE gone END
  WHERE person_id = wanted;
  UPDATE privacy_subjectrequeststep SET note = ''
  WHERE request_id IN (SELECT id FROM privacy_subjectrequest WHERE person_id = wanted);

  FOR part IN SELECT oid::regprocedure FROM pg_proc
    WHERE proname LIKE 'privacy\_forgets\_%' AND pronamespace = 'public'::regnamespace ORDER BY proname
  LOOP
    EXECUTE format('SELECT %s($1)', part::regproc) USING wanted;
  END LOOP;
  RETURN picture;
END $$;

REVOKE ALL ON FUNCTION privacy_term, privacy_kept_until, privacy_due, privacy_files, privacy_forget FROM PUBLIC;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_rw') THEN
    GRANT EXECUTE ON FUNCTION privacy_term, privacy_kept_until, privacy_due, privacy_files, privacy_forget TO app_rw;
  END IF;
END $$;
