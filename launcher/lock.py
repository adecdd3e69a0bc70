"""One launcher per DATA_DIR. The kernel drops the lock with the process, so a stale one cannot exist."""

import fcntl
import os
from pathlib import Path
from typing import IO

from launcher.say import RefusedError


def lock_path(data_dir: Path) -> Path:
    return data_dir / "launcher.lock"


def holder(data_dir: Path) -> int | None:
    """The process id of the launcher that is running on this folder."""
    path = lock_path(data_dir)
    if not path.is_file():
        return None
    with path.open("r+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return int(file.read().strip() or 0)
    return None


def acquire(data_dir: Path) -> IO[str]:
    """Keep the returned file open for as long as the lock is needed."""
    file = lock_path(data_dir).open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid = file.read().strip() or "?"
        file.close()
        raise RefusedError(
            f"数据目录 {data_dir} 正在被另一个实例使用（进程 {pid}），请先停止它，或用 DATA_DIR 指定别的目录。",
            f"The data directory {data_dir} is in use (process {pid}); stop that one, or choose another DATA_DIR.",
        ) from None
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
