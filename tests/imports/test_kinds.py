"""The other kinds: companions, addresses, deregistrations, and the export of another platform."""

from datetime import timedelta

import pytest

from portal.audit.past import history_of
from portal.core import clock
from portal.imports import undoing
from portal.imports.models import BatchState
from portal.org.walls.context import scoped_transaction
from residents.choices import RegistrationStatus
from residents.imports.mapped import Mapped, load
from residents.models import Building, Dwelling, Registration, RegistrationChange
from residents.services.dwellings import add_dwelling
from tests.factories.residents import COMMUNITY, PersonFactory, RegistrationFactory, id_number
from tests.imports import books

pytestmark = pytest.mark.django_db


def test_a_child_comes_to_the_address_of_the_person_it_lives_with(importer, person, door):
    head = RegistrationFactory.create(
        person=PersonFactory.create(document_number=person()["document_number"]), dwelling=door
    )
    child = id_number(born=clock.today() - timedelta(days=8 * 366), sequence=351)
    titles = ("户主身份证号", "与户主关系", "姓名", "身份证号")
    source = books.book([titles, [person()["document_number"], "子", "王小宝", child]])
    batch = books.applied(source, importer, "companions")
    assert batch.created == 1
    stay = Registration.objects.get(head=head)
    assert (stay.person.name, stay.dwelling, stay.relation, stay.lodging) == ("王小宝", door, "20", head.lodging)
    assert books.undone(batch, importer).state == BatchState.UNDONE
    assert not Registration.objects.filter(head=head).exists()


def test_a_companion_of_nobody_is_refused(importer, person):
    titles = ("户主身份证号", "与户主关系", "姓名", "身份证号")
    source = books.book([titles, [person(300)["document_number"], "配偶", "王芳", person()["document_number"]]])
    row = books.only(books.checked(source, importer, "companions"))
    assert "unknown_head" in books.codes_of(row)


def test_a_list_of_doors_fills_the_address_master_and_goes_again(importer):
    titles = ("社区", "小区", "幢", "单元", "室", "房屋类型", "房东电话", "可住人数", "已登记出租")
    rows = [["东明社区", "翠园小区", "1", "1", f"{room}", "租赁房屋", "13900001234", 4.0, "是"] for room in (101, 102)]
    source = books.book([titles, *rows, rows[0], ["没有的社区", "x", "", "", "1", "租赁房屋"]])
    batch = books.applied(source, importer, "addresses")
    assert (batch.created, batch.skipped, batch.rejected) == (2, 1, 1)
    door = Dwelling.objects.get(address="翠园小区1幢1单元101室")
    assert (door.kind, door.landlord_phone, door.capacity, door.rental_registered) == ("05", "13900001234", 4, True)
    books.undone(batch, importer)
    assert not Dwelling.objects.filter(estate="翠园小区").exists()


def test_somebody_lives_there_so_the_addresses_stay(importer):
    titles = ("社区", "小区", "幢", "单元", "室", "房屋类型")
    batch = books.applied(
        books.book([titles, ["东明社区", "翠园小区", "1", "1", "101", "租赁房屋"]]), importer, "addresses"
    )
    RegistrationFactory.create(dwelling=Dwelling.objects.get(estate="翠园小区"))
    batch = books.undone(batch, importer)
    assert batch.state == BatchState.DONE
    assert [one["row"] for one in batch.obstacles] == [2]


HOUSES = ("社区", "小区", "幢", "单元", "室", "房屋类型")


def houses(*rooms: tuple[str, str]):
    rows = (["东明社区", "翠园小区", building, "1", room, "租赁房屋"] for building, room in rooms)
    return books.book([HOUSES, *rows])


def stock() -> tuple[list[int], list[int]]:
    found = tuple(list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in (Building, Dwelling))
    return found[0], found[1]


def test_the_buildings_that_an_import_made_go_with_its_doors(importer, monkeypatch):
    monkeypatch.setattr(undoing, "BLOCK", 1)
    with scoped_transaction(importer):
        add_dwelling(
            area_code=COMMUNITY, estate="翠园小区", building="9", unit="1", room="101", kind="05", actor=importer
        )
    before = stock()
    assert len(before[0]) == 1
    batch = books.applied(houses(("1", "101"), ("1", "102"), ("2", "101"), ("9", "102")), importer, "addresses")
    assert (Building.objects.count(), Dwelling.objects.count()) == (3, 5)
    made = sorted(set(stock()[0]) - set(before[0]))
    books.undone(batch, importer)
    assert stock() == before
    kept = history_of(Building).objects.filter(pgh_obj_id__in=made)
    assert sorted(kept.filter(pgh_label="delete").values_list("pgh_obj_id", flat=True)) == made


def test_a_building_that_got_another_door_since_stays(importer):
    batch = books.applied(houses(("1", "101"), ("2", "101")), importer, "addresses")
    with scoped_transaction(importer):
        later = add_dwelling(
            area_code=COMMUNITY, estate="翠园小区", building="1", unit="1", room="102", kind="05", actor=importer
        )
    batch = books.undone(batch, importer)
    assert batch.state == BatchState.UNDONE
    assert [str(one) for one in Building.objects.all()] == ["翠园小区1幢"]
    assert list(Dwelling.objects.all()) == [later]


def departures(*rows):
    return books.book([("姓名", "身份证号", "离开日期", "注销原因", "去向"), *rows])


def test_who_has_left_is_deregistered_and_comes_back_when_the_list_was_wrong(importer, person, door):
    known = PersonFactory.create(document_number=person()["document_number"], name="李秀英")
    stay = RegistrationFactory.create(person=known, dwelling=door)
    today = clock.today()
    source = departures(["李秀英", person()["document_number"], today.isoformat(), "离开本地", "杭州"])
    batch = books.applied(source, importer, "deregistrations")
    stay.refresh_from_db()
    assert batch.updated == 1
    assert (stay.status, stay.left_on, stay.left_reason, stay.left_for) == (
        RegistrationStatus.LEFT,
        today,
        "01",
        "杭州",
    )

    books.undone(batch, importer)

    stay.refresh_from_db()
    assert (stay.status, stay.left_on, stay.version) == (RegistrationStatus.ACTIVE, None, 1)
    assert not RegistrationChange.objects.filter(registration=stay).exists()


@pytest.mark.parametrize(
    "case", [("王芳", "离开本地", "another_name"), ("李秀英", "地址变更", "is_a_move")], ids=lambda case: case[2]
)
def test_a_deregistration_is_refused_as_on_the_page(importer, person, door, case):
    name, reason, code = case
    known = PersonFactory.create(document_number=person()["document_number"], name="李秀英")
    RegistrationFactory.create(person=known, dwelling=door)
    source = departures([name, person()["document_number"], clock.today().isoformat(), reason, ""])
    row = books.only(books.checked(source, importer, "deregistrations"))
    assert books.codes_of(row) == [code]


def test_the_export_of_another_platform_is_read_through_its_mapping(importer, person, door):
    row = person()
    titles = ("XM", "GMSFHM", "JZDXZ", "ZZRQ", "ZZCS", "ZZSY")
    values = [row["name"], row["document_number"], door.address, clock.today().strftime("%Y%m%d"), "11", "B"]
    batch = books.applied(books.book([titles, values]), importer, "police-lodgers")
    assert batch.created == 1
    stay = Registration.objects.get()
    assert (stay.lodging, stay.reason, stay.channel) == ("05", "03", "share")


def test_a_mapping_that_names_an_unknown_column_is_refused():
    with pytest.raises(KeyError, match="blood_group"):
        Mapped({"code": "x", "title": "x", "columns": {"blood_group": ["XX"]}})


def test_a_broken_mapping_file_of_an_installation_leaves_the_others_alone(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "broken.toml").write_text("code = ")
    (tmp_path / "mappings" / "own.toml").write_text('code = "own"\ntitle = "x"\n[columns]\nname = ["N"]\n')
    assert [kind.code for kind in load()] == ["police-lodgers", "own"]
