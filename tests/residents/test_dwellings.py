import pytest
from django.core.exceptions import PermissionDenied

from portal.core.errors import DomainError
from portal.org.models import User
from residents.models import Dwelling, Registration
from residents.services.dwellings import add_alias, add_dwelling, find_dwellings, shorthand_of
from tests.factories.org import AreaFactory
from tests.factories.residents import DwellingFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coadmin(staff) -> User:
    user = staff(Registration, "view", "add")
    return staff(Dwelling, "view", "add", "change", user=user)


@pytest.fixture
def home() -> Dwelling:
    return DwellingFactory.create(room="501")


@pytest.mark.parametrize(
    "typed",
    [
        "jxhy 3-2-501",
        "jxhy3-2-501",
        "JXHY3－2－501",
        "锦绣花园3幢2单元501室",
        "锦绣花园 3栋2单元501",
        "锦绣花园3号楼2单元501",
        "锦绣花园3#2单元501",
        "锦绣花园 3-2-501",
    ],
)
def test_P5_an_address_is_found_however_it_is_written(coadmin, home, typed):
    assert shorthand_of(typed) == "jxhy3-2-501"
    assert [hit.dwelling_id for hit in find_dwellings(text=typed, actor=coadmin)] == [home.pk]


@pytest.mark.parametrize("typed", ["jx", "jxhy 3", "锦绣", "锦绣花园3幢"])
def test_P5_the_beginning_is_enough(coadmin, home, typed):
    assert [hit.dwelling_id for hit in find_dwellings(text=typed, actor=coadmin)] == [home.pk]


def test_P5_an_alias_leads_to_the_dwelling(coadmin, home):
    add_alias(dwelling_id=home.pk, text="老供销社宿舍501", actor=coadmin)
    for typed in ("lgxs", "老供销社"):
        assert [hit.dwelling_id for hit in find_dwellings(text=typed, actor=coadmin)] == [home.pk]


def test_P5_other_chinese_with_the_same_initials_comes_after(coadmin, home):
    DwellingFactory.create(estate="吉祥花园", room="101")
    assert [hit.address[:4] for hit in find_dwellings(text="锦绣", actor=coadmin)] == ["锦绣花园", "吉祥花园"]


def test_P5_own_community_first_and_others_of_the_county_flagged(coadmin, home):
    AreaFactory.create(code="330822002001", name="南门社区")
    other = DwellingFactory.create(area_code="330822002001", building="1", room="101")
    DwellingFactory.create(area_code="330203001001", building="1", room="101")
    hits = find_dwellings(text="jxhy", actor=coadmin)
    assert [(hit.dwelling_id, hit.own) for hit in hits] == [(home.pk, True), (other.pk, False)]
    assert hits[0].landlord == "陈国强"
    assert (hits[1].landlord, hits[1].community) == ("", "南门社区")


def test_P5_hit_tells_how_many_live_there_and_how_many_may(coadmin, home):
    RegistrationFactory.create_batch(3, dwelling=home)
    RegistrationFactory.create(dwelling=home, status="void")
    hit = find_dwellings(text="jxhy", actor=coadmin)[0]
    assert (hit.living, hit.capacity, hit.is_full, hit.rental_registered) == (3, 4, False, False)


@pytest.mark.parametrize("rows", [1, 40])
def test_P5_finding_costs_the_same_queries_for_1_and_40_rows(coadmin, rows, django_assert_num_queries):
    DwellingFactory.create_batch(rows)
    find_dwellings(text="warm up the grants", actor=coadmin)
    with django_assert_num_queries(4 if rows == 40 else 5):
        assert len(find_dwellings(text="jxhy", actor=coadmin)) == min(rows, 8)


def test_P5_nothing_typed_and_nowhere_granted_find_nothing(coadmin, staff, home):
    assert find_dwellings(text=" ", actor=coadmin) == []
    assert find_dwellings(text="jxhy", actor=staff()) == []


def test_new_dwelling_gets_number_address_and_shorthand(coadmin):
    first = add_dwelling(
        area_code="330822001001", estate="锦绣花园", building="3", unit="2", room="501", kind="05", actor=coadmin
    )
    second = add_dwelling(
        area_code="330822001001",
        estate="同弓村",
        building="12",
        kind="02",
        landlord_phone="138 0000 5621",
        actor=coadmin,
    )
    assert (first.code, first.address, first.shorthand) == (
        "330822001001000001",
        "锦绣花园3幢2单元501室",
        "jxhy3-2-501",
    )
    assert (second.code, second.address, second.shorthand) == ("330822001001000002", "同弓村12号", "tgc12")
    assert second.landlord_phone == "13800005621"


def test_known_address_is_offered_instead_of_a_second_one(coadmin, home):
    with pytest.raises(DomainError) as refusal:
        add_dwelling(
            area_code=home.area_code, estate="锦绣花园", building="3", unit="2", room="501", kind="05", actor=coadmin
        )
    assert (refusal.value.code, refusal.value.context["dwelling_id"]) == ("dwelling_exists", home.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"estate": " "}, "estate"),
        ({"kind": "zz"}, "kind"),
        ({"capacity": 0}, "capacity"),
        ({"landlord_phone": "12"}, "landlord_phone"),
    ],
)
def test_wrong_dwelling_is_refused_at_its_field(coadmin, changes, field):
    given = {"area_code": "330822001001", "estate": "锦绣花园", "kind": "05"} | changes
    with pytest.raises(DomainError) as refusal:
        add_dwelling(**given, actor=coadmin)
    assert refusal.value.field == field


def test_dwelling_outside_the_own_area_is_denied(coadmin):
    with pytest.raises(PermissionDenied):
        add_dwelling(area_code="330822002001", estate="锦绣花园", kind="05", actor=coadmin)


def test_the_address_box_serves_whoever_may_look_at_dwellings(staff):
    """The housing office registers nobody, so its own addresses are those it may view."""
    DwellingFactory.create(area_code="330822001001", estate="安居里", address="安居里101室", shorthand="ajl-101")
    viewer = staff(Dwelling, "view", at="330822", role="housing")
    assert [(hit.address, hit.own) for hit in find_dwellings(text="安居里", actor=viewer)] == [("安居里101室", True)]
