import io
from time import process_time
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import transaction

PHRASE = "for-the-tests-only-2026"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo county with 300 people, thrown away after the module."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DEMO_PASSWORD", PHRASE)
    with django_db_blocker.unblock(), transaction.atomic():
        said, begun = io.StringIO(), process_time()
        call_command("demo_county", people=300, seed=330822, stdout=said, skip_checks=True)
        yield SimpleNamespace(said=said.getvalue(), cpu_seconds=process_time() - begun, password=PHRASE)
        transaction.set_rollback(True)
    patch.undo()
