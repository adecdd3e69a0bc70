"""The three configuration files of the embedded PostgreSQL, as text."""

from pathlib import Path

SUPERUSER = "postgres"
INCLUDE = "include = 'anju.conf'"


def settings(sockets: Path, *, durable: bool) -> str:
    """`durable` is False only for throw-away test clusters."""
    rows = {
        # Reachable through one socket in a private folder, never through the network.
        "listen_addresses": "''",
        "port": "5432",
        "unix_socket_directories": quoted(str(sockets)),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "password_encryption": "'scram-sha-256'",
        # Statements and error details carry names and numbers of people: none of them reaches a log file.
        "log_statement": "'none'",
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
        "log_line_prefix": "'%m [%p] %q%u@%d '",
        "log_lock_waits": "on",
        "log_checkpoints": "off",
        "lc_messages": "'C'",
        "timezone": "'Asia/Shanghai'",
        "log_timezone": "'Asia/Shanghai'",
        "shared_buffers": "'256MB'",
        "work_mem": "'16MB'",
        "maintenance_work_mem": "'128MB'",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_wal_size": "'2GB'",
        "checkpoint_timeout": "'15min'",
        "wal_compression": "on",
        "synchronous_commit": "on" if durable else "off",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "max_locks_per_transaction": "64" if durable else "256",
    }
    return "".join(f"{name} = {value}\n" for name, value in rows.items())


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def access() -> str:
    """Superuser only for the cluster's owner in the operating system; the product's roles by password; nobody else."""
    return "".join(
        f"{row}\n"
        for row in (
            f"local all {SUPERUSER} peer map=superuser",
            f"local replication {SUPERUSER} peer map=superuser",
            "local all app_owner,app_rw,app_backup,app_audit scram-sha-256",
            "local all all reject",
            "host all all all reject",
        )
    )


def user_map(operating_system_user: str) -> str:
    return f'superuser "{operating_system_user}" {SUPERUSER}\n'
