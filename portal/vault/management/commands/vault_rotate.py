from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.vault import keyring
from portal.vault.cipher import DecryptionError
from portal.vault.rotation import BATCH, encrypted_columns, rotate


class Command(BaseCommand):
    help = "Re-encrypt every stored value with the newest key version. May be stopped and started again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="Rows a transaction.")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.stdout.write(f"Newest key version: {keyring.reload().current}.")
        for column in encrypted_columns():
            try:
                count = rotate(column, batch=options["batch"])
            except (DecryptionError, keyring.UnknownKeyVersionError) as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{column.table}.{column.column}: {count} values re-encrypted.")
