-- The database, its owner, and the roles of service and workers; see docs/security.md. Run it as a superuser, again to
-- change passwords:
-- psql --set owner_password=... --set application_password=... --set sweep_password=... --file roles.sql
SELECT 'CREATE ROLE ' || name || ' LOGIN'
  FROM unnest(ARRAY['shipledger', 'shipledger_application', 'shipledger_sweep']) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE shipledger NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE shipledger_application NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'application_password';
ALTER ROLE shipledger_sweep NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'sweep_password';
GRANT shipledger_application TO shipledger_sweep;
SELECT 'CREATE DATABASE shipledger OWNER shipledger'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'shipledger') \gexec
