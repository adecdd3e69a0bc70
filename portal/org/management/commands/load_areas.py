from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.org.middleware import scoped_transaction
from portal.org.services import load_areas, read_divisions, system_user


class Command(BaseCommand):
    help = "Load the areas of a county (data/divisions/CODE.tsv, or any file of that format) and the levels above it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="county code such as 330822, or the path of a .tsv file")

    def handle(self, *, source: str, **_options: Any) -> None:
        folder = settings.BASE_DIR / "data" / "divisions"
        path = Path(source) if source.endswith(".tsv") else folder / f"{source}.tsv"
        if not path.is_file():
            raise CommandError(f"{path} does not exist. Give a county code that data/divisions has, or a .tsv file.")
        rows = read_divisions(path)
        above = dict(read_divisions(folder / "national_to_county.tsv"))
        first = rows[0][0]
        parents = [(code, above[code]) for code in (first[:2], first[:4]) if code in above and code != first]
        with scoped_transaction(system_user()):
            count = load_areas([*parents, *rows])
        self.stdout.write(f"{count} areas loaded from {path.name}")
