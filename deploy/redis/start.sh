#!/bin/sh
# The broker: a password from a secret file, every command on disk, no silent dropping of queued tasks.
set -eu

umask 077
{
    printf 'requirepass "%s"\n' "$(tr -d '\n' </run/secrets/redis_password)"
    cat <<'END'
port 6379
dir /data
appendonly yes
appendfsync everysec
save ""
maxmemory 512mb
maxmemory-policy noeviction
rename-command FLUSHALL ""
rename-command CONFIG ""
END
} >/tmp/redis.conf
exec redis-server /tmp/redis.conf
