"""The public page of those who report: equal answers, codes that expire, and nothing about the register."""

import re
import uuid
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AuditEntry
from portal.policy.models import PolicyRule
from rentals.models import ReporterVisit, TenancyReport
from rentals.services.reports.senders import ShownOnScreen
from tests.factories.org import AreaFactory
from tests.factories.rentals import TENANT, RentalFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
PHONE = "13957000001"


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


@pytest.fixture
def visitor() -> Client:
    return Client()


def ask(client: Client, phone: str = PHONE) -> str:
    """The code that the demo shows, "" for none."""
    page = client.post(reverse("rentals:landlord"), {"phone": phone}).content.decode()
    found = re.search(r'id="shown-code">(\d+)<', page)
    return found[1] if found else ""


def enter(client: Client, code: str) -> int:
    return client.post(reverse("rentals:landlord_code"), {"code": code}).status_code


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "submission_id": str(uuid.uuid4()),
        "kind": "in",
        "happened_on": "2026-11-18",
        "reporter_kind": "landlord",
        "reporter_name": "陈国强",
        "tenant0-name": "吴租客",
        "tenant0-document_number": TENANT,
    } | changes


def plain(page: str) -> str:
    """A page without what differs by design: tokens, and the code of the demo."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|id="shown-code">\d+<|[0-9a-f]{8}-[0-9a-f-]{27}', "", page)


def test_every_phone_is_answered_alike_whether_it_is_known_or_not(visitor):
    RentalFactory.create()
    PersonFactory.create(phone="13800000002")
    ask(visitor, "13822223333")  # the policy is read once a process
    told = []
    for phone in (PHONE, "13800000002", "13811112222"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post(reverse("rentals:landlord"), {"phone": phone})
        told.append((answer.status_code, plain(answer.content.decode()), len(queries)))
    assert told[0] == told[1] == told[2]


def test_a_code_opens_the_page_of_the_phone_and_shows_its_own_doors_alone(visitor):
    mine = RentalFactory.create().dwelling
    theirs = RentalFactory.create(landlord_phone="13957000002").dwelling
    stay = RegistrationFactory.create(dwelling=mine)
    assert enter(visitor, ask(visitor)) == 302
    page = visitor.get(reverse("rentals:landlord_report")).content.decode()
    assert mine.address in page
    assert theirs.address not in page
    assert stay.person.name not in page


def test_the_code_is_kept_as_a_hash_and_the_phone_encrypted(visitor):
    code = ask(visitor)
    assert re.fullmatch(r"\d{6}", code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(v)::text FROM rentals_reportervisit v")
        (stored,) = cursor.fetchone()
    assert code not in stored
    assert PHONE not in stored
    entries = list(AuditEntry.objects.filter(action__startswith="report.code"))
    assert [entry.action for entry in entries] == ["report.code_sent"]
    assert code not in str(entries[0].details)


def test_a_code_is_tried_five_times_and_then_the_right_one_fails_too(visitor):
    code = ask(visitor)
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(5):
        assert enter(visitor, wrong) == 422
    assert enter(visitor, code) == 422
    assert ReporterVisit.objects.get().confirmed_at is None
    assert enter(visitor, ask(visitor)) == 302


def test_a_code_ends_after_ten_minutes_and_the_visit_after_thirty(visitor, at):
    code = ask(visitor)
    at("2026-11-20 09:10")
    assert enter(visitor, code) == 422
    code = ask(visitor)
    at("2026-11-20 09:19")
    assert enter(visitor, code) == 302
    assert visitor.get(reverse("rentals:landlord_report")).status_code == 200
    at("2026-11-20 09:50")
    assert visitor.get(reverse("rentals:landlord_report")).status_code == 302


def test_a_code_works_once_and_for_the_browser_that_asked(visitor):
    code = ask(visitor)
    stranger = Client()
    ask(stranger, "13811112222")
    assert enter(stranger, code) == 422
    assert enter(visitor, code) == 302
    assert enter(visitor, code) == 422


def test_the_sixth_code_within_an_hour_is_not_sent_and_nobody_is_told(visitor, at):
    pages = []
    for _time in range(6):
        answer = Client().post(reverse("rentals:landlord"), {"phone": PHONE})
        pages.append((answer.status_code, "shown-code" in answer.content.decode()))
    assert pages == [(200, True)] * 5 + [(200, False)]
    at("2026-11-20 10:01")
    assert ask(visitor)


def test_posts_are_throttled_by_address(visitor):
    PolicyRule.objects.filter(code="login.address_burst").update(value=2)
    PolicyRule.objects.filter(code="login.address_per_minute").update(value=0)
    urls = [reverse("rentals:landlord"), reverse("rentals:landlord_plate", args=[uuid.uuid4()])]
    found = [Client().post(urls[time % 2], {"phone": PHONE}).status_code for time in range(4)]
    assert found == [200, 422, 429, 429]


def test_without_a_proved_phone_there_is_no_report(visitor):
    answer = visitor.post(reverse("rentals:landlord_report"), filled(place="0"))
    assert answer.status_code == 302
    assert not TenancyReport.objects.exists()


def test_Z4_two_tenants_are_reported_from_the_page_of_the_phone(visitor):
    door = RentalFactory.create().dwelling
    enter(visitor, ask(visitor))
    given = filled(
        place=str(door.pk),
        **{"tenant1-name": "周同住", "tenant1-document_kind": "414", "tenant1-document_number": "E12345678"},
    )
    page = visitor.post(reverse("rentals:landlord_report"), given).content.decode()
    rows = list(TenancyReport.objects.order_by("line"))
    assert [(row.name, row.dwelling, row.confirmed, row.late_days) for row in rows] == [
        ("吴租客", door, True, 0),
        ("周同住", door, True, 0),
    ]
    assert rows[0].number.split("-")[0] in page
    visitor.post(reverse("rentals:landlord_report"), given)
    assert TenancyReport.objects.count() == 2


def test_another_home_is_told_in_words(visitor):
    AreaFactory.create(code="330822001001", level="community")
    enter(visitor, ask(visitor))
    given = filled(place="0", area_code="330822001001", address="村口第二家", reporter_kind="broker")
    assert visitor.post(reverse("rentals:landlord_report"), given).status_code == 200
    row = TenancyReport.objects.get()
    assert (row.dwelling, row.address, row.area_code, row.reporter_kind) == (
        None,
        "村口第二家",
        "330822001001",
        "broker",
    )


def test_what_is_wrong_comes_back_beside_its_field(visitor):
    door = RentalFactory.create().dwelling
    enter(visitor, ask(visitor))
    answer = visitor.post(
        reverse("rentals:landlord_report"), filled(place=str(door.pk), **{"tenant0-document_number": "123"})
    )
    assert answer.status_code == 422
    assert "tenant0-document_number" in answer.content.decode()
    assert not TenancyReport.objects.exists()


@pytest.mark.parametrize("registered", [True, False])
def test_a_plate_draws_the_same_page_for_every_code_and_names_no_address(visitor, registered):
    door = RegistrationFactory.create().dwelling
    plate = door.plate if registered else uuid.uuid4()
    url = reverse("rentals:landlord_plate", args=[plate])
    page = visitor.get(url).content.decode()
    assert door.address not in page
    answer = visitor.post(url, filled(reporter_phone=PHONE))
    assert answer.status_code == 200
    assert TenancyReport.objects.count() == int(registered)
    other = Client().post(reverse("rentals:landlord_plate", args=[uuid.uuid4()]), filled(reporter_phone=PHONE))
    receipt = re.compile(r"[0-9A-F]{8}")
    assert receipt.sub("", plain(answer.content.decode())) == receipt.sub("", plain(other.content.decode()))


def test_the_plate_page_of_the_register_leads_here(visitor):
    door = DwellingFactory.create()
    page = visitor.get(reverse("residents:dwelling_scan", args=[door.plate])).content.decode()
    assert reverse("rentals:landlord_plate", args=[door.plate]) in page


def test_leaving_ends_the_visit(visitor):
    enter(visitor, ask(visitor))
    visitor.post(reverse("rentals:landlord_leave"))
    assert visitor.get(reverse("rentals:landlord_report")).status_code == 302
    assert not ReporterVisit.objects.exists()


def test_production_refuses_the_sender_of_the_demo(settings):
    settings.DEMO_ACCOUNTS = False
    assert "rentals.E001" in [message.id for message in run_checks(tags=["security"])]
    with pytest.raises(ImproperlyConfigured):
        ShownOnScreen().send(phone=PHONE, code="123456")


def test_without_a_sender_no_code_is_promised(visitor, settings):
    settings.REPORT_CODE_SENDER = ""
    assert 'name="phone"' not in visitor.get(reverse("rentals:landlord")).content.decode()
    assert visitor.post(reverse("rentals:landlord"), {"phone": PHONE}).status_code == 422
    assert not ReporterVisit.objects.exists()
