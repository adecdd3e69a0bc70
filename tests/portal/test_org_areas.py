import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from portal.org.codes import covers, level_of, parent_candidates
from portal.org.models import Area
from portal.org.services import area_path, initials_of, load_areas

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("33", "province"),
        ("3308", "prefecture"),
        ("330822", "county"),
        ("330822001", "township"),
        ("330822001001", "community"),
        ("330822001001003", "grid"),
    ],
)
def test_the_length_of_a_code_is_its_level(code, level):
    assert level_of(code) == level


def test_a_code_of_another_length_is_refused():
    with pytest.raises(ValueError, match="2, 4, 6, 9, 12 or 15 digits"):
        level_of("33082")


def test_an_area_covers_itself_and_what_lies_below():
    assert covers("330822001", "330822001001")
    assert covers("330822001", "330822001")
    assert not covers("330822001", "330822002001")
    assert not covers("", "330822001")
    assert parent_candidates("330822001") == ["330822", "3308", "33"]


def test_the_county_of_the_demo_loads_with_the_levels_above():
    call_command("load_areas", "330822", verbosity=0)
    assert Area.objects.get(code="330822").parent.name == "衢州市"
    assert Area.objects.filter(level="township").count() == 14
    tianma = Area.objects.get(code="330822001")
    assert (tianma.name, tianma.parent.code, tianma.initials) == ("天马街道", "330822", "tmjd")
    assert area_path("330822001001") == "常山县天马街道东明社区"


def test_loading_again_renames_and_doubles_nothing():
    load_areas([("330822", "常山县"), ("330822001", "天马镇")])
    load_areas([("330822", "常山县"), ("330822001", "天马街道")])
    assert list(Area.objects.values_list("name", flat=True)) == ["常山县", "天马街道"]


def test_a_prefecture_without_counties_has_its_towns_below_it(tmp_path):
    """441900 (Dongguan) has no county level: 441900003 is a town, 441900003001 a community."""
    file = tmp_path / "441900.tsv"
    file.write_text(
        "code\tname\tlevel\n441900\t东莞市\tcounty\n441900003\t东城街道\ttownship\n441900003001\t岗贝社区\tcommunity\n"
        "441900003001001\t第一网格\tgrid\n",
        encoding="utf-8",
    )
    call_command("load_areas", str(file), verbosity=0)
    grid = Area.objects.get(code="441900003001001")
    assert [grid.parent.name, grid.parent.parent.name, grid.parent.parent.parent.name] == [
        "岗贝社区",
        "东城街道",
        "东莞市",
    ]


def test_a_county_that_the_files_do_not_have_is_named():
    with pytest.raises(CommandError, match=r"999999\.tsv does not exist"):
        call_command("load_areas", "999999")


def test_initials_are_what_a_clerk_types():
    assert initials_of("锦绣花园 3-2-501") == "jxhy3-2-501"
