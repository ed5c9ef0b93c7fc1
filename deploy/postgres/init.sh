#!/bin/sh
# Runs once, on an empty database. It creates a role and a schema for each service
# with tables. A service cannot see the other one's tables.
set -eu
for name in booking ticketing; do
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$(cat "/run/secrets/$name-password")" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE SCHEMA :"name" AUTHORIZATION :"name";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SQL
done
