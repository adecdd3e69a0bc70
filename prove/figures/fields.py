"""H1b: what each viewer gets of each field, in every channel."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from prove.figure import Result, figure

MATRIX = "tests/residents/test_field_matrix.py"


@figure("H1b", "field matrix: values of personal and sensitive fields met outside policy")
def field_matrix() -> Result:
    """Runs the matrix in a test database of its own and reads what it counted."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "report"
        environ = os.environ | {
            "DATABASE_URL": os.environ["DATABASE_OWNER_URL"],
            "TEST_DB_NAME": "test_field_matrix",
            "DJANGO_SETTINGS_MODULE": "portal.settings.test",
            "FIELD_MATRIX_REPORT": str(told),
        }
        command = [sys.executable, "-m", "pytest", MATRIX, "-q"]
        run = subprocess.run(command, env=environ, capture_output=True, check=False)
        counts = read(told) if told.is_file() else {}
    looked, found = sum(counts.values()) - counts.get("found", 0), counts.get("found", 0)
    channels = len(counts) - ("found" in counts)
    ok = run.returncode == 0 and found == 0 and looked > 0
    return Result(ok, f"{found} canaries outside policy of {looked} looked for in {channels} channels (limit 0)")


def read(path: Path) -> Mapping[str, int]:
    return {key: int(count) for key, _space, count in (line.partition(" ") for line in path.read_text().splitlines())}
