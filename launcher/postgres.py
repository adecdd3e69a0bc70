"""The embedded PostgreSQL: made once with the right locale, then run as a direct child of the supervisor."""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from launcher import credentials, pgconf
from launcher.config import DATABASE_NAME, PROJECT
from launcher.identity import Identity
from launcher.say import RefusedError

SOCKET_LIMIT = 100
ROLES_SQL = PROJECT / "deploy" / "postgres" / "roles.sql"
START_SECONDS = 300
INITDB = (
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--auth-local=peer",
    "--auth-host=reject",
    "--data-checksums",
    "--no-instructions",
)


def short_enough(socket: Path) -> None:
    """The kernel cuts socket paths at 107 bytes, and PostgreSQL then fails with a message that names no cause."""
    if len(os.fsencode(socket)) >= SOCKET_LIMIT:
        raise RefusedError(
            f"数据目录的路径太长，无法建立套接字（上限 {SOCKET_LIMIT} 字节）：{socket}，请用 DATA_DIR 指定较短的路径。",
            f"The path is too long for a socket (limit {SOCKET_LIMIT} bytes): {socket}; choose a shorter DATA_DIR.",
        )


@dataclass(frozen=True)
class Postgres:
    """`home` is the services folder, `programs` the folder of postgres, initdb and psql."""

    home: Path
    programs: Path
    identity: Identity
    secrets_dir: Path
    durable: bool = True
    switches: bool = False
    """The owner may take the product's role: tests and the bench make rows as the one and measure as the other."""

    @property
    def cluster(self) -> Path:
        return self.home / "postgres"

    @property
    def sockets(self) -> Path:
        return self.home / "pg"

    def command(self) -> list[str]:
        return [str(self.programs / "postgres"), "-D", str(self.cluster)]

    def instance(self) -> str:
        """Changes when the cluster is thrown away, so that nothing believes in work done in an earlier one."""
        return (self.cluster / "anju.instance").read_text("ascii")

    def url(self, role: str) -> str:
        secret = credentials.password(self.secrets_dir, role)
        return f"postgresql://{role}:{quote(secret)}@/{DATABASE_NAME}?host={quote(str(self.sockets))}"

    def prepare(self) -> None:
        short_enough(self.sockets / ".s.PGSQL.5432")
        for folder in (self.sockets,):
            credentials.private_folder(folder)
            self.identity.owns(folder)
        if not self.cluster.is_dir():
            self._initdb()
        self._write("anju.conf", pgconf.settings(self.sockets, durable=self.durable))
        self._write("pg_hba.conf", pgconf.access())
        self._write("pg_ident.conf", pgconf.user_map(self.identity.name))

    def _initdb(self) -> None:
        """Under another name until complete: an interrupted first start leaves nothing half made."""
        fresh = self.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        credentials.private_folder(fresh)
        self.identity.owns(fresh)
        command = [str(self.programs / "initdb"), "-D", str(fresh), "-U", pgconf.SUPERUSER, *INITDB]
        if not self.durable:
            command.append("--no-sync")
        done = self._run(command)
        if done.returncode:
            raise RefusedError(
                f"无法建立数据库文件：{done.stderr.strip()[-300:]}",
                f"The database files could not be made: {done.stderr.strip()[-300:]}",
            )
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"\n{pgconf.INCLUDE}\n")
        self._write("anju.instance", os.urandom(16).hex(), folder=fresh)
        fresh.rename(self.cluster)

    def _write(self, name: str, text: str, *, folder: Path | None = None) -> None:
        path = (folder or self.cluster) / name
        if not path.is_file() or path.read_text("utf-8") != text:
            credentials.write_private(path, text)
            self.identity.owns(path)

    def _run(self, command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGAPPNAME": "launcher"}
        return subprocess.run(  # type: ignore[call-overload]
            command,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=environ,
            cwd="/",
            **self.identity.popen_options(),
        )

    def psql(self, sql: str, *, database: str = "postgres") -> subprocess.CompletedProcess[str]:
        """As the superuser. The text goes through standard input: passwords must not show in the process list."""
        command = [str(self.programs / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(self.sockets)]
        return self._run([*command, "-U", pgconf.SUPERUSER, "-d", database], sql)

    def ready(self) -> bool:
        """An answer to a query, because a pid file or an open socket says nothing during recovery."""
        return (self.sockets / ".s.PGSQL.5432").exists() and self.psql("SELECT 1").returncode == 0

    def apply_roles(self) -> None:
        known = "".join(
            f"\\set {role}_password '{credentials.password(self.secrets_dir, role)}'\n" for role in credentials.ROLES
        )
        known += f"\\set for_tests {int(not self.durable)}\n\\set switches {int(self.switches)}\n"
        done = self.psql(f"{known}{ROLES_SQL.read_text('utf-8')}")
        if done.returncode:
            raise RefusedError(
                f"无法建立数据库角色：{done.stderr.strip()[-300:]}",
                f"The database roles could not be made: {done.stderr.strip()[-300:]}",
            )

    def stop_leftover(self) -> int | None:
        """Ends a server that an earlier, killed launcher left behind; returns its process id."""
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.is_file():
            return None
        first = pid_file.read_text("utf-8").split("\n", 1)[0].strip()
        if not first.isdigit() or not self._is_ours(int(first)):
            return None
        os.kill(int(first), signal.SIGINT)
        deadline = time.monotonic() + START_SECONDS
        while Path(f"/proc/{first}").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        return int(first)

    def _is_ours(self, pid: int) -> bool:
        """Process ids are reused: only a postgres working in this very cluster is stopped."""
        try:
            return (Path(f"/proc/{pid}") / "cwd").resolve() == self.cluster.resolve()
        except OSError:
            return False
