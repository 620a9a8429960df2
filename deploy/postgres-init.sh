#!/usr/bin/env bash
# Runs once in the PostgreSQL container: creates a role that owns the database and is bound by row-level security.
set -euo pipefail
psql --username postgres --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE shipledger LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE shipledger OWNER shipledger;
SQL
