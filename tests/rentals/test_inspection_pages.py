"""The pages of inspections, hazards, work orders and grades, behind the wall."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from portal.files.models import Attachment
from portal.org.models import User
from rentals.models import Hazard, HazardReferral, HouseGrade, Inspection, RentalRegistration
from residents.doorstep import items_due
from residents.models import Dwelling
from tests.factories.inspections import (
    DoneFactory,
    GradeFactory,
    HazardFactory,
    InspectionFactory,
    ReferralFactory,
)
from tests.factories.rentals import RentalFactory
from tests.factories.residents import DwellingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def inspector(staff) -> User:
    user = staff(Dwelling, "view", user=staff(RentalRegistration, "view"))
    for model, actions in (
        (Inspection, ("view", "work")),
        (Hazard, ("view", "work")),
        (HouseGrade, ("view", "record")),
        (Attachment, ("view", "add")),
    ):
        staff(model, *actions, user=user)
    return user


@pytest.fixture(autouse=True)
def on_20_november(at, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    at("2026-11-20 09:00")


def picture() -> SimpleUploadedFile:
    kept = BytesIO()
    Image.new("RGB", (40, 30), "white").save(kept, "JPEG")
    return SimpleUploadedFile("x.jpg", kept.getvalue(), content_type="image/jpeg")


def filled(**changes: Any) -> dict[str, Any]:
    return {"note": "楼道无灭火器", "hazard_class": "fire", "level": "ordinary", "disposal": "deadline"} | changes


@pytest.mark.parametrize("rows", [1, 40])
def test_the_queue_of_hazards_costs_the_same_for_one_row_or_forty(client, inspector, rows, django_assert_num_queries):
    HazardFactory.create_batch(rows)
    client.force_login(inspector)
    client.get(reverse("rentals:hazard_list"))
    with django_assert_num_queries(17):
        page = client.get(reverse("rentals:hazard_list"))
    assert page.content.decode().count("配有灭火器") == rows


@pytest.mark.parametrize("rows", [1, 40])
def test_the_desk_of_a_department_costs_the_same_for_one_row_or_forty(client, staff, rows, django_assert_num_queries):
    ReferralFactory.create_batch(rows)
    ReferralFactory.create(recipient="fire")
    client.force_login(staff(HazardReferral, "view", "handle", role="housing"))
    client.get(reverse("rentals:referral_list"))
    with django_assert_num_queries(15):
        page = client.get(reverse("rentals:referral_list"))
    assert page.content.decode().count("配有灭火器") == rows


@pytest.mark.parametrize("rows", [1, 40])
def test_the_list_of_grades_costs_the_same_for_one_house_or_forty(client, inspector, rows, django_assert_num_queries):
    GradeFactory.create_batch(rows)
    client.force_login(inspector)
    client.get(reverse("rentals:grade_list"))
    with django_assert_num_queries(12):
        page = client.get(reverse("rentals:grade_list"))
    assert page.content.decode().count("消防 30、结构 25") == rows


@pytest.mark.parametrize("hazards", [1, 12])
def test_the_checklist_costs_the_same_for_one_hazard_or_twelve(client, inspector, hazards, django_assert_num_queries):
    row = InspectionFactory.create()
    for number in range(hazards):
        HazardFactory.create(inspection=row, item=f"{number + 1:02d}")
    client.force_login(inspector)
    client.get(row.get_absolute_url())
    with django_assert_num_queries(13):
        page = client.get(row.get_absolute_url())
    assert page.context["answered"] == hazards


def test_one_tap_answers_an_item_and_draws_the_list_anew(client, inspector):
    row = InspectionFactory.create()
    client.force_login(inspector)
    address = reverse("rentals:inspection_mark", args=[row.pk])
    page = client.post(address, {"item": "01", "outcome": "passed"}, headers={"HX-Request": "true"}).content.decode()
    assert "1 / 15" in page
    assert "<html" not in page
    client.post(address, {"outcome": "rest"})
    row.refresh_from_db()
    assert len(row.passed) == 15


def test_a_hazard_is_entered_with_photos_and_shows_at_its_item(client, inspector):
    row = InspectionFactory.create()
    client.force_login(inspector)
    address = reverse("rentals:inspection_find", args=[row.pk, "04"])
    answer = client.post(address, filled(file=[picture(), picture()]))
    assert answer.url == f"{row.get_absolute_url()}#i04"
    hazard = Hazard.objects.get()
    assert Attachment.objects.filter(target_id=hazard.pk, kind="hazard_found").count() == 2
    assert hazard.number in client.get(row.get_absolute_url()).content.decode()
    assert reverse("files:download", args=[Attachment.objects.first().pk]) in (
        client.get(hazard.get_absolute_url()).content.decode()
    )


def test_what_is_wrong_about_a_hazard_stands_beside_the_field_and_keeps_the_rest(client, inspector):
    row = InspectionFactory.create()
    client.force_login(inspector)
    address = reverse("rentals:inspection_find", args=[row.pk, "04"])
    answer = client.post(address, filled(disposal="on_spot"))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == ["请上传整改后的照片。"]
    assert answer.context["form"]["note"].value() == "楼道无灭火器"
    assert client.get(reverse("rentals:inspection_find", args=[row.pk, "77"])).status_code == 404


def test_finishing_names_what_was_not_looked_at(client, inspector):
    row = InspectionFactory.create()
    client.force_login(inspector)
    answer = client.post(reverse("rentals:inspection_finish", args=[row.pk]), {"version": 1})
    assert answer.status_code == 422
    assert "疏散通道畅通" in answer.context["finish_form"].non_field_errors()[0]


def test_a_finished_inspection_has_its_papers_and_an_open_one_none(client, inspector):
    rental = RentalFactory.create(status="registered", registered_on="2026-11-01")
    row = DoneFactory.create(dwelling=rental.dwelling, passed=["01"])
    HazardFactory.create(inspection=row)
    HazardFactory.create(inspection=row, item="05", disposal="on_spot", status="closed", note="已装好")
    client.force_login(inspector)
    notice = client.get(reverse("rentals:inspection_notice", args=[row.pk])).content.decode()
    assert all(text in notice for text in (row.number, "陈国强", "楼道无灭火器", "已装好"))
    order = client.get(reverse("rentals:inspection_rectification", args=[row.pk])).content.decode()
    assert "楼道无灭火器" in order
    assert "已装好" not in order
    open_one = InspectionFactory.create()
    assert client.get(reverse("rentals:inspection_notice", args=[open_one.pk])).status_code == 404


def test_the_queue_begins_with_what_is_overdue(client, inspector):
    late, later = HazardFactory.create(), HazardFactory.create(due_on="2026-11-20")
    client.force_login(inspector)
    page = client.get(reverse("rentals:hazard_list")).content.decode()
    assert (late.number in page, later.number in page) == (True, False)
    assert later.number in client.get(reverse("rentals:hazard_list"), {"t": "open"}).content.decode()


def test_a_hazard_is_closed_from_its_page_with_a_photo(client, inspector):
    hazard = HazardFactory.create()
    client.force_login(inspector)
    address = reverse("rentals:hazard_step", args=[hazard.pk, "close"])
    assert client.post(address, {"version": 1}).status_code == 422
    client.post(address, {"version": 1, "file": picture()})
    hazard.refresh_from_db()
    assert hazard.status == "closed"


def test_a_department_sees_its_work_order_and_answers_it(client, staff):
    order = ReferralFactory.create(status="taken", taken_on="2026-11-03")
    client.force_login(staff(HazardReferral, "view", "handle", role="housing"))
    page = client.get(order.get_absolute_url()).content.decode()
    assert all(text in page for text in (order.hazard.dwelling.address, "请依法查处", "楼道无灭火器"))
    client.post(reverse("rentals:referral_step", args=[order.pk, "answer"]), {"version": 1, "text": "已责令整改"})
    order.hazard.refresh_from_db()
    assert order.hazard.status == "recheck"


def test_the_grade_is_explained_and_appealed(client, inspector):
    house = GradeFactory.create()
    client.force_login(inspector)
    page = client.get(house.get_absolute_url()).content.decode()
    assert all(text in page for text in ("未整改隐患 2 处", "危险等级不得出租的房屋", "每 30 天巡查一次"))
    answer = client.post(
        reverse("rentals:grade_appeal", args=[house.pk]), {"asked_by": "陈国强", "reason": "灭火器已配齐"}, follow=True
    )
    assert "2026-12-04" in str(next(iter(answer.context["messages"])))
    assert "灭火器已配齐" in answer.content.decode()


def test_the_dwelling_page_tells_grade_inspections_and_hazards(client, inspector):
    rental = RentalFactory.create(status="registered", registered_on="2026-11-01")
    hazard = HazardFactory.create(inspection__dwelling=rental.dwelling)
    GradeFactory.create(dwelling=rental.dwelling)
    client.force_login(inspector)
    page = client.get(rental.dwelling.get_absolute_url()).content.decode()
    assert all(text in page for text in (hazard.number, "较高", "巡查此房屋"))
    answer = client.post(reverse("rentals:inspection_open", args=[rental.dwelling_id]))
    assert answer.url == Inspection.objects.get(status="open").get_absolute_url()


def test_an_inspection_shares_the_knock_of_a_visit(inspector, staff):
    row = InspectionFactory.create()
    (due,) = items_due([row.dwelling_id], inspector)[row.dwelling_id]
    assert (due.due_on, due.url) == (row.due_on, row.get_absolute_url())
    assert items_due([row.dwelling_id], staff(Dwelling, "view")) == {}


def test_somebody_of_another_area_sees_neither_inspection_nor_hazard(client, staff):
    hazard = HazardFactory.create()
    foreign = staff(Hazard, "view", at="330822002001", user=staff(Inspection, "view", at="330822002001"))
    client.force_login(foreign)
    for row in (hazard, hazard.inspection):
        assert client.get(row.get_absolute_url()).status_code == 404
    page = client.get(reverse("rentals:hazard_list")).content.decode()
    assert hazard.number not in page


def test_a_house_with_one_door_stands_in_the_plan_by_its_address(client, inspector):
    door = DwellingFactory.create(estate="同弓村12号", building="", unit="", room="", address="同弓村12号")
    InspectionFactory.create(dwelling=door)
    client.force_login(inspector)
    page = client.get(reverse("rentals:inspection_plan")).content.decode()
    assert "同弓村12号" in page
    assert "认领本幢" in page
