from typing import Any

from django.core.management.base import BaseCommand

from rentals.services.recount import index_phones, recount_homes, recount_letters


class Command(BaseCommand):
    help = "Count rented homes and letters anew from the register, and index the phones of landlords without one."

    def handle(self, **_options: Any) -> None:
        doors, letters = recount_homes(), recount_letters()
        self.stdout.write(f"{doors} doors and {letters} letters stood wrong, {index_phones()} phones were indexed")
