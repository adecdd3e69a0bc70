from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import localtime

from portal.accounts.services import issue_first_run_code


class Command(BaseCommand):
    help = (
        "Print the one-time code for /first-run/, where the first administrator of an installation is made. "
        "Prints nothing once there is an account. Each call ends the code before it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        issued = issue_first_run_code()
        if issued is None:
            return
        until = localtime(issued.expires_at).strftime("%Y-%m-%d %H:%M")
        self.stdout.write("首次启动：请打开 /first-run/，用下面的一次性口令建立系统管理员。")
        self.stdout.write("First start: open /first-run/ and make the system administrator with this one-time code.")
        self.stdout.write(f"  {issued.code}    有效至 {until} · valid until {until}")
