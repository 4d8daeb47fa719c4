#!/bin/sh
# Creates the site's own role when the database of compose.yaml starts the first time.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 \
    --set password="$(cat /run/secrets/site_password)" <<'SQL'
CREATE ROLE inventory_site LOGIN PASSWORD :'password';
SQL
