"""Skip a step whose inputs have not changed, judged by content and not by time."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(paths: Iterable[Path], *extra: str) -> str:
    """Names count as well as contents, so a deleted file changes the result."""
    total = hashlib.sha256("\0".join(extra).encode())
    for path in sorted(paths):
        total.update(str(path).encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


class Stamp:
    def __init__(self, path: Path, value: str) -> None:
        self.path = path
        self.value = value

    def fresh(self) -> bool:
        return self.path.is_file() and self.path.read_text("ascii") == self.value

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.value, "ascii")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
