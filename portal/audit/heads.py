"""Copies of the head of the chain, one line a copy: `time number digest`. Keep them on another machine."""

from pathlib import Path

from django.conf import settings

from portal.audit.sealing import Head
from portal.core import clock


def default_file() -> Path:
    return Path(settings.DATA_DIR) / "audit-head.log"


def append(head: Head, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{clock.now().isoformat(timespec='seconds')} {head.number} {head.digest}\n")


def read(path: Path) -> list[Head]:
    """Every copy in the file; raises ValueError naming the line that is none."""
    found = []
    for at, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        parts = line.split()
        if len(parts) != 3 or not parts[1].isdigit():  # noqa: PLR2004 - time, number, digest
            raise ValueError(f"{path}, line {at}: expected time, number and digest")
        found.append(Head(int(parts[1]), parts[2]))
    return found
