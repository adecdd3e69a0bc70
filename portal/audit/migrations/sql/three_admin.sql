-- Three administrators, mutually exclusive (GB/T 22239-2019 8.1.4.2). `three_admin` is the only source of their rights:
-- a right listed in three_admin_right goes to accounts of that kind alone, and those accounts hold nothing else.
-- The functions belong to the owner of the tables: what row-level security hides from the asker must not be overlooked.
CREATE FUNCTION three_admin_fits(who bigint, permission bigint, until timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  office varchar;
  code varchar;
BEGIN
  IF until <= clock_timestamp() THEN
    RETURN true;
  END IF;
  -- Two transactions at once (one appoints, one grants) must not both find nothing.
  PERFORM pg_advisory_xact_lock(7203302, (who % 2147483647)::int);
  SELECT codename INTO code FROM auth_permission WHERE id = permission;
  SELECT kind INTO office FROM three_admin WHERE user_id = who;
  IF office IS NULL AND NOT EXISTS (SELECT FROM three_admin_right WHERE codename = code)
     OR EXISTS (SELECT FROM three_admin_right WHERE kind = office AND codename = code) THEN
    RETURN true;
  END IF;
  -- Broken glass: every right, but only with an end, and not a moment longer than announced.
  RETURN EXISTS (SELECT FROM break_glass WHERE user_id = who AND ends_at >= until AND ends_at > clock_timestamp());
END $$;

CREATE FUNCTION three_admin_refuse(who bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Account % would mix the work of the three administrators, or administration and business.', who
    USING ERRCODE = 'check_violation', CONSTRAINT = 'three_admin_exclusive';
END $$;

CREATE FUNCTION three_admin_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT three_admin_fits(NEW.user_id, NEW.permission_id, NEW.valid_to) THEN
    PERFORM three_admin_refuse(NEW.user_id);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION three_admin_group_grant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  member bigint;
BEGIN
  FOR member IN SELECT user_id FROM org_user_groups WHERE group_id = NEW.group_id LOOP
    IF NOT three_admin_fits(member, NEW.permission_id, NEW.valid_to) THEN
      PERFORM three_admin_refuse(member);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

CREATE FUNCTION three_admin_member() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM org_areagroupgrant g WHERE g.group_id = NEW.group_id
             AND NOT three_admin_fits(NEW.user_id, g.permission_id, g.valid_to)) THEN
    PERFORM three_admin_refuse(NEW.user_id);
  END IF;
  RETURN NULL;
END $$;

-- Appointing, changing the kind, dismissing: the rights already held have to fit what the account is afterwards.
CREATE FUNCTION three_admin_office() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who bigint := coalesce(NEW.user_id, OLD.user_id);
BEGIN
  IF EXISTS (SELECT FROM org_areausergrant g WHERE g.user_id = who
             AND NOT three_admin_fits(who, g.permission_id, g.valid_to))
     OR EXISTS (SELECT FROM org_areagroupgrant g JOIN org_user_groups m USING (group_id) WHERE m.user_id = who
                AND NOT three_admin_fits(who, g.permission_id, g.valid_to)) THEN
    PERFORM three_admin_refuse(who);
  END IF;
  RETURN NULL;
END $$;

-- Administrators of an installation that is older than this rule.
INSERT INTO three_admin (user_id, kind, appointed_at)
  SELECT DISTINCT ON (m.user_id) m.user_id, split_part(g.name, '@', 1), now()
  FROM org_user_groups m JOIN auth_group g ON g.id = m.group_id
  WHERE g.name ~ '^(sysadmin|secadmin|auditor)@';

CREATE TRIGGER three_admin_exclusive AFTER INSERT OR UPDATE ON org_areausergrant
  FOR EACH ROW EXECUTE FUNCTION three_admin_grant();
CREATE TRIGGER three_admin_exclusive AFTER INSERT OR UPDATE ON org_areagroupgrant
  FOR EACH ROW EXECUTE FUNCTION three_admin_group_grant();
CREATE TRIGGER three_admin_exclusive AFTER INSERT OR UPDATE ON org_user_groups
  FOR EACH ROW EXECUTE FUNCTION three_admin_member();
CREATE TRIGGER three_admin_exclusive AFTER INSERT OR UPDATE OR DELETE ON three_admin
  FOR EACH ROW EXECUTE FUNCTION three_admin_office();

REVOKE EXECUTE ON FUNCTION three_admin_fits FROM PUBLIC;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_rw') THEN
    GRANT EXECUTE ON FUNCTION three_admin_fits TO app_rw;
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON three_admin_right, break_glass FROM app_rw;
    REVOKE TRUNCATE ON three_admin FROM app_rw;
  END IF;
END $$;

-- Nobody stands above the rules, not even for a day: `manage.py break_glass` gives rights that end.
UPDATE org_user SET is_superuser = false WHERE is_superuser;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE org_user ADD CONSTRAINT user_is_no_superuser CHECK (NOT is_superuser);
