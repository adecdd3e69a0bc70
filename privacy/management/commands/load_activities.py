from typing import Any

from django.core.management.base import BaseCommand

from privacy.services.activities import load_activities


class Command(BaseCommand):
    help = "Load the register of processing activities; rows changed by hand are left alone."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"{load_activities()} activities written.")
