"""How much of everything an upload may be. Parameters of the county where they are about work, fixed where they
protect the machine (security design §5.6)."""

from dataclasses import asdict, dataclass

from portal.policy.services import rule

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes. `ratio`: unpacked to packed. `edge`: pictures are made smaller to that many pixels a side.
    `sheet`: which of the visible sheets is read, from 0. `scanned`: 1 when these very bytes were looked through by
    the child before and could not change since; only for what is kept sealed."""

    bytes: int = 10 * MIB
    unpacked: int = 50 * MIB
    ratio: int = 100
    entries: int = 200
    columns: int = 200
    rows: int = 50_000
    pixels: int = 25_000_000
    edge: int = 2_400
    memory_mb: int = 512
    cpu_seconds: int = 30
    wall_seconds: int = 60
    sheet: int = 0
    scanned: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


LIMITS = Limits()
# A county's whole register fits into one file; it is read in the background.
IMPORT_LIMITS = Limits(
    bytes=32 * MIB, unpacked=480 * MIB, rows=200_000, columns=100, memory_mb=1024, cpu_seconds=90, wall_seconds=180
)
LARGER_UPLOADS = {"imports:upload": IMPORT_LIMITS.bytes}


def upload_bytes(url_name: str) -> int:
    """How much one request to this page may carry."""
    return LARGER_UPLOADS.get(url_name, LIMITS.bytes)


def quota_bytes() -> int:
    """What one person may upload in 24 hours (policy `files.day_megabytes`)."""
    return int(rule("files.day_megabytes").value) * MIB


def quota_files() -> int:
    """How many files one person may upload in 24 hours (policy `files.day_count`)."""
    return int(rule("files.day_count").value)
