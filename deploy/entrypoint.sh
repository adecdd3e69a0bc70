#!/bin/sh
# Builds the addresses from the mounted secrets, so that no password stands in the compose file or in an image.
set -eu

secret() { tr -d '\n' <"/run/secrets/$1"; }

: "${DATABASE_HOST:=postgres}" "${REDIS_HOST:=redis}"
if [ -r /run/secrets/app_rw_password ]; then
    DATABASE_URL="postgresql://app_rw:$(secret app_rw_password)@${DATABASE_HOST}:5432/anju"
    export DATABASE_URL
fi
if [ -r /run/secrets/app_owner_password ]; then
    DATABASE_OWNER_URL="postgresql://app_owner:$(secret app_owner_password)@${DATABASE_HOST}:5432/anju"
    export DATABASE_OWNER_URL
fi
if [ -r /run/secrets/redis_password ]; then
    REDIS_URL="redis://:$(secret redis_password)@${REDIS_HOST}:6379/0"
    export REDIS_URL
fi
# A mounted secret is readable by every user of the container; the vault refuses such a key.
if [ "${VAULT_KEY_FILE:-}" = /run/secrets/vault_key ]; then
    install -m 0600 /run/secrets/vault_key /tmp/vault.key
    export VAULT_KEY_FILE=/tmp/vault.key
fi
exec "$@"
