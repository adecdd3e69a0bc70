"""Role × field × channel: every personal and sensitive field carries a value of its own, every channel is looked
through for every one of them. Endpoints, roles, ledgers, fields and policies are read from the product."""

import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse

from demo.grants import ROLES, grants_of
from portal.audit.models import ThreeAdmin
from portal.audit.three_admins import RIGHTS
from portal.exchange.ledgers import all_ledgers
from portal.exchange.render import Purpose, preview, render
from portal.exchange.services import default_order, may_unmask, params_of
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import grant_codename
from portal.vault.projection import EXPORT, EXPORT_FULL, Shown, policy_of, shown
from residents.models import Dwelling, Person, Registration, RegistrationChange, Visit
from residents.services.projection import REVEALABLE
from tests.canaries import Canary, Planter, links_within, outside_policy
from tests.factories.org import AreaFactory, PoliceDelegationFactory, StaffFactory
from tests.factories.permits import ApplicationFactory, PermitFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory
from tests.matrix import PUBLIC, Endpoint, Grant
from tests.test_access_matrix import ENDPOINTS

pytestmark = pytest.mark.django_db
OWN, FOREIGN = "330822001001", "330203001001"
PLACES = {"own": OWN, "foreign": FOREIGN}
SEARCHED = ("person_list", "dwelling_list", "application_queue", "endorsement_list", "arrival_addresses")
PARTS_OF_A_PAGE = 4
looked = Counter[str]()


def roles_that_differ() -> dict[str, set[str]]:
    """One role for each set of grants: eight departments hold the same few."""
    found: dict[frozenset[str], str] = {}
    for role in ROLES:
        held = frozenset(grant_codename(model, action) for model, actions in grants_of(role) for action in actions)
        found.setdefault(held, role)
    return {role: set(held) for held, role in found.items()}


HELD = roles_that_differ()


@pytest.fixture(autouse=True)
def areas(db):
    for code in ("330822", "330822001", OWN, "330203", "330203001", FOREIGN):
        AreaFactory.create(code=code)
    PoliceDelegationFactory.create(area_code="330822")
    PoliceDelegationFactory.create(area_code="330203")


@pytest.fixture(scope="module", autouse=True)
def report():
    """For the figure H1b."""
    yield
    if os.environ.get("FIELD_MATRIX_REPORT"):
        lines = [f"{key} {count}" for key, count in sorted(looked.items())]
        Path(os.environ["FIELD_MATRIX_REPORT"]).write_text("\n".join(lines), encoding="utf-8")


def staff(role: str, area_code: str) -> User:
    user = StaffFactory.create(role=role, area_code=area_code)
    if role in RIGHTS:
        ThreeAdmin.objects.create(user=user, kind=role)
    permissions = Permission.objects.filter(codename__in=HELD[role])
    AreaUserGrant.objects.bulk_create(
        AreaUserGrant(user=user, permission=one, content_object=AreaFactory.create(code=area_code))
        for one in permissions
    )
    return user


def county() -> Registration:
    """A household with its past, a permit and a file, beside whatever a page is about."""
    home = DwellingFactory.create(area_code=OWN, landlord_phone="13900009999")
    stay = RegistrationFactory.create(dwelling=home)
    person, registrar = stay.person, stay.registrar
    RegistrationFactory.create(dwelling=home, head=stay)
    past = DwellingFactory.create(area_code=FOREIGN)
    old = RegistrationFactory.create(dwelling=past, person=person, status="void")
    permit = PermitFactory.create(person=person, dwelling=home, area_code=OWN)
    ApplicationFactory.create(person=person, registration=stay, permit=permit, area_code=OWN)
    common = {"registration": stay, "person": person, "area_code": OWN}
    RegistrationChange.objects.create(
        kind="workplace", recorded_on=stay.arrived_on, happened_on=stay.arrived_on, actor=registrar, **common
    )
    Visit.objects.create(visited_on=stay.arrived_on, result="present", visitor=registrar, **common)
    assert old.area_code == FOREIGN
    return stay


def checked(content: str, canaries: list[Canary], viewer: User, channel: str, **asked: Any) -> list[str]:
    looked[channel] += len(canaries)
    wrong = outside_policy(content, canaries, viewer, **asked)
    looked["found"] += len(wrong)
    return [f"{channel}: {path}" for path in wrong]


def everything_in(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers}\n{response.cookies}\n{body.decode(errors='replace')}"


def channel_of(endpoint: Endpoint, response: Any) -> str:
    if "json" in response.headers.get("Content-Type", ""):
        return "json"
    for word, channel in (
        ("reveal", "reveal"),
        ("list", "list"),
        ("queue", "list"),
        ("palette", "search"),
        ("address", "autocomplete"),
        ("division", "autocomplete"),
        ("duplicates", "autocomplete"),
        ("voucher", "print"),
        ("card", "print"),
        ("sheet", "print"),
        ("receipt", "print"),
        ("plate", "print"),
    ):
        if word in endpoint.name:
            return channel
    return "detail"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_no_page_shows_a_field_outside_its_policy(endpoint):
    county()
    row = endpoint.row(OWN) if endpoint.row else None
    canaries = Planter().plant()
    if row is not None and hasattr(row, "refresh_from_db"):
        row.refresh_from_db()
    grant = (endpoint.needs.model, endpoint.needs.action) if isinstance(endpoint.needs, Grant) else None
    wrong: list[str] = []
    for name, client, viewer in viewers_of(endpoint):
        data = endpoint.data(row)
        revealed = str(data.get("field", "document_number")) if endpoint.name.endswith("_reveal") else ""
        for content, channel in contents(endpoint, client, row, data):
            found = checked(content, canaries, viewer, channel, grant=grant, revealed=revealed)
            wrong += [f"{name}, {one}" for one in found]
    assert wrong == []


def viewers_of(endpoint: Endpoint) -> Iterator[tuple[str, Client, Any]]:
    """A visitor for public pages; for the others everybody who gets in, and one who does not."""
    if endpoint.needs == PUBLIC:
        yield "visitor", Client(), AnonymousUser()
        return
    needs = endpoint.needs
    wanted = grant_codename(needs.model, needs.action) if isinstance(needs, Grant) else ""
    let_in = [role for role, held in HELD.items() if not wanted or wanted in held]
    for role in [*let_in, *[role for role in HELD if role not in let_in][:1]]:
        for place, code in PLACES.items():
            client, viewer = Client(), staff(role, code)
            client.force_login(viewer)
            yield f"{role} at {place}", client, viewer


def contents(endpoint: Endpoint, client: Client, row: Any, data: dict[str, Any]) -> list[tuple[str, str]]:
    """The page and the other parts of it that it links to."""
    url = reverse(endpoint.name, args=endpoint.args(row) if row is not None else [])
    query = "&".join(f"{key}={value}" for key, value in endpoint.query(row).items())
    found, asked = [], [f"?{query}" if query else ""]
    for part in asked:
        with transaction.atomic():
            response = getattr(client, endpoint.method)(url + part, data, secure=True)
            content = everything_in(response)
            transaction.set_rollback(True)
        found.append((content, "history" if "record" in part else channel_of(endpoint, response)))
        if endpoint.method == "get" and len(found) == 1 and response.status_code == HTTPStatus.OK:
            asked += list(links_within(content))[:PARTS_OF_A_PAGE]
    return found


@pytest.mark.parametrize("role", HELD)
@pytest.mark.parametrize("place", PLACES)
def test_no_search_tells_more_than_its_policy(role, place):
    stay = county()
    canaries = Planter().plant()
    person = Person._base_manager.get(pk=stay.person_id)
    home = Dwelling._base_manager.get(pk=stay.dwelling_id)
    viewer, client = staff(role, PLACES[place]), Client()
    client.force_login(viewer)
    typed = [
        person.document_number,
        person.document_number[-4:],
        f"{person.name[:1]}{person.document_number[-4:]}",
        person.phone,
        person.name,
        person.name[:2],
        home.address,
        home.shorthand,
    ]
    wrong: list[str] = []
    for text in typed:
        answers = [client.post(reverse("ui:palette"), {"q": text}, secure=True)]
        answers += [client.get(reverse(f"residents:{name}"), {"q": text}, secure=True) for name in SEARCHED]
        for answer in answers:
            wrong += checked(without(everything_in(answer), text), canaries, viewer, "search")
    assert wrong == []


def without(content: str, typed: str) -> str:
    """The box repeats what was typed; the number is looked for elsewhere, in parts that were not typed."""
    return content.replace(typed, "")


@pytest.mark.parametrize("role", HELD)
@pytest.mark.parametrize("place", PLACES)
def test_no_file_holds_a_field_outside_its_policy(role, place):
    county()
    canaries = Planter().plant()
    viewer = staff(role, PLACES[place])
    wrong: list[str] = []
    for ledger in all_ledgers():
        for full in (False, True):
            if full and not may_unmask(viewer, ledger, PLACES[place]):
                continue
            try:
                params = params_of(default_order(ledger, actor=viewer), actor=viewer)
            except PermissionDenied:
                continue
            purpose = EXPORT_FULL if full else EXPORT
            texts = {"preview": str(preview(ledger, params).rows)}
            texts |= {kind: file_of(ledger, params, kind, full) for kind in ("xlsx", "csv")}
            for kind, text in texts.items():
                looked[kind] += len(canaries)
                found = [one.path for one in canaries if one.is_in(text) and not may_leave(one, viewer, purpose)]
                looked["found"] += len(found)
                wrong += [f"{ledger.code} {kind} {purpose}: {path}" for path in found]
    assert wrong == []


def may_leave(canary: Canary, viewer: User, purpose: str) -> bool:
    level = shown(canary.model, canary.field, viewer=viewer, at=canary.at, purpose=purpose)
    return level is Shown.FULL


def file_of(ledger: Any, params: Any, fmt: str, full: bool) -> str:
    out = io.BytesIO()
    render(ledger, params, out, fmt=fmt, purpose=Purpose(reason="核对", full=full), progress=lambda _done, _all: None)
    if fmt == "csv":
        return out.getvalue().decode("utf-8-sig")
    with zipfile.ZipFile(out) as book:
        return "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())


@pytest.mark.parametrize("role", HELD)
@pytest.mark.parametrize("place", PLACES)
def test_reveal_gives_one_field_to_those_who_may_and_no_other(role, place):
    stay = county()
    canaries = Planter().plant()
    viewer, client = staff(role, PLACES[place]), Client()
    client.force_login(viewer)
    url = reverse("residents:person_reveal", args=[stay.person_id])
    may = place == "own" and grant_codename(Person, "reveal") in HELD[role]
    wrong: list[str] = []
    for field in (one.name for one in Person._meta.local_concrete_fields):
        data = {"field": field, "reason_code": "identity", "reason_text": "窗口核对"}
        response = client.post(url, data, secure=True)
        wrong += checked(everything_in(response), canaries, viewer, "reveal", revealed=field)
        if (response.status_code == 200) is not (may and field in REVEALABLE):
            wrong.append(f"{field}: {response.status_code}")
    assert wrong == []


def test_the_looking_finds_what_is_shown(client):
    """A matrix that cannot fail proves nothing: the officer's page does hold the canaries that the policy gives."""
    stay = county()
    canaries = Planter().plant()
    officer = staff("police", OWN)
    client.force_login(officer)
    page = client.get(reverse("residents:person_detail", args=[stay.person_id]), secure=True).content.decode()
    seen = {one.path for one in canaries if one.is_in(page)}
    assert {"residents.Person.name", "residents.Registration.workplace", "residents.Registration.remark"} <= seen
    assert "residents.Person.document_number" not in seen
    stranger = staff("labour", OWN)
    assert "residents.Person.name" in outside_policy(page, canaries, stranger)


def test_every_personal_field_that_can_carry_a_canary_has_one():
    county()
    planted = {one.path for one in Planter().plant()}
    wanted = {
        *(f"residents.Person.{name}" for name in ("name", "document_number", "phone", "ethnicity", "native_address")),
        *(f"residents.Person.{name}" for name in ("birth_date", "photo", "document_note", "mismatch_reason")),
        *(f"residents.Registration.{name}" for name in ("workplace", "remark", "left_for", "occupation")),
        *(f"residents.Dwelling.{name}" for name in ("landlord_name", "landlord_phone")),
        *(f"residents.RegistrationChange.{name}" for name in ("before", "after", "reason", "destination")),
        *("residents.Visit.note", "residents.PermitApplication.applicant", "org.User.display_name"),
    }
    assert wanted <= planted


def test_every_model_with_rows_on_a_page_has_a_policy():
    county()
    models = {one.model for one in Planter().plant()} - {User}
    assert [model._meta.label for model in models if not policy_of(model).rules] == []
