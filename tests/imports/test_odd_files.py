"""One workbook for each oddity that people send. Every one of them is taken right or refused with the reason."""

from datetime import date
from io import BytesIO

import pytest
from django.utils.translation import override

from portal.files.errors import UploadRefused
from portal.imports import services
from portal.org.walls.context import scoped_transaction
from residents.models import Person, Registration
from tests.factories.residents import id_number
from tests.imports import books

pytestmark = pytest.mark.django_db


def created(batch) -> int:
    return batch.found.get("create", 0)


def test_sheets_may_be_named_anything_and_the_titles_stand_anywhere(importer, person):
    row = person()
    values = [row.get(key, "") for key in books.KEYS]
    source = books.book([["随便写写"]], [["东明社区名册"], [], [], books.TITLES, values])
    batch = books.checked(source, importer)
    assert (batch.sheet, batch.header_row, created(batch)) == (1, 4, 1)


def test_a_cell_merged_over_a_household_counts_for_everybody_in_it(importer, person):
    rows = [person(), person(248, name="王芳", address=""), person(250, name="王强", address="")]

    def merge(_workbook, sheet):
        sheet.merge_range(1, 3, 3, 3, rows[0]["address"])

    source = books.book([books.TITLES, *([row.get(key, "") for key in books.KEYS] for row in rows)], shape=merge)
    assert created(books.checked(source, importer)) == 3


def test_full_width_digits_and_blanks_are_put_right(importer, person):
    row = person()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in row["document_number"])
    batch = books.applied(books.arrivals(row | {"document_number": f" {wide} ", "name": "李 秀英 "}), importer)
    assert batch.created == 1
    found = Person.objects.get()
    assert (found.name, found.document_number) == ("李秀英", row["document_number"])


@pytest.mark.parametrize("day", [date(2026, 3, 1), 46082.0, "2026/3/1", "2026年3月1日", "20260301"])
def test_a_date_may_be_a_date_a_number_or_text(importer, person, day, at):
    at("2026-03-05 09:00")
    batch = books.applied(books.arrivals(person(arrived_on=day)), importer)
    assert batch.created == 1
    assert Registration.objects.get().arrived_on == date(2026, 3, 1)


def test_a_number_in_scientific_notation_is_refused_because_its_digits_are_lost(importer, person):
    batch = books.checked(books.arrivals(person(document_number=5.20322199303082e17)), importer)
    row = books.only(batch)
    assert row.decision == "error"
    assert "lost_digits" in books.codes_of(row)
    assert row.raw["document_number"] == "5.20322199303082e+17"


def test_a_number_of_15_digits_becomes_the_one_of_18(importer, person):
    old = id_number(born=date(1993, 3, 8), sequence=246)
    batch = books.applied(books.arrivals(person(document_number=old[:6] + old[8:17])), importer)
    assert batch.created == 1
    assert Person.objects.get().document_number == old


def test_of_doubled_columns_the_fuller_one_is_read(importer, person):
    row = person()
    titles = ("证件号码", *books.TITLES)
    source = books.book([titles, ["", *(row.get(key, "") for key in books.KEYS)]])
    assert created(books.checked(source, importer)) == 1


def test_empty_rows_and_the_forgotten_example_are_no_rows(importer, person):
    row = person()
    values = [row.get(key, "") for key in books.KEYS]
    source = books.book([books.TITLES, ["例：李秀英", *values[1:]], [], ["", " "], values, []])
    batch = books.checked(source, importer)
    assert batch.read == 1
    assert created(batch) == 1


def test_an_old_workbook_renamed_to_xlsx_is_refused_with_what_to_do(importer):
    source = BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    with override("en"), scoped_transaction(importer), pytest.raises(UploadRefused) as refused:
        services.upload(kind="registrations", source=source, size=4104, actor=importer)
    assert refused.value.code == "old_workbook"
    assert ".xls" in refused.value.message


def test_two_rows_with_one_number_are_one_person_and_a_duplicate(importer, person):
    batch = books.checked(books.arrivals(person(), person()), importer)
    assert [row.decision for row in books.rows_of(batch)] == ["create", "duplicate"]
    assert "2" in books.rows_of(batch)[1].note


def test_a_masked_number_is_refused(importer, person):
    row = books.only(books.checked(books.arrivals(person(document_number="520322********2464")), importer))
    assert books.codes_of(row) == ["masked"]
