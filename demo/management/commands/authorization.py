from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.authorization import document


class Command(BaseCommand):
    help = "Print who may do and see what, by role, grant and table."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--write", action="store_true", help="Write docs/authorization.md instead of printing.")
        act.add_argument("--check", action="store_true", help="Fail when docs/authorization.md tells something else.")

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "authorization.md"
        text = document()
        if options["write"]:
            path.write_text(text, encoding="utf-8")
        elif not options["check"]:
            self.stdout.write(text, ending="")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/authorization.md is out of date: run manage.py authorization --write")
