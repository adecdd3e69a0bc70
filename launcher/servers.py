"""The embedded servers of one DATA_DIR as supervised programs, and the environment that points at them."""

import signal
import subprocess
import sys
from functools import partial

from launcher import credentials, external, identity, say
from launcher.config import PROJECT, Config, value_of
from launcher.postgres import ROLES_SQL, START_SECONDS, Postgres
from launcher.processes import Program
from launcher.stamps import Stamp, digest
from launcher.supervisor import Supervisor
from launcher.valkey import Valkey

SERVER_TIERS = {"valkey": 1, "postgres": 2}
# Read here and passed on as values; and the product itself never runs as the owner of its tables.
NOT_PASSED_ON = {"DATABASE_URL_FILE", "DATABASE_OWNER_URL_FILE", "REDIS_URL_FILE", "SECRET_KEY_FILE", "ANJU_DB_ROLE"}


class Servers:
    """PostgreSQL and Valkey: embedded, or the operator's own when DATABASE_URL / REDIS_URL are set."""

    def __init__(self, config: Config, supervisor: Supervisor) -> None:
        self.config = config
        self.supervisor = supervisor
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None

    def start(self) -> None:
        credentials.private_folder(self.config.secrets_dir)
        credentials.private_folder(self.config.logs_dir)
        self.find()
        if self.postgres:
            self.postgres.stop_leftover()
            self.postgres.prepare()
        if self.valkey:
            self.valkey.prepare()
        if self.postgres:
            self.supervisor.start(self._postgres_program(self.postgres))
        if self.valkey:
            self.supervisor.start(self._valkey_program(self.valkey))
        self._await_postgres()
        self._await_valkey()

    def find(self) -> None:
        """Where the embedded servers are and as whom they run; starts nothing."""
        want_postgres = self.config.for_tests or not self.config.database_url
        want_valkey = self.config.for_tests or not self.config.redis_url
        if not want_postgres and not want_valkey:
            return
        owner = identity.service_identity(self.config.data_dir)
        home = identity.services_home(self.config.data_dir, owner)
        if home.parent != self.config.data_dir and not self.config.for_tests:
            say.line(f"  · 数据库文件位于 {home}，因为用户 {owner.name} 无法进入 {self.config.data_dir}")
            say.line(
                f"    the servers' files are in {home}: their user {owner.name} cannot enter {self.config.data_dir}"
            )
        programs, valkey = identity.binaries(owner)
        secrets = self.config.secrets_dir
        if want_postgres:
            tests = self.config.for_tests
            switches = tests or self.config.environ.get("BENCH") == "1"
            self.postgres = Postgres(home, programs, owner, secrets, durable=not tests, switches=switches)
        if want_valkey:
            self.valkey = Valkey(home, valkey, owner, secrets)

    def _postgres_program(self, server: Postgres) -> Program:
        return Program(
            name="postgres",
            label="PostgreSQL",
            command=server.command(),
            log=self.config.logs_dir / "postgres.log",
            tier=SERVER_TIERS["postgres"],
            stop_signal=signal.SIGINT,
            stop_seconds=START_SECONDS,
            ready=server.ready,
            environ={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            options=server.identity.popen_options(),
        )

    def _valkey_program(self, server: Valkey) -> Program:
        return Program(
            name="valkey",
            label="Valkey",
            command=server.command(),
            log=self.config.logs_dir / "valkey.log",
            tier=SERVER_TIERS["valkey"],
            stop_signal=signal.SIGTERM,
            stop_seconds=30,
            ready=server.ready,
            environ={"PATH": "/usr/bin:/bin"},
            options=server.identity.popen_options(),
        )

    def _await_postgres(self) -> None:
        if not self.postgres:
            external.database(self.config.database_url)
            return
        self.supervisor.wait_ready("postgres", START_SECONDS)
        state = f"{self.postgres.instance()} {int(self.postgres.switches)}"
        value = digest([ROLES_SQL, *self.config.secrets_dir.glob("app_*.password")], state)
        stamp = Stamp(self.config.stamps_dir / "roles", value)
        if not stamp.fresh():
            self.postgres.apply_roles()
            stamp.write()

    def _await_valkey(self) -> None:
        if self.valkey:
            self.supervisor.wait_ready("valkey", 60)
        else:
            external.broker(self.config.redis_url)

    def instance(self) -> str:
        """Names the database that stamps are about."""
        return self.postgres.instance() if self.postgres else digest([], self.config.database_url)

    def environ(self) -> dict[str, str]:
        """What every program of the product needs to find its servers and its secrets."""
        config = self.config
        environ = {name: value for name, value in config.environ.items() if name not in NOT_PASSED_ON}
        environ |= {
            "DATA_DIR": str(config.data_dir),
            "HOST": config.host,
            "PORT": str(config.port),
            "VAULT_KEY_FILE": str(credentials.vault_key(config.key_file)),
            "DATABASE_URL": config.database_url,
            "REDIS_URL": self.valkey.url() if self.valkey else config.redis_url,
            "SECRET_KEY": value_of(config, "SECRET_KEY") or credentials.secret_key(config.secrets_dir),
        }
        if not config.for_tests:
            environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
        environ.setdefault("PYTHONUNBUFFERED", "1")
        if self.postgres:
            # Tests make their own databases, which only the owner may do.
            role = "app_owner" if config.for_tests else "app_rw"
            environ |= {
                "DATABASE_URL": self.postgres.url(role),
                "DATABASE_OWNER_URL": self.postgres.url("app_owner"),
                "DATABASE_PRODUCT_URL": self.postgres.url("app_rw"),
            }
        else:
            environ["DATABASE_OWNER_URL"] = value_of(config, "DATABASE_OWNER_URL") or config.database_url
            environ["DATABASE_PRODUCT_URL"] = config.database_url
        return environ


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def manage(*arguments: str) -> list[str]:
    return python(str(PROJECT / "manage.py"), *arguments)


run_in_project = partial(subprocess.run, cwd=PROJECT, stdin=subprocess.DEVNULL, start_new_session=True, check=False)
