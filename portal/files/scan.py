"""The virus scanner. None is part of the product: signatures need a network. A site names its own, and from then on no
file is taken without its word."""

import shlex
import subprocess
from pathlib import Path

from django.conf import settings

from portal.files.errors import refusal

CLEAN, INFECTED = 0, 1
SECONDS = 60
CHUNK = 1 << 20
# The test file that every scanner knows (EICAR), in two parts so that no scanner takes this source for it.
TEST_SIGNATURE = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def scan(path: Path) -> None:
    """Raises UploadRefused for what the scanner names, and when it is configured and does not answer (fail closed).

    FILES_SCAN_COMMAND is a command line such as `clamdscan --no-summary --fdpass`; the path is put behind it.
    Exit code 0 is clean, 1 infected, anything else no answer: the convention of ClamAV.
    """
    if _has_test_signature(path):
        raise refusal("virus")
    if not settings.FILES_SCAN_COMMAND:
        return
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command
            [*shlex.split(settings.FILES_SCAN_COMMAND), str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise refusal("unscanned") from error
    if done.returncode != CLEAN:
        raise refusal("virus" if done.returncode == INFECTED else "unscanned")


def _has_test_signature(path: Path) -> bool:
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if TEST_SIGNATURE in before + chunk:
                return True
            before = chunk[-len(TEST_SIGNATURE) :]
    return False
