"""Every page that a person can open: who opens it and where it is, made from the demo county.

A new GET address goes into PAGES, or into FRAGMENTS with the reason why nobody sees it alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from residents.choices import RegistrationStatus
from residents.models import Registration

COMMUNITY = "330822001001"
MAIN_SIZE = 10


@dataclass(frozen=True)
class PortalPage:
    """`name` is the URL's name, with a variant after a slash. `main`: one of the ten most used, held to more rules.
    `chart`: loads the chart bundle. `paper`: a print view; paper is black on white in every theme, without a shell."""

    name: str
    role: str
    path: Callable[[], str]
    main: bool = False
    chart: bool = False
    paper: bool = False
    status: int = 200

    def __str__(self) -> str:
        return self.name

    @property
    def url_name(self) -> str:
        return self.name.split("/")[0]


def page(name: str, role: str, *args: Callable[[], object], query: str = "", **rest: bool) -> PortalPage:
    def path() -> str:
        return reverse(name.split("/")[0], args=[make() for make in args]) + query

    return PortalPage(name, role, path, **rest)


def broken(name: str, role: str, path: str, status: int) -> PortalPage:
    return PortalPage(name, role, lambda: path, status=status)


def household_head() -> Registration:
    """Somebody in residence in the co-administrator's community, with companions."""
    return (
        Registration.objects.filter(
            area_code__startswith=COMMUNITY, status=RegistrationStatus.ACTIVE, companions__isnull=False
        )
        .order_by("pk")
        .distinct()[0]
    )


PAGES = [
    page("login", ""),
    page("reports:workbench", "coadmin", main=True, chart=True),
    page("reports:workbench/reviewer", "police", chart=True),
    page("reports:workbench/administrator", "sysadmin", chart=True),
    page("reports:dashboard", "leader", main=True, chart=True),
    page("reports:dashboard_area", "leader", lambda: "330822001", chart=True),
    page("reports:dashboard_area/community", "leader", lambda: COMMUNITY, chart=True),
    page("residents:arrival_new", "coadmin", main=True),
    page("residents:arrival_household", "coadmin", main=True),
    page("residents:arrival_drafts", "coadmin"),
    page("residents:arrival_voucher", "coadmin", lambda: household_head().pk),
    page("residents:voucher_check", "", lambda: household_head().voucher),
    page("exports:centre", "clerk", main=True),
    page("exports:preview", "clerk", lambda: "L1"),
    page("exports:preview/statistic", "clerk", lambda: "S1"),
    page("jobs:mine", "clerk"),
    page("jobs:failures", "auditor"),
    page("ui:prefs", "coadmin"),
    page("ui:styleguide", "coadmin", chart=True),
    broken("error/400", "coadmin", "/on-purpose/400/", 400),
    broken("error/403", "leader", "/arrivals/new/", 403),
    broken("error/404", "coadmin", "/no-such-page/", 404),
    broken("error/500", "coadmin", "/on-purpose/500/", 500),
    broken("error/csrf", "coadmin", "/on-purpose/csrf/", 403),
]

FRAGMENTS = {
    "healthz": "for machines",
    "readyz": "for machines",
    "ui:palette": "results inside the search dialog",
    "ui:bell": "the bell in the head of the page",
    "ui:watermark": "a picture",
    "exports:download": "a file",
    "jobs:status": "one row that renews itself",
    "residents:arrival_addresses": "options of the address field",
    "residents:arrival_divisions": "options of the hukou field",
    "residents:arrival_duplicates": "the panel beside the form",
    "residents:arrival_duty": "remarks beside the form",
    "residents:arrival_dwelling": "the form inside the dialog for a new dwelling",
    "residents:arrival_load": "fills the form",
    "residents:arrival_companion": "remarks in the row of a companion",
}
