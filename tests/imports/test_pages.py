"""The wizard over HTTP: from the template to the undoing, with nobody's number in the clear on the way."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from portal.imports.models import BatchState, ImportBatch, ImportRow
from residents.models import Registration
from tests.imports import books

pytestmark = pytest.mark.django_db
START = "imports:upload"


@pytest.fixture
def browser(client, importer):
    client.force_login(importer)
    return client


def page(batch: ImportBatch, **query: str) -> str:
    return batch.get_absolute_url() + (
        "?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else ""
    )


def sent(source: BytesIO) -> BytesIO:
    source.name = "名单.xlsx"
    return source


def test_the_whole_wizard(browser, importer, person):
    upload = reverse(START, args=["registrations"])
    rows = [person(), person(248, name="王芳", lodging="山洞")]
    response = browser.post(upload, {"file": sent(books.arrivals(*rows))})
    batch = ImportBatch.objects.get()
    assert response.url == batch.get_absolute_url()
    assert "hx-get" in browser.get(page(batch)).content.decode()
    books.work(importer)

    shown = browser.get(page(batch)).content.decode()
    assert "证件号码" in shown
    assert rows[0]["document_number"] not in shown
    batch = books.fresh(batch)
    form = {"sheet": batch.sheet, "header_row": batch.header_row} | batch.mapping
    browser.post(reverse("imports:columns", args=[batch.pk]), form)
    books.work(importer)

    shown = browser.get(page(batch, d="error")).content.decode()
    assert "山洞" not in shown or "租赁房屋" in shown
    assert rows[1]["document_number"] not in shown
    fixed = ImportRow.objects.get(batch=batch, decision="error")
    answer = browser.post(reverse("imports:row", args=[batch.pk, fixed.number]), fixed.raw | {"lodging": "租赁房屋"})
    assert answer.status_code == 302
    assert books.fresh(batch).found["create"] == 2

    browser.post(reverse("imports:apply", args=[batch.pk]))
    books.work(importer)
    assert Registration.objects.count() == 2
    assert books.fresh(batch).state == BatchState.DONE
    browser.post(reverse("imports:undo", args=[batch.pk]), {"reason": "选错了文件"})
    books.work(importer)
    assert Registration.objects.count() == 0
    assert browser.get(page(batch)).status_code == 200


def test_a_row_that_is_still_wrong_comes_back_with_its_reason(browser, importer, person):
    batch = books.checked(books.arrivals(person(lodging="山洞")), importer)
    row = books.only(batch)
    response = browser.post(reverse("imports:row", args=[batch.pk, row.number]), row.raw | {"lodging": "树上"})
    assert response.status_code == 422
    assert "租赁房屋" in response.content.decode()


def test_the_rows_with_reasons_can_be_corrected_and_sent_again(browser, importer, person):
    batch = books.applied(books.arrivals(person(), person(248, name="王芳", lodging="山洞")), importer)
    response = browser.get(reverse("imports:errors", args=[batch.pk]))
    book = load_workbook(BytesIO(response.content))
    sheet = book.active
    titles = [cell.value for cell in sheet[1]]
    assert titles[:2] == ["不能导入的原因", "原行号"]
    assert sheet.max_row == 2
    assert sheet.cell(2, 1).value.startswith("居住处所：")
    sheet.cell(2, titles.index("居住处所") + 1, "租赁房屋")
    corrected = BytesIO()
    book.save(corrected)
    corrected.seek(0)
    again = books.applied(corrected, importer)
    assert (again.read, again.created) == (1, 1)


def test_the_template_has_drop_downs_text_columns_help_and_is_empty_when_sent_back(browser, importer):
    response = browser.get(reverse("imports:template", args=["registrations"]))
    book = load_workbook(BytesIO(response.content))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    number = sheet.cell(3, titles.index("证件号码") + 1)
    assert number.number_format == "@"
    assert {str(rule.type) for rule in sheet.data_validations.dataValidation} == {"list"}
    assert "填写说明" in book.sheetnames
    batch = books.checked(BytesIO(response.content), importer)
    assert batch.read == 0


def test_a_change_from_a_ledger_is_shown_field_by_field(browser, importer, person):
    books.applied(books.arrivals(person(workplace="旧厂")), importer)
    batch = books.checked(books.arrivals(person(workplace="新厂")), importer)
    assert batch.found["update"] == 1
    shown = browser.get(page(batch, d="update")).content.decode()
    assert "旧厂" in shown
    assert "新厂" in shown


@pytest.mark.parametrize("decision", ["create", "error"])
def test_the_table_of_rows_costs_the_same_for_one_and_for_forty(browser, importer, person, decision):
    counts = []
    for number in (1, 40):
        changes = {"lodging": "山洞"} if decision == "error" else {}
        rows = [person(300 + 2 * at, **changes) for at in range(number)]
        batch = books.checked(books.arrivals(*rows), importer)
        browser.get(page(batch, d=decision))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(page(batch, d=decision))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_of_batches_costs_the_same_for_one_and_for_twenty(browser, importer):
    counts = []
    for number in (1, 19):
        ImportBatch.objects.bulk_create(
            ImportBatch(owner=importer, kind="registrations", sha256=f"{number}-{at}", size=1) for at in range(number)
        )
        browser.get(reverse("imports:home"))
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("imports:home"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
