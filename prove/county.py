"""The database of the figures: a demo county of its own, made when it is not there yet."""

import os
import subprocess
import sys

from django.contrib.auth import get_user_model
from django.db import ProgrammingError, connection

DEFAULT_PEOPLE = 2_000


def prepare() -> None:
    """Migrates and seeds as the owner of the tables; never point this at real data."""
    owner = os.environ | {"ANJU_DB_ROLE": "owner"}
    _manage(owner, "collectstatic", "--no-input", "--verbosity", "0")
    _manage(owner, "migrate", "--verbosity", "0")
    if not _is_seeded():
        people = os.environ.get("PEOPLE") or str(DEFAULT_PEOPLE)
        print(f"making a county of {people} people …", file=sys.stderr, flush=True)
        _manage(owner, "demo_county", "--people", people)
    connection.close()


def _is_seeded() -> bool:
    try:
        return get_user_model().objects.filter(username="police").exists()
    except ProgrammingError:
        return False


def _manage(environ: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], env=environ, check=True, stdout=subprocess.DEVNULL)
