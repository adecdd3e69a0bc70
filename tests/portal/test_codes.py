from datetime import date

import pytest
from django.utils import translation

from portal.core.errors import DomainError
from portal.policy import codes, loading
from portal.policy.divisions import division_name, is_known_division
from portal.policy.models import CodeItem, Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded():
    loading.load(["changshan"])


def test_labels_follow_the_language_and_official_names_do_not(loaded):
    with translation.override("zh-hans"):
        assert codes.label("stay_reason", "01") == "务工"
        assert codes.choices("sex") == [("1", "男"), ("2", "女")]
    with translation.override("en"):
        assert codes.label("stay_reason", "01") == "wage work"
        assert codes.name("stay_reason", "01") == "务工"


def test_the_tables_have_the_official_number_of_codes(loaded):
    assert len(codes.choices("stay_reason")) == 12
    assert len(codes.choices("dwelling_kind")) == 6
    assert len(codes.choices("stay_duration")) == 3
    assert len(codes.choices("origin")) == 7
    assert len(codes.items("ethnicity")) == 56 + 2
    assert len(codes.choices("political")) == 13
    assert len(codes.choices("occupation")) == 8
    assert len(codes.choices("insurance_kind")) == 5


def test_every_code_has_an_english_and_a_chinese_name(loaded):
    assert not CodeItem.objects.filter(name_en="").exists()
    assert not CodeItem.objects.filter(name="").exists()
    assert not CodeItem.objects.filter(source="").exists()


def test_local_codes_count_in_their_report_row(loaded):
    assert codes.bucket("stay_reason_local", "0103") == "01"
    assert codes.bucket("stay_reason_local", "0906") == "99"
    assert codes.bucket("dwelling_kind_detail", "07") == "01"
    assert codes.bucket("stay_reason", "03") == "03"
    assert codes.bucket("stay_reason", "77") == "77"


def test_every_report_row_that_a_code_points_at_exists(loaded):
    targets = {"stay_reason_local": "stay_reason", "dwelling_kind_detail": "dwelling_kind", "education": "education"}
    for table, target in targets.items():
        assert {item.bucket for item in codes.items(table).values()} <= set(codes.items(target))


def test_a_retired_code_keeps_its_label_and_is_not_offered(loaded):
    CodeItem.objects.filter(table="dwelling_kind", code="01").update(active=False)
    assert codes.label("dwelling_kind", "01")
    assert "01" not in dict(codes.choices("dwelling_kind"))


def test_unknown_codes_show_as_they_are_and_empty_ones_as_nothing(loaded):
    assert codes.label("sex", "7") == "7"
    assert codes.label("sex", "") == ""


def test_an_empty_table_is_named():
    with pytest.raises(DomainError, match="nonsense") as caught:
        codes.choices("nonsense")
    assert caught.value.code == "codes_missing"


def test_a_hundred_labels_cost_no_query(loaded, django_assert_num_queries):
    codes.label("sex", "1")
    with django_assert_num_queries(0):
        for _ in range(100):
            codes.label("stay_reason", "01")
            codes.choices("education")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("520322", "贵州省遵义市桐梓县"),
        ("330822", "浙江省衢州市常山县"),
        ("330822001003", "浙江省衢州市常山县"),
        ("110101", "北京市东城区"),
        ("441900", "广东省东莞市"),
        ("429004", "湖北省仙桃市"),
        ("3308", "浙江省衢州市"),
        ("33", "浙江省"),
        ("330204", "浙江省宁波市江东区"),
        ("362321", "江西省上饶地区"),
        ("810000", "香港特别行政区"),
        ("339999", "浙江省"),
        ("990000", ""),
        ("", ""),
    ],
)
def test_division_names(loaded, code, name):
    assert division_name(code) == name


def test_abolished_counties_are_known_with_their_last_day_and_unknown_ones_are_not(loaded):
    assert is_known_division("440524")
    assert Division.objects.get(code="440524").valid_to == date(1993, 12, 31)
    assert not is_known_division("339999")
