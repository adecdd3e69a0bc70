#!/usr/bin/env bash
# Makes the secret files of docker-compose.yml in deploy/secrets, once; what exists is kept.
# The folder is closed to other users; the files are readable because each container reads its own as another user.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
cd secrets

make_once() { # name, command …
    local name="$1"
    shift
    [ -s "$name" ] || "$@" >"$name"
    chmod 0444 "$name"
}

for name in postgres_password app_owner_password app_rw_password app_backup_password app_audit_password redis_password; do
    make_once "$name" openssl rand -hex 32
done
make_once secret_key openssl rand -hex 48
make_once vault_key openssl rand -base64 32

if [ ! -s tls_key.pem ]; then
    echo "No certificate yet: making one that browsers will warn about. Put the real one into deploy/secrets/." >&2
    openssl req -x509 -newkey rsa:3072 -nodes -days 90 -subj "/CN=${1:-localhost}" \
        -addext "subjectAltName=DNS:${1:-localhost}" -keyout tls_key.pem -out tls_certificate.pem 2>/dev/null
fi
chmod 0444 tls_key.pem tls_certificate.pem
echo "Secrets are in deploy/secrets. Keep a copy of vault_key elsewhere: without it ID numbers cannot be read again."
