"""What lies on the disk while an import goes on: the workbook and the rows of its longest sheet, both sealed."""

import struct

import pytest

from portal.imports import store
from portal.imports.applying import counts_of
from portal.imports.models import BatchState
from portal.org.walls.context import scoped_transaction
from portal.vault.cipher import DecryptionError
from tests.imports import books

pytestmark = pytest.mark.django_db


def kept(batch):
    found = store.kept_rows(batch)
    return None if found is None else [part.read() for part in found]


def test_the_rows_are_kept_as_they_were_read_and_no_name_is_in_the_file(importer, person):
    batch = books.uploaded(books.arrivals(person(), person(300)), importer)
    content = store.path_of(batch).with_suffix(".rows").read_bytes()
    assert "李秀英".encode() not in content
    [part] = kept(batch)
    assert [number for number, _cells in part] == [1, 2, 3]
    assert part[1][1][:2] == ["李秀英", person()["document_number"]]


def test_another_sheet_than_the_longest_is_read_from_the_workbook(importer, person):
    row = [person().get(key, "") for key in books.KEYS]
    batch = books.uploaded(books.book([["清单"], ["一"], ["二"], ["三"]], [books.TITLES, row]), importer)
    assert (batch.sheet, kept(batch)) == (1, None)
    done = books.applied(books.book([["清单"], ["一"], ["二"]], [books.TITLES, row]), importer)
    assert counts_of(done)["created"] == 1


def test_parts_that_changed_places_do_not_decrypt(importer, person, monkeypatch):
    monkeypatch.setattr("portal.imports.staging.PART", 2)
    batch = books.uploaded(books.arrivals(person(), person(300), person(302)), importer)
    path = store.path_of(batch).with_suffix(".rows")
    content = path.read_bytes()
    size = struct.unpack(">II", content[4:12])[1]
    first, second = content[4 : 12 + size], content[12 + size :]
    assert len(kept(batch)) == 2
    path.write_bytes(content[:4] + second + first)
    with pytest.raises(DecryptionError):
        kept(batch)


@pytest.mark.parametrize("given_up", [False, True])
def test_nothing_is_left_when_the_import_is_over(importer, person, given_up, django_capture_on_commit_callbacks):
    source = books.arrivals(person())
    if given_up:
        batch = books.checked(source, importer)
        assert batch.state == BatchState.CHECKED
        with django_capture_on_commit_callbacks(execute=True), scoped_transaction(importer):
            books.services.discard(batch_id=batch.pk, actor=importer)
    else:
        batch = books.applied(source, importer)
    assert list(store.path_of(batch).parent.glob(f"{batch.pk}*")) == []
