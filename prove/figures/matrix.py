"""H1: every URL, with every method, as every role, in every kind of area."""

import os
import subprocess
import sys

from prove.figure import Result, figure

LEAST_CELLS = 30_000
TESTS = "tests/test_access_matrix.py"


@figure("H1", "URL × method × role × area: cells asked and answered as declared")
def cells() -> Result:
    """The tests themselves, on servers of their own, with the methods nobody declared asked as every role too."""
    from tests import test_access_matrix as matrix  # noqa: PLC0415 - needs the models

    names = {endpoint.name for endpoint in matrix.ENDPOINTS}
    asked = len(names) * len(matrix.METHODS) * len(matrix.ROLES) * len(matrix.ABOVE)
    pytest = [sys.executable, "-m", "pytest", TESTS, "-q", "--no-header", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "launcher", "services", "--", *pytest],
        env=os.environ | {"MATRIX_EVERY_ROLE": "1", "DJANGO_SETTINGS_MODULE": "portal.settings.test"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(*[line for line in done.stdout.splitlines() if line.startswith("FAILED")], sep="\n", file=sys.stderr)
    undeclared = set(matrix.url_names(matrix.get_resolver().url_patterns)) - names
    closing = (done.stdout.strip().splitlines() or ["no answer"])[-1].strip("= ")
    ok = done.returncode == 0 and not undeclared and asked >= LEAST_CELLS
    return Result(ok, f"{asked} cells of {len(names)} URLs, {len(undeclared)} undeclared; {closing}")
