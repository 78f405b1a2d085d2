-- Makes the role `calls_export`, as which the API serves exports: it may read the two tables that they are made of, and nothing else.
-- Run it as their owner, in their database, after the migration. It may be run again, also to change the password:
--
--   psql "$DATABASE_URL" --set ON_ERROR_STOP=1 --set password="$CALLS_EXPORT_PASSWORD" --file docs/database-role.sql

SELECT 'CREATE ROLE calls_export' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'calls_export') \gexec
ALTER ROLE calls_export LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';

SELECT format('GRANT CONNECT ON DATABASE %I TO calls_export', current_database()) \gexec
SELECT format('GRANT USAGE ON SCHEMA %I TO calls_export', current_schema()) \gexec
GRANT SELECT ON calls, assistants TO calls_export;

-- What PostgreSQL lets every role do: create tables, by default before version 15, and temporary ones.
SELECT format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema()) \gexec
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
