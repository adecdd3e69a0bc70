"""Letters of responsibility for rental safety (issue 5, part 4; digest row 70, Q8), counted by hand."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.core.errors import DomainError, StaleRecordError
from portal.files.models import Attachment
from portal.jobs.models import Job
from portal.org.models import User
from portal.org.services import system_user
from rentals.models import RentalRegistration, ResponsibilityLetter
from rentals.services import letters
from rentals.services.inspections.hazards import Photo
from rentals.services.recount import recount_letters
from tests.factories.files import photo
from tests.factories.letters import LetterFactory
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "330822001001", "330822002001"


@pytest.fixture(autouse=True)
def on_20_november(at) -> None:
    at("2026-11-20 09:00")


@pytest.fixture
def officer(staff) -> User:
    user = staff(RentalRegistration, "view", "add", "review")
    return staff(Attachment, "view", "add", user=user)


def let(area_code: str = HERE, **changes) -> RentalRegistration:
    values = {"status": "registered", "registered_on": "2026-11-03"} | changes
    return RentalFactory.create(dwelling=DwellingFactory.create(area_code=area_code), **values)


def issued(actor: User, area_code: str = HERE) -> int:
    return letters.issue_letters(area_code=area_code, actor=actor, progress=lambda _done, _total: None)


def signed(row: ResponsibilityLetter, actor: User, **changes: Any) -> ResponsibilityLetter:
    day = date(2026, 11, 20)
    given: dict[str, Any] = {"signer_name": "陈国强", "manner": "screen", "signed_on": day, "scan": None, "version": 1}
    return letters.sign(rental_id=row.rental_id, actor=actor, **(given | changes))


def test_row_70_each_letting_in_force_of_the_area_gets_one_letter(officer):
    first, second = let(), let()
    let(ELSEWHERE)
    let(status="submitted", registered_on=None)
    let(status="ended", ended_on="2026-11-10")
    assert issued(officer) == 2
    rows = ResponsibilityLetter.objects.order_by("pk").values_list("rental", "number", "year", "issued_on", "signed_on")
    assert list(rows) == [
        (first.pk, "330822Z2026000001", 2026, date(2026, 11, 20), None),
        (second.pk, "330822Z2026000002", 2026, date(2026, 11, 20), None),
    ]


def test_row_70_issuing_twice_adds_nothing(officer):
    let()
    LetterFactory.create(rental=let(), signed=True)
    assert (issued(officer), issued(officer), ResponsibilityLetter.objects.count()) == (1, 0, 2)


def test_row_70_a_batch_costs_the_same_for_one_letting_or_forty(officer, django_assert_max_num_queries):
    for _number in range(40):
        let()
    with django_assert_max_num_queries(25):
        assert issued(officer) == 40


def test_row_70_signed_on_screen_it_holds_for_a_year(officer):
    row = signed(LetterFactory.create(), officer)
    assert (row.manner, row.signer_name, row.signed_before) == ("screen", "陈国强", officer)
    assert (row.valid_from, row.valid_to) == (date(2026, 11, 20), date(2027, 11, 19))


def test_row_70_a_signed_paper_is_kept_as_a_scan(officer):
    row = LetterFactory.create()
    with pytest.raises(DomainError) as refused:
        signed(row, officer, manner="paper")
    assert refused.value.field == "file"
    content = photo()
    signed(row, officer, manner="paper", signer_name="徐代签", scan=Photo(BytesIO(content), len(content)))
    scan = Attachment.objects.get()
    assert (scan.target_model, scan.target_id) == ("rentals.responsibilityletter", row.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"signer_name": "别人"}, "signer_name"),
        ({"signer_name": " "}, "signer_name"),
        ({"manner": "none"}, "manner"),
        ({"signed_on": date(2026, 11, 9)}, "signed_on"),
        ({"signed_on": date(2026, 11, 21)}, "signed_on"),
    ],
)
def test_a_signature_that_makes_no_sense_is_refused_beside_its_field(officer, changes, field):
    with pytest.raises(DomainError) as refused:
        signed(LetterFactory.create(), officer, **changes)
    assert refused.value.field == field


def test_row_70_nobody_signs_twice_from_an_old_page_or_after_the_end(officer):
    row = LetterFactory.create()
    with pytest.raises(StaleRecordError):
        signed(row, officer, version=7)
    signed(row, officer)
    with pytest.raises(DomainError):
        signed(row, officer)
    ended = LetterFactory.create(rental=let(status="ended", ended_on="2026-11-10"))
    with pytest.raises(DomainError):
        signed(ended, officer)


def test_row_70_a_letter_is_renewed_in_time_and_begins_when_the_last_one_ends(officer, at):
    first = LetterFactory.create(signed=True)  # until 11 November 2027
    LetterFactory.create()  # never signed: not renewed
    let()  # never issued: not renewed
    at("2027-10-11 01:40")
    assert letters.renew_letters(actor=system_user()) == 0
    at("2027-10-12 01:40")
    assert letters.renew_letters(actor=system_user()) == 1
    assert letters.renew_letters(actor=system_user()) == 0
    row = ResponsibilityLetter.objects.get(rental=first.rental, signed_on=None)
    assert row.year == 2027
    row = signed(row, officer, signed_on=date(2027, 10, 12))
    assert (row.valid_from, row.valid_to) == (date(2027, 11, 12), date(2028, 11, 10))


def test_Q8_the_rate_is_signed_and_valid_among_those_in_force():
    LetterFactory.create(signed=True)
    LetterFactory.create(signed=True, valid_to=date(2026, 11, 19))  # ended yesterday
    LetterFactory.create()
    let()
    let(status="ended", ended_on="2026-11-10")
    found = letters.signed_rate(RentalRegistration.objects.all())
    assert (found.in_force, found.signed, found.percent, found.target) == (4, 1, 25, 100)


def test_nobody_issues_beyond_the_own_areas(officer):
    with pytest.raises(PermissionDenied):
        letters.ask_for_letters(area_code=ELSEWHERE, actor=officer)


def kept(rental: RentalRegistration) -> tuple[date | None, bool]:
    return RentalRegistration.objects.values_list("letter_until", "letter_open").get(pk=rental.pk)


def test_row_70_what_is_kept_beside_the_registration_follows_its_letters(officer, at):
    rental, other = let(), let()
    history = rental.events.count()
    assert kept(rental) == (None, False)
    first = LetterFactory.create(rental=rental)
    assert (kept(rental), kept(other)) == ((None, True), (None, False))
    first = signed(first, officer)
    assert kept(rental) == (first.valid_to, False)
    at("2027-10-12 01:40")
    second = LetterFactory.create(rental=rental, year=2027)
    assert kept(rental) == (first.valid_to, True)
    second = signed(second, officer, signed_on=date(2027, 10, 12))
    assert kept(rental) == (date(2028, 11, 18), False)  # 365 days from 20 November 2027, with a leap day
    second.delete()
    assert kept(rental) == (first.valid_to, False)
    first.delete()
    assert kept(rental) == (None, False)
    assert rental.events.count() == history  # nothing of it is a change of the registration


def test_row_70_letters_are_kept_anew_from_the_beginning():
    right, wrong = LetterFactory.create(signed=True), LetterFactory.create()
    RentalRegistration.objects.filter(pk=wrong.rental_id).update(letter_open=False, letter_until="2030-01-01")
    assert recount_letters() == 1
    assert (kept(right.rental), kept(wrong.rental)) == ((right.valid_to, False), (None, True))
    assert recount_letters() == 0


# The pages, behind the wall


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_costs_the_same_for_one_letter_or_forty(client, officer, rows, django_assert_max_num_queries):
    for _number in range(rows):
        LetterFactory.create(rental=let())
    client.force_login(officer)
    client.get(reverse("rentals:letter_list"))
    with django_assert_max_num_queries(24):
        page = client.get(reverse("rentals:letter_list"))
    assert page.content.decode().count("责任书待签订") == rows


def test_row_70_issued_signed_and_printed_on_the_pages(client, officer):
    rental = let()
    client.force_login(officer)
    client.post(reverse("rentals:letter_issue"), {"area_code": HERE})
    assert Job.objects.get(kind="rentals.issue_letters").params == {"area": HERE}
    client.post(reverse("rentals:letter_step", args=[rental.pk, "issue"]), {"version": rental.version})
    row = rental.letters.get()
    given = {"version": 1, "manner": "screen", "signer_name": "王五", "signed_on": "2026-11-20"}
    url = reverse("rentals:letter_step", args=[rental.pk, "sign"])
    assert client.post(url, given).status_code == 422
    sent = client.post(url, given | {"signer_name": "陈国强"})
    assert sent.headers["Location"] == row.get_absolute_url()
    assert row.number in client.get(reverse("rentals:letter_sheet", args=[rental.pk])).content.decode()
    assert "2027-11-19" in client.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize("waiting", [2, 9])
def test_row_70_those_to_be_signed_are_printed_a_sheet_each(client, officer, django_assert_max_num_queries, waiting):
    numbers = [LetterFactory.create(rental=let()).number for _number in range(waiting)]
    signed_one = LetterFactory.create(rental=let(), signed=True)
    elsewhere = LetterFactory.create(rental=let(ELSEWHERE))
    client.force_login(officer)
    with django_assert_max_num_queries(25):
        page = client.get(reverse("rentals:letter_sheets")).content.decode()
    assert page.count('class="leaf"') == waiting
    assert all(number in page for number in numbers)
    assert signed_one.number not in page
    assert elsewhere.number not in page
