from datetime import date
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core import clock
from portal.org.services import system_user
from privacy.services.retention import KINDS, forget_due


class Command(BaseCommand):
    help = "Say what would be deleted or made anonymous because its term has ended, or do it now."

    def add_arguments(self, parser: CommandParser) -> None:
        mode = parser.add_mutually_exclusive_group(required=True)
        mode.add_argument("--simulate", action="store_true", help="count only; nothing is changed")
        mode.add_argument("--run", action="store_true", help="what the nightly job does")
        parser.add_argument("--on", type=date.fromisoformat, help="with --simulate: as if today were YYYY-MM-DD")

    def handle(self, *, simulate: bool, on: date | None, **_options: Any) -> None:
        if on and not simulate:
            raise CommandError("--on goes with --simulate only: nothing is deleted before its day.")
        day = on or clock.today()
        for kind in KINDS:
            terms = "; ".join(f"{term.value} {term.unit} ({term.basis})" for term in kind.terms)
            self.stdout.write(f"{kind.code:<11} {kind.due(day):>8}  {terms}")
        if simulate:
            self.stdout.write(f"Simulated for {day.isoformat()}: nothing was changed.")
            return
        system, gone, beyond = system_user(), 0, 0
        with pghistory.context(actor=system.pk, purpose="privacy.retention"):
            for kind in KINDS:
                if kind.remove is not None:
                    kind.remove()
            while done := forget_due(actor=system, beyond=beyond):
                gone, beyond = gone + len(done), done[-1]
        self.stdout.write(f"{gone} persons were made anonymous.")
