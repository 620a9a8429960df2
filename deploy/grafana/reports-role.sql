-- A role for reporting tools that reads the views of one organization, and nothing else. Safe to run again.
-- psql --set password=... --set organization=1 --file reports-role.sql
SELECT 'CREATE ROLE reports LOGIN' WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'reports') \gexec
ALTER ROLE reports PASSWORD :'password' NOSUPERUSER NOBYPASSRLS;
ALTER ROLE reports SET shipledger.organization_id = :'organization';
ALTER ROLE reports SET default_transaction_read_only = on;
ALTER ROLE reports SET statement_timeout = '30s';
GRANT USAGE ON SCHEMA reporting TO reports;
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO reports;
