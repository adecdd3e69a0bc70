"""An address put together is the address that Django gives."""

import pytest
from django.test import override_settings
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix

from portal.ui.addresses import address_of


@pytest.mark.parametrize("name", ["residents:dwelling_detail", "residents:person_detail"])
def test_the_address_is_the_one_of_reverse(name: str):
    for pk in (1, 7, 23552, 2**40):
        assert address_of(name, pk) == reverse(name, args=[pk])


def test_a_mount_point_stands_in_front():
    before = get_script_prefix()
    plain = address_of("residents:dwelling_detail", 7)
    try:
        set_script_prefix("/county/")
        assert address_of("residents:dwelling_detail", 7) == reverse("residents:dwelling_detail", args=[7])
        assert address_of("residents:dwelling_detail", 7) == f"/county{plain}"
    finally:
        set_script_prefix(before)
    assert address_of("residents:dwelling_detail", 7) == plain


def test_another_urlconf_has_its_own_addresses():
    address_of("residents:dwelling_detail", 7)
    with override_settings(ROOT_URLCONF="portal.ui.urls"), pytest.raises(NoReverseMatch):
        address_of("residents:dwelling_detail", 7)


def test_an_unknown_name_is_refused():
    with pytest.raises(NoReverseMatch):
        address_of("residents:no_such_page", 7)
