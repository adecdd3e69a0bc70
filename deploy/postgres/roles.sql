-- Roles, database and default rights. Read by psql as the superuser, any number of times, by the launcher and by the container.
-- Needs the psql variables app_owner_password, app_rw_password, app_backup_password, app_audit_password (text), for_tests and
-- switches (0 or 1).
\set ON_ERROR_STOP on
\set QUIET on

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['app_owner', 'app_rw', 'app_backup', 'app_audit', 'sec_definer']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

-- app_owner owns the tables and runs the migrations; app_rw is the product; neither sees through row-level security.
ALTER ROLE app_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_owner_password';
ALTER ROLE app_rw LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_rw_password';
ALTER ROLE app_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS PASSWORD :'app_backup_password';
ALTER ROLE app_audit LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_audit_password';
ALTER ROLE sec_definer NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
GRANT pg_read_all_data TO app_backup;
-- Without INHERIT FALSE the owner would see whatever the functions of sec_definer may see.
GRANT sec_definer TO app_owner WITH INHERIT FALSE, SET TRUE;

\if :switches
    -- Tests and the bench make their rows as the owner and send their requests as the product.
    GRANT app_rw TO app_owner WITH INHERIT FALSE, SET TRUE;
\endif

\if :for_tests
    ALTER ROLE app_owner CREATEDB;
    \connect template1
    CREATE EXTENSION IF NOT EXISTS btree_gist;
    CREATE EXTENSION IF NOT EXISTS btree_gin;
    ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_rw;
    ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO app_rw;
    \connect postgres
\endif

SELECT 'CREATE DATABASE anju OWNER app_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'anju') \gexec
ALTER DATABASE anju OWNER TO app_owner;
REVOKE ALL ON DATABASE anju FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE anju TO app_rw;
GRANT CONNECT ON DATABASE anju TO app_backup, app_audit;
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
\if :for_tests
    -- Test databases are made and dropped from there.
    GRANT CONNECT ON DATABASE postgres TO app_owner;
\endif

\connect anju
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS btree_gin;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- No TRUNCATE: the product never empties a table. Default rights, or the next migration's table is out of reach.
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_rw;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO app_rw;
