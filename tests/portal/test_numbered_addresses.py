import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from portal.core.web.numbered import address_of


@pytest.fixture
def _under_a_prefix():
    set_script_prefix("/anju/")
    yield
    set_script_prefix("/")


@pytest.mark.parametrize("pk", [1, 918_273_645, 10**15])
def test_an_address_is_the_one_that_reverse_gives(pk):
    assert address_of("residents:person_detail", pk) == reverse("residents:person_detail", args=[pk])


@pytest.mark.usefixtures("_under_a_prefix")
def test_an_address_follows_the_place_the_product_stands_at():
    assert address_of("residents:person_detail", 7) == "/anju/people/7/"


def test_an_unknown_name_is_refused():
    with pytest.raises(NoReverseMatch):
        address_of("residents:nobody", 7)
