"""Values that must not be met outside policy, and a working day that handles every one of them.

The canaries are the ID numbers, phones, names and addresses of people of the demo county, and values that are typed
into forms here: of strangers, with mistakes, as account names, as file names.
"""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from portal.exchange import services as exchange
from portal.exchange.ledgers import all_ledgers
from portal.jobs import services as jobs
from portal.jobs import worker
from portal.jobs.kinds import runs
from portal.jobs.models import Job
from portal.org.models import User
from portal.org.walls.context import scoped_transaction
from residents.models import Dwelling, Permit, PermitApplication, Person, Registration

PEOPLE = 150
TYPED = 60
ROLES = ("police", "coadmin", "clerk", "secadmin", "auditor")
# Ends the session, or asks for something outside: not part of a working day in one process.
LEFT_OUT = {"logout", "first_run", "sso_begin", "sso_callback", "cas_login"}
SHORTEST_NAME = 3


@dataclass
class Canaries:
    """C4 may be nowhere in the clear, C3 nowhere outside the register's own columns and pages.

    Doors stand in the address master, which is C2: the page of a door has its address as title; logs still have not.
    """

    c4: set[str] = field(default_factory=set)
    c3: set[str] = field(default_factory=set)
    doors: set[str] = field(default_factory=set)

    @property
    def personal(self) -> set[str]:
        return self.c4 | self.c3

    @property
    def all(self) -> set[str]:
        return self.personal | self.doors


@dataclass
class Seen:
    """What left the product beside the bodies of pages."""

    requests: int = 0
    refused: int = 0
    broken: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def take(self, answer: Any, path: str) -> None:
        self.requests += 1
        self.refused += answer.status_code >= 400  # noqa: PLR2004
        if answer.status_code == 500:  # noqa: PLR2004
            self.broken.append(path)
        self.texts += [f"{name}: {value}" for name, value in answer.headers.items()]
        self.texts += [str(cookie) for cookie in answer.cookies.values()]
        if not getattr(answer, "streaming", False):
            self.texts += outward(answer.content.decode(errors="replace"))


def outward(page: str) -> list[str]:
    """Titles and addresses of a page: browsers keep both long after the page is gone."""
    found = [part.split("</title>")[0] for part in page.split("<title>")[1:]]
    for name in ('href="', 'src="', 'action="', 'hx-get="', 'hx-post="', 'data-url="', 'data-src="'):
        found += [part.split('"')[0] for part in page.split(name)[1:]]
    return found


def of_the_county() -> Canaries:
    canaries = Canaries()
    with scoped_transaction(account("police")):
        people = Person.objects.exclude(phone_index=None).order_by("pk")[:PEOPLE]
        for person in people:
            canaries.c4 |= {person.document_number, person.phone}
            if len(person.name) >= SHORTEST_NAME:
                canaries.c3.add(person.name)
        stays = Registration.objects.filter(person__in=[one.pk for one in people]).select_related("dwelling")
        canaries.doors |= {stay.dwelling.address for stay in stays}
    return canaries


def typed() -> Canaries:
    """Valid numbers of nobody in the county, phones and names, always the same ones."""
    dice = random.Random(663)
    canaries = Canaries()
    for number in range(TYPED):
        birthday = f"19{dice.randint(50, 99)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
        body = f"522401{birthday}{dice.randint(100, 999)}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        check = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
        canaries.c4 |= {body + check, f"199{dice.randint(10_000_000, 99_999_999)}"}
        canaries.c3.add(f"穆罕默德阿依{chr(0x4E00 + 97 * number)}")
    return canaries


def account(role: str) -> User:
    return User.objects.get(username=role)


def working_day(canaries: Canaries, strangers: Canaries) -> Seen:
    """Every page as every role, searches, reveals, refusals, errors, exports and jobs that fail."""
    seen = Seen()
    for role in ROLES:
        client = Client(raise_request_exception=False)
        client.force_login(account(role))
        for path in addresses():
            seen.take(client.get(path, secure=True), path)
        type_in(client, role, strangers, seen)
    log_in_wrongly(strangers, seen)
    reveal_all(canaries, seen)
    export_all(seen)
    fail(canaries, seen)
    return seen


def addresses() -> Iterator[str]:
    """Every address of the product that opens with GET, filled in from the county."""
    values = examples()
    for name, pattern in named(get_resolver().url_patterns):
        arguments = list(pattern.pattern.converters.items())
        if name.partition("/")[0] in LEFT_OUT:
            continue
        for value in values if arguments else [None]:
            try:
                yield reverse(name, args=[value] * len(arguments) if value is not None else [])
            except NoReverseMatch:
                continue


def named(patterns: list[Any], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from named(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", pattern


def examples() -> list[Any]:
    with scoped_transaction(account("police")):
        rows = [model.objects.order_by("pk").first() for model in (Person, Dwelling, Registration, Permit)]
        file = PermitApplication.objects.order_by("-pk").first()
        job = Job.objects.first()
        values: list[Any] = [row.pk for row in (*rows, file) if row is not None]
        return [*dict.fromkeys(values), *([job.pk] if job else []), all_ledgers()[0].code, "330822001001"]


def type_in(client: Client, role: str, strangers: Canaries, seen: Seen) -> None:
    """Searches and forms with everything a clerk may type, mistakes included; refusals keep the values on screen."""
    values = sorted(strangers.all)
    words = dict(zip(FIELDS, values, strict=False))
    for path in (*FORMS, *(reverse("residents:person_list"),)):
        seen.take(client.post(path, words, secure=True), path)
    for value in values[:: len(ROLES)]:
        seen.take(client.post(reverse("ui:palette"), {"q": value}, secure=True), "palette")
        seen.take(
            client.get(f"/no-such-page/{role}/", headers={"Referer": f"https://x/{role}"}, secure=True), "missing"
        )
    scan = SimpleUploadedFile(f"{values[0]}.jpg", b"\xff\xd8\xff broken", "image/jpeg")
    with scoped_transaction(account("police")):
        file = PermitApplication.objects.order_by("pk").first()
    if file:
        path = reverse("residents:evidence_add", args=[file.pk])
        seen.take(client.post(path, {"kind": "lease", "file": scan}, secure=True), path)


FORMS = ("/arrivals/new/", "/arrivals/check/", "/permits/files/new/", "/login/", "/exports/", "/prefs/", "/csp-report")
FIELDS = (
    "document_number",
    "phone",
    "name",
    "q",
    "username",
    "password",
    "native_address",
    "landlord_phone",
    "landlord_name",
    "reason",
    "note",
    "ledger",
    "main-document_number",
    "main-phone",
    "main-name",
)


def log_in_wrongly(strangers: Canaries, seen: Seen) -> None:
    """People type their ID number or phone where the account name belongs."""
    client = Client(raise_request_exception=False)
    for value in sorted(strangers.c4)[:20]:
        answer = client.post("/login/", {"username": value, "password": value}, secure=True)
        seen.take(answer, "login")


def reveal_all(canaries: Canaries, seen: Seen) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(account("police"))
    with scoped_transaction(account("police")):
        keys = list(Person.objects.exclude(phone_index=None).order_by("pk").values_list("pk", flat=True)[:PEOPLE])
    for key in keys:
        path = reverse("residents:person_reveal", args=[key])
        words = {"field": "document_number", "reason": "window", "reason_code": "window", "reason_text": "核对证件"}
        seen.take(client.post(path, words, secure=True), path)


def export_all(seen: Seen) -> None:
    """Each ledger, masked and full, as a workbook and as CSV; then fetched."""
    clerk = account("police")
    client = Client(raise_request_exception=False)
    client.force_login(clerk)
    for ledger in all_ledgers():
        for fmt in ("xlsx", "csv"):
            with scoped_transaction(clerk):
                if ledger not in exchange.ledgers_for(clerk):
                    continue
                order = exchange.default_order(ledger, actor=clerk)
                full = exchange.may_unmask(clerk, ledger, order.area_code)
                order = order.__class__(**{**vars_of(order), "format": fmt, "full": full})
                job = exchange.request_ledger(order=order, reason="每月报送", actor=clerk)
            worker.run(str(job.pk))
            path = reverse("exports:download", args=[job.pk])
            answer = client.get(path, secure=True)
            for _chunk in getattr(answer, "streaming_content", ()):
                pass
            seen.take(answer, path)


def vars_of(order: Any) -> dict[str, Any]:
    return {name: getattr(order, name) for name in order.__dataclass_fields__}


def fail(canaries: Canaries, seen: Seen) -> None:
    """Jobs that fail with the data in their hands, on the last attempt and before it."""
    values = sorted(canaries.all)

    def break_down(_job: Job, out: io.BytesIO) -> None:
        out.write("".join(values).encode())
        raise ValueError(f"cannot handle {values[0]} {values[-1]}")

    runs("prove.failing")(break_down)  # type: ignore[arg-type]
    clerk = account("police")
    with scoped_transaction(clerk):
        job = jobs.enqueue(kind="prove.failing", actor=clerk)
    for _attempt in range(jobs.MAX_ATTEMPTS):
        Job.objects.filter(pk=job.pk).update(lease_until=None)
        worker.run(str(job.pk))
    seen.requests += jobs.MAX_ATTEMPTS
