from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit import heads, verification


class Command(BaseCommand):
    help = (
        "Checks the sealed logs and names every row that was altered, missing, inserted, reordered or cut off."
        " Exit code 0: sound; 1: tampered with; 2: the copy of the head cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=Path, help="copies of the head written by audit_head")
        parser.add_argument("--keep", action="store_true", help="show the result on the auditor's console")

    def handle(self, *_args: Any, **options: Any) -> None:
        report = verification.verify(known_heads=self._heads(options["head"]))
        if options["keep"]:
            verification.keep(report)
        for problem in report.problems:
            self.stderr.write(str(problem))
        self.stdout.write(
            f"{report.rows} rows under {report.seals} seals in {report.seconds:.1f} s, head {report.head},"
            f" {len(report.problems)} problems"
        )
        if not report.is_sound:
            raise CommandError("The audit log was tampered with.", returncode=1)

    def _heads(self, path: Path | None) -> list[Any]:
        if path is None:
            path = heads.default_file()
            if not path.exists():
                return []
        try:
            return heads.read(path)
        except (OSError, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
