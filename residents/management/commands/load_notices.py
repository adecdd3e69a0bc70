from typing import Any

from django.core.management.base import BaseCommand

from residents.services.notices import load_notices


class Command(BaseCommand):
    help = "Load the notice of data collection that ships with the product. Repeatable; known versions stay."

    def handle(self, *args: Any, **options: Any) -> None:
        created = load_notices()
        self.stdout.write("notice loaded" if created else "notice already known")
