from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from demo import authorization
from demo.grants import ROLES


def row_of(title: str) -> list[str]:
    (line,) = [one for one in authorization.document().splitlines() if one.startswith(f"| {title} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_A1_the_page_in_the_documentation_is_the_one_of_the_code():
    call_command("authorization", "--check")
    out = StringIO()
    call_command("authorization", stdout=out)
    assert out.getvalue() == (settings.BASE_DIR / "docs" / "authorization.md").read_text(encoding="utf-8")


def test_A1_a_changed_line_is_refused(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "authorization.md"
    page.write_text(authorization.document(), encoding="utf-8")
    call_command("authorization", "--check")
    page.write_text(authorization.document().replace("| ● |", "|   |", 1), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("authorization", "--check")


def test_signing_is_the_county_polices_alone():
    row = row_of("Permit application: sign")
    assert [role for role, cell in zip(ROLES, row, strict=True) if cell] == ["police"]


def test_the_language_of_the_reader_changes_nothing():
    from_english = authorization.document()
    with authorization.translation.override("zh-hans"):
        assert authorization.document() == from_english
