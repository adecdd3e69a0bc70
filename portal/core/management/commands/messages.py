from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.translations import check, compile_all, stub


class Command(BaseCommand):
    help = "Check that every text has its Chinese (in locale/<room>/zh_Hans/LC_MESSAGES/django.po) and compile it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--compile", action="store_true", help="only compile")

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{compile_all(settings.BASE_DIR)} catalogues compiled")
        if options["compile"]:
            return
        findings = check(settings.BASE_DIR)
        for key, place in findings.missing.items():
            self.stdout.write(f"#: {place}\n{stub(key, findings.plurals.get(key, ''))}\n")
        for key, rooms in findings.double.items():
            self.stdout.write(f"translated twice, in {rooms}: {key[1]}")
        for key, room in findings.unused.items():
            self.stdout.write(f"no longer used, in {room}: {key[1]}")
        if not findings.clean:
            counts = (len(findings.missing), len(findings.double), len(findings.unused))
            raise CommandError("{} texts without Chinese, {} translated twice, {} no longer used".format(*counts))
        self.stdout.write("every text has its Chinese")
