import re
from datetime import timedelta

import pytest
from django.urls import reverse

from portal.core import clock
from residents.choices import RegistrationStatus
from residents.models import Dwelling, Person, Registration, RegistrationChange
from residents.services.identity import document_index
from tests.factories.residents import DwellingFactory, NoticeFactory, PersonFactory, RegistrationFactory, id_number
from tests.residents.arrivals import CHILD, ELSEWHERE, HEAD_NUMBER, HERE, WIFE, WIFE_NUMBER, coadmin, filled

pytestmark = pytest.mark.django_db

NEW = "/arrivals/new/"


@pytest.fixture
def dwelling() -> Dwelling:
    return DwellingFactory.create(area_code=HERE)


@pytest.fixture
def clerk(client):
    user = coadmin()
    client.force_login(user)
    return user


def stay_of(number: str) -> Registration:
    return Registration.objects.get(person__document_index=document_index(number))


def field_error(response, field: str) -> str:
    """The words that stand beside a field."""
    block = re.search(rf'id="id_{field}_error">(.*?)</div>', response.content.decode(), re.DOTALL)
    return re.sub(r"<[^>]+>", "", block[1]).strip() if block else ""


def test_an_arrival_is_saved_with_the_notice_that_was_shown(client, clerk, dwelling):
    notice = NoticeFactory.create()
    response = client.post(NEW, filled(dwelling))
    stay = stay_of(HEAD_NUMBER)
    assert response.status_code == 302
    assert response.url == f"{NEW}?saved={stay.pk}"
    assert (stay.status, stay.registrar, stay.notice) == (RegistrationStatus.ACTIVE, clerk, notice)
    assert stay.person.native_code == "520322"
    assert "已登记 赵小禾" in client.get(response.url).content.decode()


def test_save_alone_leads_to_the_voucher(client, clerk, dwelling):
    response = client.post(NEW, filled(dwelling, then="view"))
    assert response.url == reverse("residents:arrival_voucher", args=[stay_of(HEAD_NUMBER).pk])


def test_companions_share_the_address_and_hang_on_the_head(client, clerk, dwelling):
    client.post("/arrivals/household/", filled(dwelling, WIFE, CHILD))
    stay = stay_of(HEAD_NUMBER)
    rows = [(one.person.name, one.relation, one.dwelling_id) for one in stay.companions.order_by("pk")]
    assert rows == [("李秀英", "10", dwelling.pk), ("赵一诺", "20", dwelling.pk)]


def test_rows_left_empty_or_taken_away_are_no_companions(client, clerk, dwelling):
    empty = {"relation": "", "document_number": "", "name": ""}
    gone = {**WIFE, "DELETE": "on"}
    response = client.post(NEW, filled(dwelling, empty, gone, CHILD))
    assert response.status_code == 302
    assert [one.person.name for one in stay_of(HEAD_NUMBER).companions.all()] == ["赵一诺"]


def test_errors_stand_in_chinese_beside_their_fields_and_nothing_typed_is_lost(client, clerk, dwelling):
    bad = filled(dwelling, {**WIFE, "name": ""}, document_number=HEAD_NUMBER[:17], phone="139", name="")
    bad |= {"dwelling": "", "dwelling_text": ""}
    response = client.post(NEW, bad)
    text = response.content.decode()
    assert response.status_code == 422
    assert field_error(response, "name") == "请填写姓名"
    assert "手机号" in field_error(response, "phone")
    assert field_error(response, "dwelling") == "请从候选中选择地址，没有的请新建房屋"
    assert field_error(response, "document_number")
    assert field_error(response, "with-0-name") == "请填写姓名"
    assert 'role="alert"' in text
    assert WIFE_NUMBER in text
    assert f'value="{bad["submission_id"]}"' in text
    assert Registration.objects.count() == 0


def test_a_failing_companion_leaves_nothing_half_written(client, clerk, dwelling):
    other = PersonFactory.create(area_code=HERE, document_number=WIFE_NUMBER, name="李秀英", sex="2")
    RegistrationFactory.create(person=other, dwelling=dwelling)
    response = client.post(NEW, filled(dwelling, WIFE, CHILD))
    assert response.status_code == 422
    assert field_error(response, "with-0-document_number")
    assert Person.objects.count() == 1
    assert Registration.objects.count() == 1


def test_the_same_form_sent_twice_registers_once_and_gives_the_first_result(client, clerk, dwelling):
    data = filled(dwelling, WIFE)
    first, second = client.post(NEW, data), client.post(NEW, data)
    assert first.url == second.url
    assert Registration.objects.count() == 2
    assert "没有重复登记" in client.get(second.url).content.decode()


def test_somebody_in_residence_is_offered_the_change_of_address(client, clerk, dwelling):
    person = PersonFactory.create(area_code=HERE, document_number=HEAD_NUMBER)
    stay = RegistrationFactory.create(person=person, dwelling=dwelling)
    response = client.post(NEW, filled(dwelling))
    assert response.status_code == 422
    assert reverse("residents:person_move", args=[stay.pk]) in response.content.decode()


def test_somebody_in_residence_elsewhere_is_not_shown_only_the_transfer_is_explained(client, clerk, dwelling):
    far = DwellingFactory.create(area_code=ELSEWHERE, estate="秘境山庄")
    person = PersonFactory.create(area_code=ELSEWHERE, document_number=HEAD_NUMBER, name="石破天")
    stay = RegistrationFactory.create(person=person, dwelling=far)
    text = client.post(NEW, filled(dwelling)).content.decode()
    assert "请联系登记单位" in text
    assert "石破天" not in text
    assert "秘境山庄" not in text
    assert reverse("residents:person_move", args=[stay.pk]) not in text


def test_a_person_without_a_phone_is_registered_by_writing_none(client, clerk, dwelling):
    assert client.post(NEW, filled(dwelling, phone="无")).status_code == 302
    assert stay_of(HEAD_NUMBER).person.phone == ""


def test_facts_that_differ_from_the_number_need_a_reason(client, clerk, dwelling):
    data = filled(dwelling, birth_date="1987-06-15")
    refused = client.post(NEW, data)
    assert "请更正或填写原因" in field_error(refused, "mismatch_reason")
    assert client.post(NEW, data | {"mismatch_reason": "户籍机关已更正"}).status_code == 302
    assert stay_of(HEAD_NUMBER).person.birth_date.isoformat() == "1987-06-15"


def test_short_dates_are_understood(client, clerk, dwelling):
    assert client.post(NEW, filled(dwelling, arrived_on="昨天")).status_code == 302
    assert stay_of(HEAD_NUMBER).arrived_on == clock.today() - timedelta(days=1)


def test_an_arrival_in_the_future_is_refused(client, clerk, dwelling):
    response = client.post(NEW, filled(dwelling, arrived_on="+3"))
    assert field_error(response, "arrived_on") == "到达日期不能晚于今天，请核对"


def test_a_passport_needs_the_nationality_sex_and_birth_date(client, clerk, dwelling):
    data = filled(dwelling, document_kind="414", document_number="E12345678", sex="", birth_date="")
    response = client.post(NEW, data)
    assert field_error(response, "nationality") == "请填写国籍"
    assert field_error(response, "sex") == "请选择性别"
    assert field_error(response, "birth_date") == "请填写出生日期"
    complete = data | {"nationality": "kor", "sex": "2", "birth_date": "19900101"}
    assert client.post(NEW, complete).status_code == 302
    assert stay_of("E12345678").person.nationality == "KOR"


def test_a_loaded_person_is_renewed_by_the_masked_number_and_keeps_the_phone_on_file(client, clerk, dwelling):
    person = PersonFactory.create(area_code=HERE, document_number=HEAD_NUMBER, name="赵小禾", phone="13800005621")
    masked = HEAD_NUMBER[:3] + "*" * 11 + HEAD_NUMBER[-4:]
    data = filled(
        dwelling, person=str(person.pk), document_number=masked, phone="", phone_on_file="138****5621", birth_date=""
    )
    assert client.post(NEW, data).status_code == 302
    stay = stay_of(HEAD_NUMBER)
    assert stay.person == person
    assert stay.person.phone == "13800005621"


def test_a_masked_number_of_somebody_out_of_sight_is_refused(client, clerk, dwelling):
    hidden = PersonFactory.create(area_code=ELSEWHERE, document_number=HEAD_NUMBER)
    masked = HEAD_NUMBER[:3] + "*" * 11 + HEAD_NUMBER[-4:]
    response = client.post(NEW, filled(dwelling, person=str(hidden.pk), document_number=masked))
    assert field_error(response, "document_number") == "请重新输入证件号"


def test_an_address_that_was_typed_but_not_picked_counts_when_it_is_the_only_one(client, clerk, dwelling):
    typed = filled(dwelling, dwelling="", dwelling_text=dwelling.shorthand)
    assert client.post(NEW, typed).status_code == 302
    assert stay_of(HEAD_NUMBER).dwelling == dwelling
    DwellingFactory.create(area_code=HERE)
    unclear = filled(dwelling, dwelling="", dwelling_text="jxhy", document_number=WIFE_NUMBER, sex="", birth_date="")
    assert field_error(client.post(NEW, unclear), "dwelling") == "请从候选中选择地址，没有的请新建房屋"


def test_a_dwelling_outside_the_own_area_is_as_if_there_were_none(client, clerk):
    far = DwellingFactory.create(area_code=ELSEWHERE)
    assert client.post(NEW, filled(far)).status_code == 422
    assert Registration.objects.count() == 0


@pytest.mark.parametrize("path", [NEW, "/arrivals/household/", "/arrivals/drafts/", "/arrivals/addresses/?q=jx"])
def test_without_the_grant_the_page_is_closed(client, staff, path):
    client.force_login(staff(Registration, "view"))
    assert client.get(path).status_code == 403


def test_the_address_used_last_is_offered_first_and_brings_its_habits(client, clerk, dwelling):
    client.post(NEW, filled(dwelling, lodging="03", reason="06"))
    text = client.get("/arrivals/addresses/").content.decode()
    assert f'data-v="{dwelling.pk}"' in text
    assert 'data-lodging="03"' in text
    assert 'data-reason="06"' in text
    page = client.get(NEW).content.decode()
    assert f'data-take-address data-alt="2" data-v="{dwelling.pk}"' in page


def test_undo_takes_the_whole_household_back(client, clerk, dwelling):
    client.post(NEW, filled(dwelling, WIFE))
    change = RegistrationChange.objects.get(registration=stay_of(HEAD_NUMBER))
    response = client.post(reverse("residents:arrival_undo", args=[change.pk]))
    assert response.status_code == 302
    assert set(Registration.objects.values_list("status", flat=True)) == {RegistrationStatus.VOID}


def test_nobody_undoes_the_registration_of_a_colleague(client, clerk, dwelling):
    client.post(NEW, filled(dwelling))
    change = RegistrationChange.objects.get()
    client.force_login(coadmin())
    assert client.post(reverse("residents:arrival_undo", args=[change.pk])).status_code == 404
    assert stay_of(HEAD_NUMBER).status == RegistrationStatus.ACTIVE


def test_the_household_page_has_rows_ready_and_the_single_page_none(client, clerk):
    assert 'name="with-1-document_number"' in client.get("/arrivals/household/").content.decode()
    assert 'name="with-0-document_number"' not in client.get(NEW).content.decode()


def test_the_page_costs_the_same_for_one_and_for_forty_registrations_of_the_day(
    client, clerk, dwelling, django_assert_max_num_queries
):
    def register(sequence: int) -> None:
        number = id_number(born=clock.today() - timedelta(days=12_000), sequence=sequence)
        data = filled(dwelling, document_number=number, birth_date="")
        assert client.post(NEW, data).status_code == 302

    register(1)
    client.get(NEW)
    with django_assert_max_num_queries(60) as one:
        client.get(NEW)
    for sequence in range(3, 42):
        register(sequence if sequence % 2 else sequence + 400 - sequence % 2 + 1)
    client.get(NEW)
    with django_assert_max_num_queries(60) as many:
        assert "今日 40 人" in client.get(NEW).content.decode()
    assert len(many) == len(one)
