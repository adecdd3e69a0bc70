import logging
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.audit import heads, sealing

log = logging.getLogger("anju.audit.head")


class Command(BaseCommand):
    help = "Appends the head of the audit chain to a file and to the log. Keep the copy on another machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=None, help="file to append to (default: DATA_DIR/audit-head.log)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        head = sealing.head()
        heads.append(head, options["to"] or heads.default_file())
        log.info("audit head %s", head)
        self.stdout.write(str(head))
