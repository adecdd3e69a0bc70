"""What must be true before anything starts. Standard library only: `make run` asks before it installs a package."""

import os
import shutil
import socket
import tempfile
from pathlib import Path

from launcher.config import Config
from launcher.say import RefusedError


def data_directory(path: Path) -> None:
    """Makes the folder when it is missing, with a mode that lets the servers' own user pass through but not list it."""
    try:
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o711)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"\0")
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise RefusedError(
            f"数据目录 {path} 不可写（{reason}），请用 DATA_DIR 指定可写的目录。",
            f"The data directory {path} is not writable ({reason}); choose a writable one with DATA_DIR.",
        ) from error


def disk_space(path: Path, least_mb: int) -> None:
    free = shutil.disk_usage(path).free // (1024 * 1024)
    if free < least_mb:
        raise RefusedError(
            f"数据目录 {path} 所在磁盘只剩 {free} MB，至少需要 {least_mb} MB，请先清理磁盘。",
            f"The disk of the data directory {path} has {free} MB left, but {least_mb} MB are needed; free some space.",
        )


def port_free(host: str, port: int) -> None:
    """Binds for a moment: the only test that also notices an address this machine does not have."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise RefusedError(
                f"地址 {host}:{port} 无法使用，端口可能已被占用（{reason}），请用 PORT 指定别的端口。",
                f"The address {host}:{port} cannot be used, the port may be taken ({reason}); choose another PORT.",
            ) from error


def environment(config: Config, *, serves: bool = True) -> None:
    """`serves` is False for commands that open no port."""
    data_directory(config.data_dir)
    disk_space(config.data_dir, config.min_free_mb)
    if serves:
        port_free(config.host, config.port)
