"""The settings of one start, read once from the environment (and from `.env` for what the environment leaves out)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher.say import RefusedError

PROJECT = Path(__file__).resolve().parent.parent
DATABASE_NAME = "anju"
LAST_PORT = 65535


@dataclass(frozen=True)
class Config:
    """`environ` is what every child process inherits; the launcher adds the addresses of the servers it starts."""

    data_dir: Path
    host: str
    port: int
    database_url: str
    redis_url: str
    min_free_mb: int
    for_tests: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def secrets_dir(self) -> Path:
        return self.data_dir / "secrets"

    @property
    def logs_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def stamps_dir(self) -> Path:
        return self.data_dir / "stamps"

    @property
    def key_file(self) -> Path:
        return Path(self.environ.get("VAULT_KEY_FILE") or self.data_dir / "keys" / "vault.key")


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines; quotes around the value are dropped, everything else is taken literally."""
    if not path.is_file():
        return {}
    pairs = (row.split("=", 1) for row in path.read_text("utf-8").splitlines() if "=" in row and row[:1] not in "# ")
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit():
        raise RefusedError(f"{name} 应为整数，现为“{text}”。", f"{name} must be a whole number, but it is “{text}”.")
    return int(text)


def _value(environ: Mapping[str, str], name: str) -> str:
    path = environ.get(f"{name}_FILE")
    return Path(path).read_text("utf-8").strip() if path and not environ.get(name) else environ.get(name, "")


def value_of(config: Config, name: str) -> str:
    """The value of NAME, or the content of the file that NAME_FILE points at."""
    return _value(config.environ, name)


def load(environ: Mapping[str, str] | None = None, *, data_dir: Path | None = None, for_tests: bool = False) -> Config:
    merged = read_env_file(PROJECT / ".env") | dict(os.environ if environ is None else environ)
    folder = data_dir or Path(merged.get("DATA_DIR") or PROJECT / ".data")
    port = number(merged, "PORT", 8000)
    if not 1 <= port <= LAST_PORT:
        raise RefusedError(
            f"端口号 PORT 应在 1 到 65535 之间，现为 {port}。", f"PORT must be 1 to 65535, but it is {port}."
        )
    return Config(
        data_dir=Path(os.path.abspath(folder.expanduser())),  # noqa: PTH100 - keep symbolic links as the operator named them
        host=merged.get("HOST") or "127.0.0.1",
        port=port,
        database_url=_value(merged, "DATABASE_URL"),
        redis_url=_value(merged, "REDIS_URL"),
        min_free_mb=number(merged, "MIN_FREE_MB", 500),
        for_tests=for_tests,
        environ=merged,
    )
