import pytest

pytestmark = pytest.mark.browser


def test_the_arrival_page_opens_with_the_cursor_in_the_number(page_as):
    page = page_as("coadmin")
    page.goto("/arrivals/new/")
    assert page.evaluate("document.activeElement.name") == "document_number"
