"""`make test`: every check of the project, each with a title and its seconds; a failure does not hide the next one.

The servers of the tests are made fresh and thrown away. The last lines repeat what pytest said at its end.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher import browser, checks, config, say, session
from launcher.bootstrap import UI, VENV
from launcher.config import PROJECT
from launcher.say import RefusedError
from launcher.servers import manage, python, run_in_project
from launcher.supervisor import Stopped

CLOSING = re.compile(r"^=*\s*(\d+ \w+.*|no tests ran) in [\d.]+s.*$")
SEPARATE = ("tests/e2e", "tests/launcher")
DEPLOY = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "SECRET_KEY": "a-key-for-the-deployment-check-only-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "anju.example.gov.cn",
}


@dataclass(frozen=True)
class Step:
    """`servers`: needs the database; `extra` is added to the environment."""

    name: str
    title: str
    command: list[str]
    servers: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    folder: Path = PROJECT


def tool(name: str, *arguments: str) -> list[str]:
    return [str(VENV / "bin" / name), *arguments]


def pytest(*arguments: str) -> list[str]:
    return python("-m", "pytest", *arguments)


def steps() -> list[Step]:
    """Cheap ones first."""
    apart = [f"--ignore={folder}" for folder in SEPARATE]
    return [
        Step("lint", "code style (ruff)", tool("ruff", "check", ".")),
        Step("format", "code format (ruff)", tool("ruff", "format", "--check", ".")),
        Step("imports", "import contracts", tool("lint-imports")),
        Step("types", "types (mypy)", tool("mypy", ".")),
        Step("scripts", "front-end scripts (node)", tool("node", "--test"), folder=UI),
        Step("messages", "translations complete", manage("messages")),
        Step("migrations", "no missing migration", manage("makemigrations", "--check", "--dry-run"), servers=True),
        Step(
            "deploy",
            "deployment check",
            manage("check", "--deploy", "--fail-level", "WARNING"),
            servers=True,
            extra=DEPLOY,
        ),
        Step("tests", "unit, services, access matrix, architecture", pytest("tests", "-n", "2", *apart), servers=True),
        Step("e2e", "browser", pytest("tests/e2e"), servers=True),
        Step("launcher", "launcher and servers", pytest("tests/launcher")),
    ]


def chosen(names: list[str], pytest_arguments: str) -> list[Step]:
    if pytest_arguments:
        return [Step("pytest", f"pytest {pytest_arguments}", pytest(*shlex.split(pytest_arguments)), servers=True)]
    known = {step.name: step for step in steps()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RefusedError(
            f"没有名为 {unknown[0]} 的检查，可用的有 {', '.join(known)}。",
            f"There is no check called {unknown[0]}; there are {', '.join(known)}.",
        )
    return [known[name] for name in names] or list(known.values())


@dataclass
class Result:
    step: Step
    ok: bool
    seconds: float
    closing: str


def run(step: Step, environ: Mapping[str, str]) -> Result:
    """Shows the output as it comes and keeps pytest's closing line."""
    say.line(f"\n── {step.name}: {step.title}")
    started = time.monotonic()
    closing = ""
    with subprocess.Popen(
        step.command,
        cwd=step.folder,
        env={**environ, **step.extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for row in process.stdout or ():
            say.line(row.rstrip("\n"))
            if CLOSING.match(row):
                closing = row.strip()
    seconds = time.monotonic() - started
    say.line(f"── {step.name}: {'ok' if process.returncode == 0 else 'FAILED'}  {seconds:.1f} s")
    return Result(step, process.returncode == 0, seconds, closing)


def run_all(todo: list[Step]) -> list[Result]:
    """Tests read the compiled translations, so these come first whatever was chosen."""
    run_in_project(manage("messages", "--compile"), capture_output=True)
    plain = dict(os.environ) | {"PYTHONUNBUFFERED": "1", "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '')}"}
    results = [run(step, plain) for step in todo if not step.servers and step.name != "launcher"]
    with_servers = [step for step in todo if step.servers]
    if with_servers:
        with session.throw_away() as environ:
            results += [run(step, environ | {"PATH": plain["PATH"]}) for step in with_servers]
    return results + [run(step, plain) for step in todo if step.name == "launcher"]


def summary(results: list[Result], seconds: float) -> int:
    say.line("\n── summary")
    for result in results:
        outcome = "ok" if result.ok else "FAILED"
        say.line(f"  {outcome:6}  {result.seconds:7.1f} s  {result.step.name:10} {result.closing.strip('= ')}")
    say.line(f"  all of it in {seconds:.0f} s")
    for result in sorted(results, key=lambda result: result.step.name == "tests"):
        if result.closing:
            say.line(result.closing)
    return 0 if all(result.ok for result in results) else 1


def main(names: list[str]) -> int:
    started = time.monotonic()
    names = names or [name for name in os.environ.get("ONLY", "").replace(",", " ").split() if name]
    todo = chosen(names, os.environ.get("PYTEST", ""))
    checks.environment(config.load(), serves=False)
    if {"e2e", "pytest"} & {step.name for step in todo}:
        browser.ensure()
    try:
        results = run_all(todo)
        return summary(results, time.monotonic() - started)
    except Stopped:
        return 130


if __name__ == "__main__":
    say.prepare_output()
    try:
        sys.exit(main(sys.argv[1:]))
    except RefusedError as error:
        say.refused(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
