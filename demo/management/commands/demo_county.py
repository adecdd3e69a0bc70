"""Fills an empty installation with 常山县: areas, law, departments, accounts and a population that nobody is."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.campaigns import fill_campaigns
from demo.county import fill, grids
from demo.draws import settings_file
from demo.duplicates import fill_duplicates
from demo.inspections import fill_inspections
from demo.leases import fill_leases
from demo.letters import fill_letters
from demo.rentals import fill_rentals
from demo.reorganisation import plan_reorganisation
from demo.reset import empty_register
from demo.rights import fill_rights
from demo.staff import COUNTY_CODE, load_staff
from demo.tenancy_reports import fill_reports
from demo.visits import fill_visits
from portal.org.models import Area, User
from portal.org.services import load_areas
from residents.models import Person

KEPT_IN = "demo-password"
SYLLABLES = "abcdefghjkmnpqrstuvwxyz"


class Command(BaseCommand):
    help = "Make the demo county: areas, policy, departments, accounts and an invented population."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=12_000, help="how many persons (default 12000)")
        parser.add_argument("--seed", type=int, default=330822, help="the same seed on the same day: the same people")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when somebody is registered already")
        parser.add_argument("--reset", action="store_true", help="throw the register away first")

    def handle(self, *, people: int, seed: int, if_empty: bool, reset: bool, **_options: Any) -> None:
        if not settings.DEMO_ACCOUNTS:
            raise CommandError("This is not a demo installation (DEMO_ACCOUNTS is off): nothing was written.")
        if people < 1:
            raise CommandError("--people must be at least 1.")
        if reset:
            empty_register()
        filled = Person.objects.exists()
        if filled and not if_empty:
            raise CommandError("The register is not empty. Use --reset to throw it away, or --if-empty to leave it.")
        password = the_password()
        if not filled:
            call_command("load_areas", COUNTY_CODE, stdout=self.stdout)
            call_command("load_policy", stdout=self.stdout)
            load_areas(grids(settings_file("places")["communities"]["grids"], _community_codes()))
            staff = load_staff(password=password, seed=seed)
            fill(people=people, seed=seed, staff=staff, say=self.stdout.write)
            fill_rights()
            fill_visits()
            fill_rentals(seed=seed)
            fill_leases(seed=seed)
            fill_reports(seed=seed)
            fill_inspections(seed=seed)
            fill_campaigns()
            fill_letters(seed=seed)
            plan_reorganisation()
            fill_duplicates()
        self._print_accounts(password)

    def _print_accounts(self, password: str) -> None:
        names = {account["username"]: account for account in settings_file("staff")["account"]}
        users = User.objects.filter(username__in=names).select_related("department")
        areas = dict(Area.objects.filter(code__startswith=COUNTY_CODE).values_list("code", "name"))
        known = any(user.check_password(password) for user in users if user.username == "coadmin")
        self.stdout.write("")
        self.stdout.write("演示账号 · demo accounts")
        for user in sorted(users, key=lambda one: list(names).index(one.username)):
            where = areas.get(user.area_code, user.area_code)
            self.stdout.write(f"  {user.username:<11}{user.display_name}  {user.department} {user.title}（{where}）")
        if known:
            self.stdout.write(f"  密码 · password: {password}")
        else:
            place = Path(settings.DATA_DIR) / "secrets" / KEPT_IN
            self.stdout.write(f"  密码在首次写入时设定（DEMO_PASSWORD 或 {place}）。")
            self.stdout.write("  The password was set at the first seeding and is not the present DEMO_PASSWORD.")


def the_password() -> str:
    """DEMO_PASSWORD, or one made once and kept in DATA_DIR/secrets, readable by the owner only."""
    if chosen := os.environ.get("DEMO_PASSWORD"):
        return chosen
    path = Path(settings.DATA_DIR) / "secrets" / KEPT_IN
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        groups = ["".join(secrets.choice(SYLLABLES) for _letter in range(4)) for _group in range(3)]
        path.touch(mode=0o600)
        path.write_text("-".join(groups).capitalize() + str(10 + secrets.randbelow(90)), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _community_codes() -> list[str]:
    return list(Area.objects.filter(code__startswith=COUNTY_CODE).values_list("code", flat=True))
