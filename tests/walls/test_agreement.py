"""Both walls say the same, whatever door is tried: random area trees, grants with terms, groups and rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.extra.django import TestCase

from portal.core import clock
from portal.exchange.ledgers import Query, ledger_of
from portal.exchange.services import Order, params_of
from portal.exchange.sql import Readers, rows
from portal.jobs import kinds, services, worker
from portal.jobs.models import JobState
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.org.scoping import forget_grants
from residents.models import Registration
from residents.services.dwellings import find_dwellings
from tests.walls.world import NODES, Right, World, build, name_of, worlds

ALL_PEOPLE = {"status": "all"}


@contextmanager
def behind_the_wall(user: User) -> Iterator[None]:
    """As the product's role, for `user`; what the table's owner sees comes back afterwards."""
    forget_grants(user)
    with scoped_transaction(user), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE app_rw")
        yield
        cursor.execute("RESET ROLE")


def stored(sql: str) -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {row[0] for row in cursor.fetchall()}


class TestBothWallsAgree(TestCase):
    @settings(max_examples=25, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(world=worlds)
    def test_on_every_way_to_a_row(self, world: World):
        user, stays = build(world)
        seen = world.named("view")
        self.check_the_first_wall(world, user, stays)
        self.check_the_second_wall(world, user, stays)
        client = Client()
        client.force_login(user)
        if world.is_active:
            self.check_pages(world, client, stays, seen)
            self.check_figures(world, client)
        self.check_parts(world, user, seen)
        self.check_a_job(world, user, seen)

    def check_the_first_wall(self, world: World, user: User, stays: list[Registration]) -> None:
        forget_grants(user)
        for action in ("view", "change"):
            found = set(Registration.objects.restrict(user, action).values_list("pk", flat=True))
            expected = {one.pk for one, code in zip(stays, world.rows, strict=True) if world.may(action, code)}
            assert found == expected

    def check_the_second_wall(self, world: World, user: User, stays: list[Registration]) -> None:
        """Raw SQL without any filter: the database itself leaves out what no grant covers."""
        with behind_the_wall(user):
            found = stored("SELECT id FROM residents_registration")
            changed = stored("UPDATE residents_registration SET remark = 'x', version = version + 1 RETURNING id")
            transaction.set_rollback(False)
        assert found == {one.pk for one, code in zip(stays, world.rows, strict=True) if world.may_anything(code)}
        assert changed == {one.pk for one, code in zip(stays, world.rows, strict=True) if world.may("change", code)}

    def check_pages(self, world: World, client: Client, stays: list[Registration], seen: set[str]) -> None:
        names = [name_of(number) for number in range(len(stays))]
        page = client.get(reverse("residents:person_list"), ALL_PEOPLE)
        assert (page.status_code == 200) == world_may_view_anywhere(world)
        assert {name for name in names if name in page.content.decode()} == seen
        for name, stay in zip(names, stays, strict=True):
            detail = client.get(reverse("residents:person_detail", args=[stay.person_id]))
            assert (detail.status_code == 200) == (name in seen), f"{name}: {detail.status_code}"
            assert name in seen or name not in detail.content.decode()
            search = client.post(reverse("ui:palette"), {"q": name}).content.decode()
            assert (name in search.replace(f'value="{name}"', "")) == (name in seen)

    def check_figures(self, world: World, client: Client) -> None:
        for code in NODES:
            status = client.get(reverse("reports:dashboard_area", args=[code])).status_code
            assert (status == 200) == world.may("view", code), f"figures of {code}: {status}"

    def check_parts(self, world: World, user: User, seen: set[str]) -> None:
        """Counting, the address box and the ledger, all behind both walls at once."""
        with behind_the_wall(user):
            count = Registration.objects.restrict(user, "view").count()
            doors = [hit for hit in find_dwellings(text="安居里", actor=user, limit=20) if hit.own]
            ledger = exported(user)
        assert count == len(seen)
        assert {hit.address for hit in doors} == {
            f"安居里{100 + n}室" for n, c in enumerate(world.rows) if world.may("view", c)
        }
        assert ledger == {name_of(number) for number, code in enumerate(world.rows) if world.may("export", code)} & {
            name_of(number) for number, code in enumerate(world.rows) if world.may_anything(code)
        }

    def check_a_job(self, world: World, user: User, seen: set[str]) -> None:
        found: list[int] = []

        def count(_job: object, _out: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE app_rw")
                found.append(Registration.objects.restrict(user, "view").count())
                cursor.execute("RESET ROLE")

        kinds.runs("tests.count")(count)
        forget_grants(user)
        job = services.enqueue(kind="tests.count", actor=user)
        worker.run(str(job.pk))
        job.refresh_from_db()
        assert job.state == (JobState.DONE if world.is_active else JobState.FAILED)
        assert found == ([len(seen)] if world.is_active else [])


def world_may_view_anywhere(world: World) -> bool:
    return any(world.may("view", code) for code in NODES)


def exported(user: User) -> set[str]:
    """Names in L1 over everything the account may export, through the engine's own SQL."""
    ledger = ledger_of("L1")
    names: set[str] = set()
    for code in ("33", "44"):
        order = Order(code="L1", area_code=code, start=clock.today(), end=clock.today())
        try:
            params = params_of(order, actor=user)
        except PermissionDenied:
            continue
        query = ledger.source(params)
        assert isinstance(query, Query)
        names |= {str(row[1]) for row in rows(ledger.columns, query, Readers(ledger.columns, masked=True))}
    return names


def test_the_oracle_itself():
    """It must be able to say yes and no: one grant on a county, one row inside and one outside."""
    right = Right(code="330822", action="view", through_group=False, term="in force")
    world = World(rights=(right,), rows=("330822001001", "330203001001"), is_active=True)
    assert world.named("view") == {"赵安居"}
    assert world.named("change") == set()
