"""The embedded Valkey: the broker, on one socket, with a password, writing every command to disk."""

import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path

from launcher import credentials
from launcher.identity import Identity
from launcher.postgres import short_enough

USER = "anju"
ANSWERS = 2


@dataclass(frozen=True)
class Valkey:
    home: Path
    program: Path
    identity: Identity
    secrets_dir: Path

    @property
    def folder(self) -> Path:
        return self.home / "valkey"

    @property
    def socket(self) -> Path:
        return self.home / "kv" / "valkey.sock"

    @property
    def config(self) -> Path:
        return self.folder / "valkey.conf"

    def command(self) -> list[str]:
        return [str(self.program), str(self.config)]

    def url(self) -> str:
        """In redis-py's form; the settings turn it into kombu's redis+socket:// form."""
        return f"unix://{USER}:{self._password()}@{self.socket}"

    def _password(self) -> str:
        return credentials.password(self.secrets_dir, "valkey")

    def prepare(self) -> None:
        short_enough(self.socket)
        for folder in (self.folder, self.socket.parent):
            credentials.private_folder(folder)
            self.identity.owns(folder)
        credentials.write_private(self.config, self._settings())
        self.identity.owns(self.config)

    def _settings(self) -> str:
        digest = hashlib.sha256(self._password().encode()).hexdigest()
        rows = (
            "port 0",
            f'unixsocket "{self.socket}"',
            "unixsocketperm 700",
            f'dir "{self.folder}"',
            "daemonize no",
            "databases 4",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            'rename-command FLUSHALL ""',
            "user default off resetpass resetkeys -@all",
            # Celery and redis-py need INFO; the other dangerous commands (CONFIG, SHUTDOWN, KEYS …) stay closed.
            f"user {USER} on #{digest} ~* &* +@all -@dangerous -@admin +info",
        )
        return "".join(f"{row}\n" for row in rows)

    def ready(self) -> bool:
        """Authenticated PING: a server that still loads its log answers LOADING and is not ready."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
                link.settimeout(1)
                link.connect(str(self.socket))
                link.sendall(f"AUTH {USER} {self._password()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < ANSWERS:
                    part = link.recv(256)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        return answer.startswith(b"+OK\r\n+PONG")
