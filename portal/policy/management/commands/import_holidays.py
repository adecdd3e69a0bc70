import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.policy.choices import DayKind
from portal.policy.models import CalendarDay

WORDS = {"work": DayKind.WORK, "上班": DayKind.WORK, "holiday": DayKind.HOLIDAY, "放假": DayKind.HOLIDAY}


class Command(BaseCommand):
    help = (
        "Enter the State Council's yearly holiday notice from a CSV file with the columns day (2027-01-01),"
        " kind (holiday or 放假, work or 上班), and optionally name and basis. One wrong line stops the whole file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        rows = _read(options["file"])
        with transaction.atomic():
            for row in rows:
                CalendarDay.objects.update_or_create(day=row.day, defaults=row.values)
        self.stdout.write(f"{len(rows)} days entered.")


class _Row:
    def __init__(self, number: int, cells: dict[str, str | None]) -> None:
        try:
            self.day = date.fromisoformat((cells.get("day") or "").strip())
            kind = WORDS[(cells.get("kind") or "").strip()]
        except (ValueError, KeyError) as error:
            raise CommandError(f"Line {number}: {error}. Nothing was entered.") from error
        self.values = {
            "kind": kind,
            "name": (cells.get("name") or "").strip(),
            "basis": (cells.get("basis") or "").strip(),
        }


def _read(path: Path) -> list[_Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            return [_Row(number, cells) for number, cells in enumerate(csv.DictReader(handle), start=2)]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as UTF-8 text: {error}.") from error
