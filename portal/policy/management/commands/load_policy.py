from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.policy import loading, packs


class Command(BaseCommand):
    help = "Load the rules of a policy pack (and of the packs it requires), the code tables and the division codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pack", action="append", help="May be given several times; default: changshan.")
        parser.add_argument("--all", action="store_true", help="Every pack that ships with the product.")

    def handle(self, *_args: Any, **options: Any) -> None:
        names = packs.available() if options["all"] else options["pack"] or ["changshan"]
        try:
            outcome = loading.load(names)
        except packs.PackError as error:
            raise CommandError(str(error)) from error
        for line in outcome.lines:
            self.stdout.write(line)
        if not outcome.changed_anything:
            self.stdout.write("Nothing changed.")
            return
        self.stdout.write("Added: " + ", ".join(f"{count} {kind}" for kind, count in outcome.added.items()) + ".")
