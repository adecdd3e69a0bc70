"""Merging behind the wall, two clerks at once, and random merges, changes and returns (ADR 0017)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pghistory
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from portal.core import clock
from portal.core.errors import DomainError
from portal.files.models import Attachment
from portal.org.middleware import scoped_transaction
from portal.org.models import AreaUserGrant, User
from portal.org.scoping import forget_grants
from portal.org.services import grant_to_user
from residents.choices import RegistrationStatus, VisitResult
from residents.models import DuplicatePair, DuplicateSide, Person, PersonMerge, Registration, Visit
from residents.services.identity import phone_index
from residents.services.merging.merge import merge
from residents.services.merging.pairs import ordered
from residents.services.merging.parting import ABSORBED, SURVIVOR, later_work, part
from residents.services.people import IdentityInput
from residents.services.registration import StayInput, register_arrival
from tests.factories.org import AreaFactory, StaffFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory, identity, stay

HERE = "330822001001"


@contextmanager
def behind_the_wall(user: User) -> Iterator[None]:
    forget_grants(user)
    history = pghistory.context(actor=user.pk, purpose="test", request="test")
    with history, scoped_transaction(user), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE app_rw")
        yield
        cursor.execute("RESET ROLE")


def clerk_of(*actions: str) -> User:
    user = StaffFactory.create(role="township", area_code=HERE)
    grant_to_user(user, Person, actions or ("view", "merge"), at=AreaFactory.create(code=HERE))
    AreaUserGrant.objects.filter(user=user).update(valid_from=clock.now() - timedelta(days=1))
    forget_grants(user)
    return user


def pair_of(one: Person, other: Person) -> DuplicatePair:
    first, second = ordered(one.pk, other.pk)
    pair, created = DuplicatePair.objects.get_or_create(
        first_id=first, second_id=second, defaults={"score": 60, "area_code": HERE}
    )
    if created:
        for person in (one, other):
            DuplicateSide.objects.create(pair=pair, person=person, area_code=HERE)
    DuplicatePair.objects.filter(pk=pair.pk).update(status="open", decided_by=None, reason="")
    pair.refresh_from_db()
    return pair


class World:
    """What should be true, kept in plain dictionaries beside the database."""

    def __init__(self) -> None:
        self.clerk = clerk_of()
        self.people = [PersonFactory.create(education="20") for _one in range(4)]
        self.alive = [person.pk for person in self.people]
        self.values = {pk: {"phone": "13800005621", "education": "20"} for pk in self.alive}
        self.owner: dict[tuple[str, Any], int] = {}
        self.leader: dict[tuple[str, Any], tuple[str, Any]] = {}
        self.dates: dict[int, tuple[Any, ...]] = {}
        self.open: list[tuple[PersonMerge, dict, dict, dict]] = []
        self.serial = 0
        for at, pk in enumerate(self.alive):
            home = DwellingFactory.create(area_code=HERE)
            row = RegistrationFactory.create(
                person_id=pk, dwelling=home, arrived_on=date(2026, 1, 1) + timedelta(days=30 * at), registrar=self.clerk
            )
            self.add("stay", row, pk)
            self.dates[row.pk] = dates_of(row)

    def add(self, kind: str, row: Any, pk: int) -> None:
        self.owner[kind, row.pk] = pk

    def person(self, n: int) -> int:
        return self.alive[n % len(self.alive)]

    def paper(self, n: int, _flag: bool) -> None:
        pk = self.person(n)
        made = Attachment.objects.create(
            area_code=HERE, target_model="residents.person", target_id=pk, person_id=pk, kind="id_card",
            content_type="image/png", size=1, sha256="0" * 64, uploader=self.clerk,
        )  # fmt: skip
        self.add("paper", made, pk)

    def visit(self, n: int, _flag: bool) -> None:
        pk = self.person(n)
        home = Registration.objects.filter(person_id=pk).order_by("pk")[0]
        made = Visit.objects.create(
            registration=home, person_id=pk, area_code=HERE, visited_on=date(2026, 9, 1), visitor=self.clerk,
            result=VisitResult.PRESENT,
        )  # fmt: skip
        self.add("visit", made, pk)
        self.leader["visit", made.pk] = ("stay", home.pk)

    def old_stay(self, n: int, _flag: bool) -> None:
        """In a year of its own, long ago: it overlaps with nothing."""
        self.serial += 1
        day = date(1990 + self.serial, 1, 1)
        made = RegistrationFactory.create(
            person_id=self.person(n), dwelling=DwellingFactory.create(area_code=HERE), arrived_on=day,
            left_on=day + timedelta(days=9), status=RegistrationStatus.LEFT, registrar=self.clerk,
        )  # fmt: skip
        self.add("stay", made, self.person(n))
        self.dates[made.pk] = dates_of(made)

    def phone(self, n: int, _flag: bool) -> None:
        self.serial += 1
        number = f"139{self.serial:08d}"
        Person.objects.filter(pk=self.person(n)).update(phone=number, phone_index=phone_index(number))
        self.values[self.person(n)]["phone"] = number

    def education(self, n: int, flag: bool) -> None:
        self.values[self.person(n)]["education"] = "31" if flag else "61"
        Person.objects.filter(pk=self.person(n)).update(education=self.values[self.person(n)]["education"])

    def merge(self, n: int, flag: bool) -> None:
        if len(self.alive) < 2:
            return
        survivor, absorbed = self.person(n), self.person(n + 1)
        taken = ("phone", "document") if flag else ()
        pair = pair_of(*(Person.objects.get(pk=pk) for pk in (survivor, absorbed)))
        before = {pk: dict(self.values[pk]) for pk in (survivor, absorbed)}, dict(self.owner)
        with behind_the_wall(self.clerk):
            row = merge(
                pair_id=pair.pk, survivor_id=survivor, taken=taken, reason="系同一人", version=pair.version,
                actor=self.clerk,
            )  # fmt: skip
        if flag:
            self.values[survivor]["phone"] = self.values[absorbed]["phone"]
        self.owner = {key: survivor if pk == absorbed else pk for key, pk in self.owner.items()}
        self.alive.remove(absorbed)
        self.open.append((row, *before, dict(self.values[survivor])))

    def unmerge(self, n: int, flag: bool) -> None:
        if not self.open:
            return
        row, values, owner, after = self.open.pop()
        survivor, absorbed = row.survivor_id, row.absorbed_id
        with behind_the_wall(self.clerk):
            row = PersonMerge.objects.get(pk=row.pk)
            work = later_work(row)
            routes = {
                one.key: (ABSORBED, SURVIVOR)[(n + at + flag) % 2] for at, one in enumerate(work) if not one.origin
            }
            part(merge_id=row.pk, routes=routes, reason="系两人", version=row.version, actor=self.clerk)
        whose = {SURVIVOR: survivor, ABSORBED: absorbed}
        now = self.values[survivor]
        self.values[survivor], self.values[absorbed] = values[survivor], values[absorbed]
        for name in ("phone", "education"):
            if now[name] != after[name]:
                self.values[whose[routes[f"value:{name}"]]][name] = now[name]
        self.alive.append(absorbed)
        kinds = {"stay": "residents.registration", "paper": "files.attachment"}
        for key, pk in self.owner.items():
            if pk != survivor:
                continue
            if key in owner:
                self.owner[key] = owner[key]
            elif key not in self.leader:
                self.owner[key] = whose[routes[f"{kinds[key[0]]}.person_id:{key[1]}"]]
        for key, leader in self.leader.items():
            if key not in owner:
                self.owner[key] = self.owner[leader]

    def check(self) -> None:
        for kind, model in (("stay", Registration), ("visit", Visit), ("paper", Attachment)):
            rows = model.objects.filter(person_id__in=self.values)
            stored = {(kind, pk): owner for pk, owner in rows.values_list("pk", "person_id")}
            assert stored == {key: pk for key, pk in self.owner.items() if key[0] == kind}
        for person in Person.objects.filter(pk__in=self.alive):
            assert {name: getattr(person, name) for name in ("phone", "education")} == self.values[person.pk]
            assert bytes(person.phone_index or b"") == phone_index(person.phone)
        alone = Person.objects.filter(pk__in=self.values, merged_into=None)
        assert set(alone.values_list("pk", flat=True)) == set(self.alive)
        living = Registration.objects.active().filter(person_id__in=self.values)
        assert sorted(living.values_list("person_id", flat=True)) == sorted(self.alive)

    def check_as_before(self) -> None:
        numbers = {person.pk: person.document_number for person in self.people}
        assert dict(Person.objects.filter(pk__in=numbers).values_list("pk", "document_number")) == numbers
        stays = Registration.objects.filter(person_id__in=numbers)
        assert {row.pk: dates_of(row) for row in stays} == self.dates


def dates_of(row: Registration) -> tuple[Any, ...]:
    return (
        row.dwelling_id,
        str(row.status),
        row.arrived_on,
        row.left_on,
        row.left_reason,
        row.counts_from,
        row.closed_on,
    )


STEPS = ("paper", "visit", "old_stay", "phone", "education", "merge", "merge", "unmerge")
acts = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3), st.booleans()), min_size=4, max_size=9)


class TestNothingIsLostAndNothingDoubled(TestCase):
    @settings(max_examples=14, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(steps=acts)
    def test_random_merges_changes_and_returns_leave_both_people_as_before_plus_what_was_given_to_them(self, steps):
        world = World()
        for name, n, flag in [("merge", 0, True), *steps]:
            getattr(world, name)(n, flag)
            world.check()
        while world.open:
            world.unmerge(0, flag=True)
            world.check()
        world.check_as_before()


def at_once(*jobs: Any) -> list[Any]:
    """Each in a thread and a connection of its own, started together; results or the errors raised."""
    start = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(at: int, job: Any) -> None:
        start.wait()
        try:
            results[at] = job()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, job)) for at, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.usefixtures("installed")
def test_two_clerks_merge_the_same_pair_and_one_is_told_who_was_faster():
    one, other = PersonFactory.create(), PersonFactory.create()
    pair = pair_of(one, other)
    clerks = [clerk_of(), clerk_of()]

    def merging(clerk: User, survivor: Person) -> Any:
        def run() -> PersonMerge:
            with behind_the_wall(clerk):
                return merge(
                    pair_id=pair.pk, survivor_id=survivor.pk, taken=(), reason="系同一人", version=pair.version,
                    actor=clerk,
                )  # fmt: skip

        return run

    results = at_once(merging(clerks[0], one), merging(clerks[1], other))
    [done] = [found for found in results if isinstance(found, PersonMerge)]
    [refusal] = [found for found in results if isinstance(found, DomainError)]
    assert refusal.code == "already_decided"
    assert done.actor.display_name in refusal.message
    assert PersonMerge.objects.count() == 1


@pytest.mark.usefixtures("installed")
def test_registration_of_the_absorbed_person_waits_for_the_merge_and_goes_to_the_survivor():
    """The clerk at the window typed the number that stands in the file which is being merged at this moment."""
    one = PersonFactory.create()
    given = identity()
    other = PersonFactory.create(
        document_number=given["document_number"], name=given["name"], birth_date=given["birth_date"], sex=given["sex"]
    )
    pair = pair_of(one, other)
    clerk, registrar = clerk_of(), clerk_of("view", "add", "change")
    grant_to_user(registrar, Registration, ("view", "add", "change"), at=AreaFactory.create(code=HERE))
    AreaUserGrant.objects.filter(user=registrar).update(valid_from=clock.now() - timedelta(days=1))
    arriving = stay(DwellingFactory.create(area_code=HERE))
    merged, waiting = threading.Event(), threading.Event()

    def merging() -> PersonMerge:
        with transaction.atomic(), behind_the_wall(clerk):
            row = merge(
                pair_id=pair.pk, survivor_id=one.pk, taken=(), reason="系同一人", version=pair.version, actor=clerk
            )
            merged.set()
            waiting.wait(timeout=2)  # the registration has to run into the lock meanwhile
            return row

    def registering() -> Any:
        merged.wait(timeout=20)
        with behind_the_wall(registrar):
            return register_arrival(
                head=IdentityInput(**given), stay=StayInput(**arriving), submission_key="k1", actor=registrar
            )

    row, result = at_once(merging, registering)
    assert isinstance(row, PersonMerge), row
    assert result.registration.person_id == one.pk
    assert not Registration.objects.filter(person=other).exists()
