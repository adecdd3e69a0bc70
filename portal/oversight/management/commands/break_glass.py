from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from portal.core.errors import DomainError
from portal.oversight.break_glass import open_glass


class Command(BaseCommand):
    help = (
        "Emergency: gives an account every right in the county for some hours. Run it as the owner of the tables"
        " (ANJU_DB_ROLE=owner). The auditor and the security administrator are told on every page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="login name; made when there is no such account")
        parser.add_argument("--reason", required=True, help="what has happened; the auditor reads it")
        parser.add_argument("--hours", type=int, default=2, help="at most 24 (default: 2)")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            opened = open_glass(username=options["user"], reason=options["reason"], hours=options["hours"])
        except DomainError as error:
            raise CommandError(error.message) from error
        except ProgrammingError as error:
            raise CommandError("Only the owner of the tables may do this: set ANJU_DB_ROLE=owner.") from error
        ends = timezone.localtime(opened.row.ends_at)
        self.stdout.write(f"{options['user']} holds every right until {ends:%Y-%m-%d %H:%M}.")
        if opened.password:
            self.stdout.write(f"Password, shown once: {opened.password}")
