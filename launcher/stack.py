"""`make run`: everything from an empty folder to a login page, then watching over it."""

import http.client
import signal
import socket
import subprocess
from pathlib import Path

from launcher import checks, credentials, lock, say
from launcher.config import PROJECT, Config
from launcher.processes import Program, tail
from launcher.say import RefusedError
from launcher.servers import Servers, manage, python, run_in_project
from launcher.stamps import Stamp, digest
from launcher.supervisor import Stopped, Supervisor

WEB_WORKERS = 2
JOB_WORKERS = 2
ACCOUNTS = "demo accounts"
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound


def source_files(*patterns: str) -> list[Path]:
    """Files of the product only: what packages, builds and data folders bring along does not count."""
    tops = [p for p in PROJECT.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name != "ui"]
    return [path for top in tops for pattern in patterns for path in top.rglob(pattern) if path.is_file()]


class Stack:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.supervisor = Supervisor(config.data_dir / "children.json")
        self.servers = Servers(config, self.supervisor)
        self.environ: dict[str, str] = {}

    def stamp(self, name: str, files: list[Path], *extra: str) -> Stamp:
        lock_file = PROJECT / "requirements" / "run.txt"
        return Stamp(self.config.stamps_dir / name, digest([lock_file, *files], *extra))

    def stop_orphans(self) -> None:
        for name in self.supervisor.register.stop_orphans():
            say.line(f"  · 已停止上次遗留的 {name} · stopped {name}, left over from an earlier start")

    def start_servers(self) -> None:
        with say.step("数据库与消息服务已启动", "database and broker are running"):
            self.servers.start()
        self.read_environment()

    def read_environment(self) -> None:
        self.environ = self.servers.environ()
        chosen = self.config.environ.get("DEMO_PASSWORD")
        self.environ["DEMO_PASSWORD"] = chosen or credentials.demo_password(self.config.secrets_dir)
        self.environ.setdefault("ALLOWED_HOSTS", ",".join(allowed_hosts(self.config.host)))

    def prepare(self) -> None:
        """Each step is skipped when the contents it depends on are those of the last time."""
        instance = self.servers.instance()
        owner = {"ANJU_DB_ROLE": "owner"}
        models = source_files(
            "migrations/*.py", "models.py", "models/*.py", "apps.py", "choices.py", "extension.py", "settings/*.py"
        )
        self._manage("migrate", self.stamp("migrate", models, instance), "数据表已就绪", "tables are up to date", owner)
        words = source_files("*.po")
        compiled = [path.with_suffix(".mo") for path in words]
        stamp = self.stamp("messages", words)
        if not all(path.is_file() for path in compiled):
            stamp.drop()
        self._manage("messages --compile", stamp, "译文已编译", "translations are compiled")
        stamp = self.stamp("static", [path for path in (PROJECT / "static").rglob("*") if path.is_file()])
        if not (self.config.data_dir / "static" / "staticfiles.json").is_file() and "STATIC_ROOT" not in self.environ:
            stamp.drop()
        self._manage("collectstatic --noinput --verbosity 0", stamp, "页面资源已收集", "assets are collected")

    def _manage(self, command: str, stamp: Stamp, zh: str, en: str, extra: dict[str, str] | None = None) -> None:
        if stamp.fresh():
            return
        with say.step(zh, en):
            done = run_in_project(
                manage(*command.split()), env=self.environ | (extra or {}), capture_output=True, text=True
            )
            if done.returncode:
                name = command.partition(" ")[0]
                log = self.config.logs_dir / f"{name}.log"
                log.write_text(done.stdout + done.stderr, "utf-8")
                raise RefusedError(
                    f"{command} 失败，完整输出见 {log}。",
                    f"{command} failed; its whole output is in {log}.",
                    tail(log),
                )
        stamp.write()

    def seed(self) -> None:
        """Later starts repeat the accounts that the command listed, without asking the database."""
        accounts = self.config.secrets_dir / "demo-accounts.txt"
        stamp = Stamp(self.config.stamps_dir / "demo", digest([], self.servers.instance()))
        if stamp.fresh() and accounts.is_file():
            return
        size = self.environ.get("DEMO_PEOPLE")
        people = ["--people", size] if size else []
        with say.step("演示县已就绪", "the demo county is in place"):
            said: list[str] = []
            with subprocess.Popen(
                manage("demo_county", "--if-empty", *people),
                cwd=PROJECT,
                env=self.environ | {"ANJU_DB_ROLE": "owner"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            ) as process:
                for row in process.stdout or ():
                    # The accounts come last and are shown once, at the end of the start.
                    if said or ACCOUNTS in row:
                        said.append(row)
                    elif row.strip():
                        say.line(f"    {row.rstrip()}")
            if process.returncode or not said:
                say.line("".join(said))
                raise RefusedError(
                    "演示数据未能写入，原因见上。", "The demo county could not be made; the reason is above."
                )
        credentials.write_private(accounts, "".join(said))
        stamp.write()

    def start_product(self) -> None:
        """The pages first: the others load the same code, and on two cores all at once would delay the login page."""
        web, *background = self.programs()
        with say.step("网页服务已启动", "the web server is running"):
            self.supervisor.start(web)
            self.supervisor.wait_ready("web", 90)
        for program in background:
            self.supervisor.start(program)

    def programs(self) -> list[Program]:
        host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
        web = ["-m", "gunicorn", "portal.wsgi:application", "--bind", f"{host}:{self.config.port}", "--preload"]
        web += ["--workers", str(WEB_WORKERS), "--max-requests", "2000", "--max-requests-jitter", "200"]
        web += ["--graceful-timeout", "25", "--timeout", "60", "--no-control-socket"]
        worker = ["-m", "celery", "-A", "portal", "worker", "--concurrency", str(JOB_WORKERS), "--loglevel", "INFO"]
        worker += ["--without-gossip", "--without-mingle"]
        schedule = self.config.data_dir / "beat"
        schedule.mkdir(exist_ok=True)
        beat = ["-m", "celery", "-A", "portal", "beat", "--loglevel", "INFO", "--schedule", str(schedule / "schedule")]
        beat += ["--pidfile="]
        return [
            self._program("web", "网页服务 web", web, signal.SIGTERM, 30),
            self._program("worker", "后台任务 worker", worker, signal.SIGTERM, 40),
            self._program("beat", "定时任务 beat", beat, signal.SIGTERM, 10),
        ]

    def _program(self, name: str, label: str, arguments: list[str], stop: signal.Signals, seconds: float) -> Program:
        log = self.config.logs_dir / f"{name}.log"
        return Program(
            name=name,
            label=label,
            command=python(*arguments),
            log=log,
            tier=0,
            # Running jobs may finish first; then Celery's soft shutdown puts what is left back into the queue.
            firm_signal=signal.SIGQUIT if name == "worker" else None,
            stop_signal=stop,
            stop_seconds=seconds,
            ready=(lambda: answers(self.config.host, self.config.port)) if name == "web" else (lambda: True),
            says=" ready." if name == "worker" else "",
            environ=self.environ,
            folder=PROJECT,
        )

    def welcome(self) -> None:
        host = ANY_ADDRESS.get(self.config.host, self.config.host)
        shown = f"[{host}]" if ":" in host else host
        say.line()
        say.line((self.config.secrets_dir / "demo-accounts.txt").read_text("utf-8").rstrip())
        say.line()
        say.line(f"  安居已启动，请打开 · Anju is running at  http://{shown}:{self.config.port}/")
        say.line(f"  日志 · logs: {self.config.logs_dir}    按 Ctrl-C 停止 · Ctrl-C stops everything")

    def stop(self) -> None:
        if not self.supervisor.children:
            return
        say.line("正在停止 · stopping …")
        with say.step("已全部停止", "everything has stopped"):
            self.supervisor.stop()


def answers(host: str, port: int) -> bool:
    """Any answer that is not a server error: also a redirect to the login page means that the product serves."""
    link = http.client.HTTPConnection(ANY_ADDRESS.get(host, host), port, timeout=20)
    try:
        link.request("GET", "/healthz", headers={"Host": "localhost"})
        return link.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        link.close()


def allowed_hosts(host: str) -> list[str]:
    """The names under which colleagues reach this machine when it listens on more than the loopback address."""
    if host in {"127.0.0.1", "localhost", "::1"}:
        return []
    if host not in ANY_ADDRESS:
        return [host]
    own = socket.gethostname()
    try:
        addresses = socket.gethostbyname_ex(own)[2]
    except OSError:
        addresses = []
    return [own, *addresses]


def up(config: Config) -> int:
    """Runs until a signal arrives; returns the exit code of the launcher."""
    say.line(f"安居 Anju · {config.data_dir}")
    checks.environment(config, serves=False)
    held = lock.acquire(config.data_dir)
    stack = Stack(config)
    stack.supervisor.listen()
    try:
        stack.stop_orphans()
        checks.port_free(config.host, config.port)
        stack.start_servers()
        stack.prepare()
        stack.seed()
        stack.start_product()
        stack.welcome()
        stack.supervisor.watch()
    except Stopped:
        say.line()
    finally:
        stack.stop()
        held.close()
    return 0
