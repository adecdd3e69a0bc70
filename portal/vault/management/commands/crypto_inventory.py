from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.vault import crypto


class Command(BaseCommand):
    help = "Print every use of cryptography, or write it into docs/crypto-inventory.md below its mark."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--write", action="store_true", help="Write the lower part of docs/crypto-inventory.md.")
        act.add_argument(
            "--check", action="store_true", help="Fail when docs/crypto-inventory.md tells something else."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "crypto-inventory.md"
        written, mark, made = path.read_text(encoding="utf-8").partition(crypto.MARK)
        text = crypto.document()
        if options["write"]:
            path.write_text(f"{written.rstrip()}\n\n{crypto.MARK}\n{text}", encoding="utf-8")
        elif not options["check"]:
            self.stdout.write(text, ending="")
        elif not mark or made.lstrip("\n") != text:
            raise CommandError("docs/crypto-inventory.md is out of date: run manage.py crypto_inventory --write")
