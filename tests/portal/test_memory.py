"""The collector comes between two answers, and finds what a page left behind."""

import gc
import weakref

import pytest
from django.core.signals import request_finished

from portal.core import memory

pytestmark = pytest.mark.django_db  # the end of a request also looks at its connections


class Knot:
    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def collector():
    """As it was before, also when a test ends early."""
    threshold = gc.get_threshold()
    gc.collect()
    memory.between_answers()
    yield
    request_finished.disconnect(memory.tidy)
    gc.set_threshold(*threshold)


def knotted(count: int) -> weakref.ref[Knot]:
    first = weakref.ref(Knot())
    for _ in range(count):
        Knot()
    return first


def test_what_a_page_left_behind_goes_when_its_answer_was_sent(collector):
    left = knotted(memory.YOUNG + 1)
    assert left() is not None
    request_finished.send(sender=None)
    assert left() is None


def test_little_is_left_for_later(collector):
    left = knotted(10)
    request_finished.send(sender=None)
    assert left() is not None


def test_a_request_that_makes_very_much_does_not_wait_for_its_end(collector):
    left = knotted(memory.AT_WORST + 1_000)
    assert left() is None
