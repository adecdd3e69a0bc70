from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.core import clock, wakeup
from portal.core.errors import DomainError
from portal.events import bus
from portal.events.idempotency import forget_old, once
from portal.events.models import Delivery, StoredEvent, Submission
from portal.org.models import User

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class LampLit(bus.DomainEvent):
    name = "tests.lamp_lit"
    lamp_id: int
    on: date
    price: Decimal | None = None


@pytest.fixture
def heard(monkeypatch):
    """A fresh register of subscribers with two of them; the second fails while `broken` is not empty."""
    subscribers: dict = {}
    monkeypatch.setattr(bus, "_subscribers", bus.defaultdict(dict, {LampLit.name: subscribers}))
    monkeypatch.setitem(bus._types, LampLit.name, LampLit)
    calls: dict[str, list] = {"first": [], "second": [], "broken": []}

    def second(event):
        if calls["broken"]:
            raise RuntimeError("no oil: 330822199001011234")
        calls["second"].append(event)

    subscribers |= {"first": calls["first"].append, "second": second}
    return calls


@pytest.fixture
def stored():
    bus.publish(LampLit(lamp_id=7, on=date(2026, 11, 22), price=Decimal("1.50")))
    return StoredEvent.objects.get()


def test_subscribers_get_the_event_as_it_was_declared(heard, stored):
    bus.deliver(stored.pk)
    assert heard["first"] == [LampLit(lamp_id=7, on=date(2026, 11, 22), price=Decimal("1.50"))]
    assert heard["second"] == heard["first"]


def test_an_event_delivered_twice_is_handled_once_by_each_subscriber(heard, stored):
    bus.deliver(stored.pk)
    bus.deliver(stored.pk)
    assert (len(heard["first"]), len(heard["second"])) == (1, 1)


def test_a_failing_subscriber_does_not_hold_up_the_other_and_is_tried_again(heard, stored):
    heard["broken"].append("yes")
    bus.deliver(stored.pk)
    failed = Delivery.objects.get(subscriber="second")
    assert (len(heard["first"]), failed.attempts, failed.delivered_at) == (1, 1, None)
    heard["broken"].clear()
    bus.deliver(stored.pk)
    assert (len(heard["first"]), len(heard["second"])) == (1, 1)
    assert StoredEvent.objects.get().settled_at is not None


def test_the_kept_error_holds_no_value_of_the_row(heard, stored):
    heard["broken"].append("yes")
    bus.deliver(stored.pk)
    assert "330822" not in Delivery.objects.get(subscriber="second").last_error


def test_after_eight_failures_a_delivery_is_a_visible_dead_letter_and_can_be_tried_again(heard, stored):
    heard["broken"].append("yes")
    for _attempt in range(8):
        bus.deliver(stored.pk)
    assert [letter.subscriber for letter in bus.dead_letters()] == ["second"]
    heard["broken"].clear()
    bus.try_again(bus.dead_letters()[0].pk)
    bus.deliver(stored.pk)
    assert (len(heard["second"]), list(bus.dead_letters())) == (1, [])


def test_the_sweep_sends_events_older_than_five_seconds_that_nobody_settled(heard, stored):
    assert bus.undelivered() == []
    StoredEvent.objects.update(at=clock.now() - timedelta(seconds=6))
    assert bus.undelivered() == [stored.pk]
    bus.deliver(stored.pk)
    assert bus.undelivered() == []


def test_the_sweep_leaves_an_event_alone_until_its_next_try_is_due(heard, stored):
    StoredEvent.objects.update(at=clock.now() - timedelta(seconds=6))
    heard["broken"].append("yes")
    bus.deliver(stored.pk)
    assert bus.undelivered() == []
    Delivery.objects.update(next_try_at=clock.now() - timedelta(seconds=1))
    assert bus.undelivered() == [stored.pk]


def test_a_dead_broker_never_fails_the_request(heard, settings, django_capture_on_commit_callbacks, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(wakeup.current_app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        bus.publish(LampLit(lamp_id=8, on=date(2026, 11, 22)))
    assert StoredEvent.objects.count() == 1


@pytest.fixture
def clerk():
    return User.objects.create(username="clerk")


def test_the_second_press_of_the_button_returns_the_first_result(clerk):
    made: list[User] = []

    def make():
        made.append(User.objects.create(username=f"made{len(made)}"))
        return made[-1]

    first = once(actor=clerk, key="k1", body={"name": "A", "csrfmiddlewaretoken": "x"}, run=make)
    again = once(actor=clerk, key="k1", body={"csrfmiddlewaretoken": "y", "name": "A"}, run=make)
    assert (len(made), first.ref, again.ref, again.repeated) == (1, f"org.user:{made[0].pk}", first.ref, True)


def test_the_same_key_with_another_body_is_refused(clerk):
    once(actor=clerk, key="k1", body={"name": "A"}, run=lambda: "/a/")
    with pytest.raises(DomainError) as refusal:
        once(actor=clerk, key="k1", body={"name": "B"}, run=lambda: "/b/")
    assert refusal.value.context == {"url": "/a/"}


def test_another_person_may_use_the_same_key(clerk):
    other = User.objects.create(username="other")
    once(actor=clerk, key="k1", run=lambda: "/a/")
    assert once(actor=other, key="k1", run=lambda: "/b/").url == "/b/"


def test_a_refused_submission_may_be_corrected_and_sent_again_with_its_key(clerk):
    def refuse():
        raise DomainError("no")

    with pytest.raises(DomainError, match="no"):
        once(actor=clerk, key="k1", body={"name": "bad"}, run=refuse)
    assert once(actor=clerk, key="k1", body={"name": "good"}, run=lambda: "/a/").url == "/a/"


def test_keys_are_forgotten_after_seven_days(clerk):
    once(actor=clerk, key="old", run=lambda: "/a/")
    once(actor=clerk, key="new", run=lambda: "/a/")
    Submission.objects.filter(key="old").update(at=clock.now() - timedelta(days=7, seconds=1))
    assert forget_old() == 1
    assert Submission.objects.get().key == "new"
