"""What the demo county says of its past: every row has the step that made it, and none lies after the present."""

from django.db import connection
from django.db.models import F

from demo.history import BEGINNING
from portal.audit.past import as_known, history_of, prefixed
from portal.core import clock
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Endorsement, Permit, PermitApplication, Person, Registration

TRACKED = (Dwelling, Endorsement, Permit, PermitApplication, Person, Registration)


def sql(text: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall()


def test_every_row_has_the_step_that_made_it_with_actor_and_purpose(demo):
    for model in TRACKED:
        events = history_of(model)
        made = events.objects.filter(pgh_label="insert")
        assert made.count() == model.objects.count() > 0, model
        assert not made.exclude(pgh_context__metadata__purpose="demo_county").exists(), model
        assert not made.filter(pgh_context__metadata__actor=None).exists(), model
        assert not events.objects.filter(pgh_created_at__gt=clock.now()).exists(), model


def test_the_newest_step_of_every_row_is_the_row(demo):
    for model in TRACKED:
        table = model._meta.db_table
        names = ", ".join(
            f'"{field.column}"'
            for field in model._meta.concrete_fields
            if field.column in {one.column for one in history_of(model)._meta.concrete_fields}
        )
        now = sql(f"SELECT {names} FROM {table} ORDER BY id")
        assert sql(prefixed(as_known([model], clock.now()), f"SELECT {names} FROM {table} ORDER BY id")) == now, model


def test_a_stay_that_ended_was_active_when_it_was_made(demo):
    assert Registration in BEGINNING
    steps = history_of(Registration).objects.filter(pgh_label="insert")
    assert set(steps.values_list("status", flat=True)) == {RegistrationStatus.ACTIVE}
    ended = Registration.objects.filter(status=RegistrationStatus.LEFT, updated_at__gt=F("created_at")).first()
    before = as_known([Registration], ended.created_at)
    (row,) = sql(prefixed(before, f"SELECT status, left_on FROM residents_registration WHERE id = {ended.pk}"))
    assert row == ("active", None)
