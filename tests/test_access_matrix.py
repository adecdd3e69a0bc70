"""Every URL × role × {own area, area above, foreign area}, asked through the real middleware."""

import importlib
import os
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import tests.matrix
from demo.grants import ROLES, grants_of
from portal.audit.models import ThreeAdmin
from portal.audit.three_admins import RIGHTS
from portal.org.models import Area, AreaUserGrant, User
from portal.org.scoping import grant_codename
from tests import surface
from tests.factories.org import AreaFactory, PoliceDelegationFactory, StaffFactory
from tests.matrix import LOGGED_IN, PUBLIC, Endpoint, Grant

pytestmark = pytest.mark.django_db

OWN, FOREIGN = "330822001001", "330203001001"
ABOVE = {"own": OWN, "above": "330822", "foreign": FOREIGN}
FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, FOUND = 403, 404, 405, 302
FORM_ANSWERS = (200, FOUND, 422)


def all_endpoints() -> list[Endpoint]:
    found: list[Endpoint] = []
    for module in pkgutil.iter_modules(tests.matrix.__path__):
        found += importlib.import_module(f"tests.matrix.{module.name}").ENDPOINTS
    forms = [replace(one, method="post", ok=FORM_ANSWERS, form=False, secret=None) for one in found if one.form]
    return found + forms


ENDPOINTS = all_endpoints()


def url_names(patterns: list[Any], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from url_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"


def test_every_url_is_in_the_matrix():
    assert set(url_names(get_resolver().url_patterns)) == {endpoint.name for endpoint in ENDPOINTS}


@pytest.fixture
def areas() -> dict[str, Area]:
    codes = ["330822", "330822001", OWN, "330203", "330203001", FOREIGN]
    made = {code: AreaFactory.create(code=code) for code in codes}
    PoliceDelegationFactory.create(area_code="330822")
    PoliceDelegationFactory.create(area_code="330203")
    return made


def staff(role: str, area: Area) -> User:
    """One insert for all the grants of a role: this runs thousands of times."""
    user = StaffFactory.create(role=role, area_code=area.code)
    if role in RIGHTS:
        ThreeAdmin.objects.create(user=user, kind=role)
    AreaUserGrant.objects.bulk_create(
        AreaUserGrant(user=user, permission=PERMISSIONS[codename], content_object=area) for codename in held_by(role)
    )
    return user


@pytest.fixture(autouse=True)
def production(settings, monkeypatch):
    """Headers and cookies are asserted as nginx and browsers get them."""
    surface.as_in_production(settings, monkeypatch)


PERMISSIONS: dict[str, Permission] = {}


@pytest.fixture(autouse=True)
def permissions(db):
    if not PERMISSIONS:
        PERMISSIONS.update({one.codename: one for one in Permission.objects.filter(content_type__app_label="org")})


def held_by(role: str) -> set[str]:
    return {grant_codename(model, action) for model, actions in grants_of(role) for action in actions}


def ask(endpoint: Endpoint, client: Client, row: Any) -> Any:
    url = reverse(endpoint.name, args=endpoint.args(row) if row is not None else [])
    if query := endpoint.query(row):
        url += "?" + "&".join(f"{key}={value}" for key, value in query.items())
    with transaction.atomic():
        response = getattr(client, endpoint.method)(url, endpoint.data(row), secure=True)
        assert surface.faults(response) == []
        content = getattr(response, "content", b"")
        transaction.set_rollback(True)
    return response.status_code, content.decode(errors="replace")


def expected(endpoint: Endpoint, role: str, place: str) -> tuple[int, ...]:
    told = endpoint.verdict(role, place)
    if told is not None:
        return (told,)
    if endpoint.needs in {PUBLIC, LOGGED_IN}:
        return endpoint.ok
    assert isinstance(endpoint.needs, Grant)
    opening = {grant_codename(one.model, one.action) for one in (endpoint.needs, *endpoint.also)}
    if not opening & held_by(role):
        return (FORBIDDEN,)
    return (NOT_FOUND,) if place == "foreign" and endpoint.by_row else endpoint.ok


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=str)
def test_every_role_gets_what_its_grants_say(endpoint, areas):
    row = endpoint.row(OWN) if endpoint.row else None
    wrong = []
    for role in ROLES:
        for place, code in ABOVE.items():
            client = Client()
            client.force_login(staff(role, areas[code]))
            status, content = ask(endpoint, client, row)
            if status not in expected(endpoint, role, place):
                wrong.append(f"{role} at {place}: {status}, not {expected(endpoint, role, place)}")
            if place == "foreign" and endpoint.secret and endpoint.secret(row) in content:
                wrong.append(f"{role} at {place} was shown {endpoint.secret(row)}")
    assert wrong == []


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.needs != PUBLIC], ids=str)
def test_a_visitor_is_sent_to_log_in(endpoint, areas, client):
    row = endpoint.row(OWN) if endpoint.row else None
    url = reverse(endpoint.name, args=endpoint.args(row) if row is not None else [])
    response = getattr(client, endpoint.method)(url, secure=True)
    assert surface.faults(response) == []
    assert response.status_code == FOUND
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.needs != PUBLIC], ids=str)
def test_a_disabled_account_is_out_on_the_next_request(endpoint, areas, client):
    user = staff("police", areas["330822"])
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    row = endpoint.row(OWN) if endpoint.row else None
    url = reverse(endpoint.name, args=endpoint.args(row) if row is not None else [])
    assert getattr(client, endpoint.method)(url, secure=True).status_code == FOUND


METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = frozenset({METHOD_NOT_ALLOWED, FORBIDDEN, NOT_FOUND})
# `make prove` asks as every role; the tests as the one with the most grants.
EVERY_ROLE = bool(os.environ.get("MATRIX_EVERY_ROLE"))


def declared(name: str) -> set[str]:
    return {endpoint.method for endpoint in ENDPOINTS if endpoint.name == name}


@pytest.mark.parametrize("endpoint", list({e.name: e for e in ENDPOINTS}.values()), ids=str)
def test_C16_a_method_that_is_not_in_the_matrix_does_nothing(endpoint, areas):
    row = endpoint.row(OWN) if endpoint.row else None
    url = reverse(endpoint.name, args=endpoint.args(row) if row is not None else [])
    others = [method for method in METHODS if method not in declared(endpoint.name)]
    wrong = []
    for role in ROLES if EVERY_ROLE else ["police"]:
        for place in ABOVE if EVERY_ROLE else ["own"]:
            client = Client()
            client.force_login(staff(role, areas[ABOVE[place]]))
            for method in others:
                with transaction.atomic():
                    status = getattr(client, method)(url, secure=True).status_code
                    transaction.set_rollback(True)
                if status not in REFUSED:
                    wrong.append(f"{method} as {role} at {place}: {status}")
    assert wrong == []
