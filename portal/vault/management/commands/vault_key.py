from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.vault import keyring
from portal.vault.suites import SUITES


class Command(BaseCommand):
    help = "Create the vault's key file, or add a key version to it. Back the file up apart from the database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--create", action="store_true", help="Refused when the file exists.")
        act.add_argument("--add-version", action="store_true", help="New values use it; then run vault_rotate.")
        parser.add_argument("--suite", choices=sorted(SUITES), default=settings.VAULT_SUITE)

    def handle(self, *_args: Any, **options: Any) -> None:
        path = Path(settings.VAULT_KEY_FILE)
        if options["add_version"]:
            try:
                version = keyring.add_version(path, options["suite"])
            except ImproperlyConfigured as error:
                raise CommandError(str(error)) from error
            keyring.reload()
            self.stdout.write(
                f"Key version {version} ({options['suite']}) added. Restart the servers: new values use it."
            )
            return
        try:
            keyring.generate(path)
        except FileExistsError as error:
            raise CommandError(f"{path} exists already; it may be the only key to stored data.") from error
        self.stdout.write(f"Key file written to {path}. Back it up now, apart from the database.")
