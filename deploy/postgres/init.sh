#!/usr/bin/env bash
# Runs once in the PostgreSQL container, on an empty data folder: the product's roles, with passwords from secret files.
set -euo pipefail

passwords() {
    for role in app_owner app_rw app_backup app_audit; do
        printf "\\\\set %s_password '%s'\n" "$role" "$(tr -d '\n' <"/run/secrets/${role}_password")"
    done
    printf '\\set for_tests 0\n'
}

# Through standard input: on the command line every process of the container could read the passwords.
{ passwords; cat /anju/roles.sql; } | psql -X -q -v ON_ERROR_STOP=1 -U postgres -d postgres
