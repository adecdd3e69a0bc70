"""Commands that need the servers for a while: tests, a shell, a reseed, a check."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from launcher import checks, config, lock, say
from launcher.config import PROJECT, Config
from launcher.postgres import SOCKET_LIMIT
from launcher.say import RefusedError
from launcher.servers import Servers, manage, run_in_project
from launcher.stack import Stack
from launcher.supervisor import Stopped, Supervisor

LONGEST_TAIL = len("/services/pg/.s.PGSQL.5432")


def temporary_folder(parent: Path | None = None) -> Path:
    """In the parent or TMPDIR, unless that is too deep for a socket; the servers' user may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="anju-", dir=parent))
    if len(os.fsencode(folder)) + LONGEST_TAIL >= SOCKET_LIMIT:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="anju-", dir="/tmp"))
    folder.chmod(0o711)
    return folder


@contextmanager
def throw_away() -> Iterator[dict[str, str]]:
    """Servers for tests, without durability, gone afterwards with all their files."""
    operator = config.load()
    wanted = operator.data_dir if operator.environ.get("DATA_DIR") else None
    if wanted:
        checks.data_directory(wanted)
    folder = temporary_folder(wanted)
    settings = config.load(data_dir=folder, for_tests=True)
    supervisor = Supervisor(folder / "children.json")
    supervisor.listen()
    servers = Servers(settings, supervisor)
    try:
        servers.start()
        yield servers.environ()
    finally:
        supervisor.stop()
        supervisor.unlisten()
        marker = folder / "services-home"
        if marker.is_file():
            shutil.rmtree(marker.read_text("utf-8").strip(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def kept(settings: Config) -> Iterator[dict[str, str]]:
    """The servers of DATA_DIR: those that already run, else started for the duration of the command."""
    stack = Stack(settings)
    if lock.holder(settings.data_dir) is not None:
        with redirect_stdout(sys.stderr):
            stack.servers.find()
        stack.read_environment()
        yield stack.environ
        return
    held = lock.acquire(settings.data_dir)
    stack.supervisor.listen()
    try:
        # The command owns standard output; what it prints may be read by another program.
        with redirect_stdout(sys.stderr):
            stack.stop_orphans()
            stack.start_servers()
        yield stack.environ
    finally:
        stack.supervisor.stop()
        held.close()


def run(command: list[str], environ: dict[str, str]) -> int:
    """In the foreground, with the terminal; the code is the command's own."""
    try:
        return subprocess.run(command, env=environ, cwd=PROJECT, check=False).returncode
    except FileNotFoundError:
        raise RefusedError(f"找不到命令 {command[0]}。", f"There is no command {command[0]}.") from None


def services(command: list[str]) -> int:
    try:
        with throw_away() as environ:
            return run(command, environ)
    except Stopped:
        return 130


def execute(settings: Config, command: list[str]) -> int:
    checks.environment(settings, serves=False)
    try:
        with kept(settings) as environ:
            return run(command, environ)
    except Stopped:
        return 130


def check(settings: Config) -> int:
    """For operators who start the product without `make run`: says what is wrong before the first request does."""
    checks.environment(settings, serves=lock.holder(settings.data_dir) is None if settings.data_dir.is_dir() else True)
    with kept(settings) as environ:
        done = run_in_project(manage("migrate", "--check"), env=environ, capture_output=True, text=True)
        if done.returncode:
            raise RefusedError(
                "数据库缺少迁移，请先执行 make run，或以 ANJU_DB_ROLE=owner 执行 manage.py migrate。",
                "The database lacks migrations; run make run, or manage.py migrate with ANJU_DB_ROLE=owner.",
            )
    say.line("环境与数据库检查通过 · environment and database are in order")
    return 0
