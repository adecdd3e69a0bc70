"""Real servers and real child processes, each test file in a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import config
from launcher.config import PROJECT
from launcher.servers import Servers
from launcher.supervisor import Supervisor

OPERATOR = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "DATA_DIR",
    "PORT",
    "HOST",
    "SECRET_KEY",
    "MIN_FREE_MB",
    "VAULT_KEY_FILE",
)


def clean_environ(**extra: str) -> dict[str, str]:
    """The environment of an operator who has set nothing but these."""
    inherited = {name: value for name, value in os.environ.items() if name not in OPERATOR}
    return inherited | {"DJANGO_SETTINGS_MODULE": "portal.settings.dev"} | extra


def launcher(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "launcher", *arguments],
        cwd=PROJECT,
        env=clean_environ(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A short path (sockets must fit) that also the servers' own user can pass through."""
    path = Path(tempfile.mkdtemp(prefix="anju-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def servers(folder: Path) -> Iterator[Servers]:
    """Embedded PostgreSQL and Valkey as `make run` starts them, with durability."""
    settings = config.load(clean_environ(DATA_DIR=str(folder)))
    supervisor = Supervisor(folder / "children.json")
    running = Servers(settings, supervisor)
    running.start()
    yield running
    supervisor.stop()


def kill(servers: Servers, name: str) -> int:
    """kill -9 of a child; returns the id it had."""
    pid = servers.supervisor.children[name].process.pid
    os.kill(pid, signal.SIGKILL)
    servers.supervisor.children[name].process.wait()
    return pid


def repaired(servers: Servers, name: str) -> bool:
    """Lets the supervisor work until the child is back, at most 30 s."""
    child = servers.supervisor.children[name]
    child.ready = False
    servers.supervisor.wait_ready(name, 30)
    return child.ready
