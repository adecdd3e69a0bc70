from typing import Any

from django.core.management.base import BaseCommand

from rentals.services.recount import index_phones, recount_homes


class Command(BaseCommand):
    help = "Count the rented homes anew from the register, and index the phones of landlords that have none yet."

    def handle(self, **_options: Any) -> None:
        self.stdout.write(f"{recount_homes()} doors were counted wrongly, {index_phones()} phones were indexed")
