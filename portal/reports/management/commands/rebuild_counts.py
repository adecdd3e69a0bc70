from typing import Any

from django.core.management.base import BaseCommand

from portal.reports import services


class Command(BaseCommand):
    help = "Count the figures of the dashboard anew from the register."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"{services.rebuild()} figures counted")
