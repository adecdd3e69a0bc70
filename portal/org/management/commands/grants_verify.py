from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.org.models import AreaUserGrant
from portal.org.verification import broken_seals


class Command(BaseCommand):
    help = "Check the seal of every grant; exits 1 and names those written past the product."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(broken_seals())
        for row in broken:
            holder = row.user.username if isinstance(row, AreaUserGrant) else row.group.name
            told = f"{holder} · {row.permission.codename} · {row.content_object.code}"
            self.stdout.write(f"broken seal: {told} (#{row.pk})")
        if broken:
            raise CommandError(f"{len(broken)} grants carry no valid seal.")
        self.stdout.write("All grants carry their seal.")
