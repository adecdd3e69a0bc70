import json
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core import clock
from residents.choices import RegistrationStatus
from residents.models import Draft, Dwelling, Notice, NotSamePerson, Registration
from residents.services.drafts import purge_drafts
from residents.services.intake import find_divisions, habits_of
from residents.services.notices import current_notice, load_notices
from tests.factories.residents import DwellingFactory, NoticeFactory, PersonFactory, RegistrationFactory
from tests.residents.arrivals import CHILD_NUMBER, ELSEWHERE, HEAD_NUMBER, HERE, WIFE, coadmin, filled

pytestmark = pytest.mark.django_db

DUPLICATES = "/arrivals/duplicates/"


@pytest.fixture
def clerk(client):
    user = coadmin()
    client.force_login(user)
    return user


@pytest.fixture
def dwelling() -> Dwelling:
    return DwellingFactory.create(area_code=HERE)


def gone(**facts) -> Registration:
    """Somebody who lived here and left."""
    person = PersonFactory.create(area_code=HERE, document_number=HEAD_NUMBER, **facts)
    return RegistrationFactory.create(
        person=person,
        dwelling=DwellingFactory.create(area_code=HERE),
        status=RegistrationStatus.LEFT,
        left_on=clock.today() - timedelta(days=3),
    )


# --- duplicates (P3) ---------------------------------------------------------------------------------------------


def test_the_number_tells_the_native_place(client, clerk):
    response = client.post(DUPLICATES, {"document_number": HEAD_NUMBER})
    told = json.loads(response["HX-Trigger-After-Settle"])["arrival-facts"]
    assert told == {
        "native_code": "520322",
        "native_code_text": "贵州省遵义市桐梓县",
        "sex": "1",
        "birth_date": "1988-06-15",
    }
    assert "没有发现重复档案" in response.content.decode()


def test_a_known_person_is_shown_masked_with_the_verb_to_load(client, clerk):
    stay = gone(name="王建国", phone="13800005621")
    text = client.post(DUPLICATES, {"document_number": HEAD_NUMBER}).content.decode()
    assert "证件号已有档案，请续登，不要新建" in text
    assert "王建国" in text
    assert "138****5621" in text
    assert HEAD_NUMBER not in text
    assert reverse("residents:arrival_load", args=[stay.person_id]) in text
    assert AccessEvent.objects.filter(actor=clerk, action="search", person_ids=[stay.person_id]).exists()


def test_somebody_of_another_area_is_a_fact_without_a_name(client, clerk):
    person = PersonFactory.create(area_code=ELSEWHERE, document_number=HEAD_NUMBER, name="石破天")
    RegistrationFactory.create(person=person, dwelling=DwellingFactory.create(area_code=ELSEWHERE, estate="秘境山庄"))
    text = client.post(DUPLICATES, {"document_number": HEAD_NUMBER}).content.decode()
    assert "该证件号在其他辖区已有登记" in text
    assert "办理迁出变更" in text
    assert "石破天" not in text
    assert "秘境山庄" not in text
    assert "/arrivals/load/" not in text


def test_a_namesake_said_to_be_somebody_else_does_not_come_back(client, clerk):
    namesake = PersonFactory.create(area_code=HERE, name="赵小禾", birth_date=date(1988, 6, 15))
    typed = {"document_number": HEAD_NUMBER, "name": "赵小禾"}
    assert "出生日期一致" in client.post(DUPLICATES, typed).content.decode()
    answer = client.post("/arrivals/not-same/", {**typed, "person": namesake.pk, "why": "namesake", "text": "见过本人"})
    assert "已记住" in answer.content.decode()
    assert NotSamePerson.objects.get(person=namesake).reason == "只是重名；见过本人"
    assert "没有发现重复档案" in client.post(DUPLICATES, typed).content.decode()


def test_without_a_reason_the_suggestion_stays(client, clerk):
    person = PersonFactory.create(area_code=HERE)
    answer = client.post("/arrivals/not-same/", {"person": person.pk, "document_number": HEAD_NUMBER})
    assert answer.status_code == 422
    assert "请选择不是同一人的理由" in answer.content.decode()
    assert not NotSamePerson.objects.exists()


def test_loading_by_name_masks_number_and_phone_and_leaves_a_trace(client, clerk):
    stay = gone(name="赵小禾", phone="13800005621")
    response = client.post(reverse("residents:arrival_load", args=[stay.person_id]), {"document_number": ""})
    told = response["HX-Trigger-After-Settle"]
    values = json.loads(told)["arrival-load"]["values"]
    assert values["document_number"] == HEAD_NUMBER[:3] + "*" * 11 + HEAD_NUMBER[-4:]
    assert values["phone_on_file"] == "138****5621"
    assert "birth_date" not in values
    assert HEAD_NUMBER not in told
    assert "13800005621" not in told
    assert AccessEvent.objects.filter(actor=clerk, action="open", person_ids=[stay.person_id]).exists()


def test_nobody_is_loaded_from_another_area(client, clerk):
    person = PersonFactory.create(area_code=ELSEWHERE)
    assert client.post(reverse("residents:arrival_load", args=[person.pk])).status_code == 404


# --- companions ---------------------------------------------------------------------------------------------------


def test_a_row_tells_sex_age_and_school_age(client, clerk, monkeypatch):
    text = client.post("/arrivals/companion/", {"with-3-document_number": CHILD_NUMBER}).content.decode()
    assert "男" in text
    assert "学龄儿童" in text


def test_a_row_tells_who_is_on_file_and_who_lives_here_already(client, clerk):
    stay = gone(name="王建国")
    known = client.post("/arrivals/companion/", {"with-0-document_number": HEAD_NUMBER}).content.decode()
    assert "已有档案，续登" in known
    assert 'data-known-name="王建国"' in known
    Registration.objects.filter(pk=stay.pk).update(status=RegistrationStatus.ACTIVE, left_on=None)
    assert "已在住" in client.post("/arrivals/companion/", {"with-0-document_number": HEAD_NUMBER}).content.decode()


# --- exemptions and foreigners ------------------------------------------------------------------------------------


def test_Z7_hotels_register_their_guests_themselves(client, clerk):
    text = client.post("/arrivals/duty/", {"lodging": "01", "reason": "11"}).content.decode()
    lodging = text[text.index('id="duty-lodging"') : text.index('id="duty-date"')]
    assert "旅馆" in lodging


def test_Z7_thirty_days_with_relatives_need_no_registration(client, clerk):
    asked = {"lodging": "02", "reason": "09", "arrived_on": "2026-11-01", "planned_until": "2026-12-01"}
    assert "30 天" in client.post("/arrivals/duty/", asked).content.decode()
    longer = asked | {"planned_until": "2026-12-02"}
    assert "30 天" not in client.post("/arrivals/duty/", longer).content.decode()


def test_Z19_foreigners_register_with_the_police_within_24_hours(client, clerk):
    asked = {"document_kind": "414", "nationality": "KOR", "lodging": "05", "reason": "01"}
    text = client.post("/arrivals/duty/", asked).content.decode()
    assert "24 小时" in text[: text.index('id="duty-lodging"')]


# --- address and native place -------------------------------------------------------------------------------------


def test_the_picker_finds_by_initials_and_flags_other_communities(client, clerk):
    RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE, room="501", landlord_name="陈国强"))
    DwellingFactory.create(area_code="330822001002", room="502", landlord_name="周某")
    text = client.get("/arrivals/addresses/", {"q": "jxhy 3-2-50"}).content.decode()
    assert "房东 陈国强 · 在住 1 / 核定 4 人" in text
    assert "其他社区" in text
    assert "周某" not in text
    assert text.count("data-v=") == 1
    assert "新建房屋" in text


def test_the_picker_costs_the_same_for_one_and_for_eight_hits(client, clerk, django_assert_max_num_queries):
    def queries() -> int:
        with django_assert_max_num_queries(60) as asked:
            assert client.get("/arrivals/addresses/", {"q": "jxhy"}).status_code == 200
        return len(asked)

    RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    queries()
    one = queries()
    for _room in range(7):
        RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=HERE))
    assert queries() <= one


def test_the_habit_of_an_address_is_its_newest_stay():
    dwelling = DwellingFactory.create()
    RegistrationFactory.create(dwelling=dwelling, lodging="03", reason="06", status="void")
    RegistrationFactory.create(dwelling=dwelling, lodging="05", reason="03")
    assert habits_of([dwelling.pk]) == {dwelling.pk: ("05", "03")}


def test_native_places_are_found_by_code_name_and_initials():
    assert ("520322", "贵州省遵义市桐梓县") in find_divisions("520322")
    assert ("520322", "贵州省遵义市桐梓县") in find_divisions("桐梓")
    assert ("520322", "贵州省遵义市桐梓县") in find_divisions("zystzx")
    assert find_divisions("  ") == []


def test_a_new_dwelling_is_added_and_picked(client, clerk):
    data = {"area_code": HERE, "estate": "桔香新村", "building": "7", "unit": "", "room": "302", "kind": "05"}
    response = client.post("/arrivals/dwelling/", data)
    made = Dwelling.objects.get(estate="桔香新村")
    told = json.loads(response["HX-Trigger"])["dwelling-added"]
    assert response.status_code == 204
    assert told == {"value": made.pk, "label": made.address, "lodging": "05"}


def test_a_dwelling_that_exists_is_refused_beside_the_field(client, clerk):
    data = {"area_code": HERE, "estate": "桔香新村", "building": "7", "room": "302", "kind": "05"}
    client.post("/arrivals/dwelling/", data)
    response = client.post("/arrivals/dwelling/", data)
    assert response.status_code == 422
    assert 'id="dwelling_estate_error"' in response.content.decode()


def test_no_dwelling_is_added_outside_the_own_area(client, clerk):
    data = {"area_code": ELSEWHERE, "estate": "桔香新村", "room": "302", "kind": "05"}
    assert client.post("/arrivals/dwelling/", data).status_code == 422
    assert not Dwelling.objects.exists()


# --- drafts (P15) -------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_encrypted_listed_masked_and_gone_after_saving(client, clerk, dwelling):
    data = filled(dwelling, WIFE)
    answer = client.post("/arrivals/drafts/single/save/", data)
    draft = Draft.objects.get()
    assert answer.json() == {"url": f"/arrivals/new/?draft={draft.pk}"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM residents_draft")
        assert HEAD_NUMBER.encode() not in bytes(cursor.fetchone()[0])
    listed = client.get("/arrivals/drafts/").content.decode()
    assert "赵小禾" in listed
    assert "同行 1 人" in listed
    assert HEAD_NUMBER not in listed
    again = client.get(answer.json()["url"]).content.decode()
    assert HEAD_NUMBER in again
    assert WIFE["document_number"] in again
    assert dwelling.address in again
    assert data["submission_id"] in again
    client.post("/arrivals/new/", data)
    assert not Draft.objects.exists()


def test_saving_a_draft_again_replaces_it(client, clerk, dwelling):
    data = filled(dwelling)
    client.post("/arrivals/drafts/single/save/", data)
    client.post("/arrivals/drafts/single/save/", data | {"name": "赵大禾"})
    assert Draft.objects.get().data["name"] == ["赵大禾"]


def test_an_untouched_form_leaves_no_draft(client, clerk):
    untouched = {"submission_id": "0c5f6a2e-6c0e-4f5e-9a53-0a4ed3b8a0f1", "lodging": "05", "arrived_on": "2026-11-22"}
    assert client.post("/arrivals/drafts/single/save/", untouched).status_code == 204
    assert not Draft.objects.exists()


def test_drafts_belong_to_their_author(client, clerk, dwelling):
    client.post("/arrivals/drafts/house/save/", filled(dwelling))
    draft = Draft.objects.get()
    client.force_login(coadmin())
    assert client.get(f"/arrivals/household/?draft={draft.pk}").status_code == 404
    assert client.post(reverse("residents:arrival_draft_delete", args=[draft.pk])).status_code == 404
    assert "赵小禾" not in client.get("/arrivals/drafts/").content.decode()
    client.force_login(clerk)
    client.post(reverse("residents:arrival_draft_delete", args=[draft.pk]))
    assert not Draft.objects.exists()


def test_drafts_older_than_the_rule_allows_are_deleted(client, clerk, dwelling):
    client.post("/arrivals/drafts/single/save/", filled(dwelling))
    Draft.objects.update(updated_at=clock.now() - timedelta(days=31))
    assert "赵小禾" not in client.get("/arrivals/drafts/").content.decode()
    assert purge_drafts() == 1


def test_the_list_of_drafts_costs_the_same_for_one_and_for_forty(client, clerk, django_assert_max_num_queries):
    def queries(count: int) -> int:
        for at in range(count - Draft.objects.count()):
            Draft.objects.create(form=f"single/{at:032x}{count}"[:40], author=clerk, data={"name": [f"甲{at}"]})
        client.get("/arrivals/drafts/")
        with django_assert_max_num_queries(60) as asked:
            client.get("/arrivals/drafts/")
        return len(asked)

    assert queries(1) == queries(40)


# --- notice and voucher -------------------------------------------------------------------------------------------


def test_the_notice_in_force_is_the_newest_that_has_begun():
    NoticeFactory.create(version="old", effective_from=date(2020, 1, 1))
    now = NoticeFactory.create(version="now", effective_from=date(2025, 1, 1))
    NoticeFactory.create(version="later", effective_from=date(2999, 1, 1))
    assert current_notice() == now


def test_loading_the_notice_twice_keeps_the_text_that_people_were_shown():
    assert load_notices()
    Notice.objects.update(body="已出示的文本")
    call_command("load_notices", verbosity=0)
    assert Notice.objects.get().body == "已出示的文本"


def test_H1_the_voucher_names_person_organ_and_date_and_prints_the_notice(client, clerk, dwelling):
    NoticeFactory.create(body="第一条 告知内容")
    client.post("/arrivals/new/", filled(dwelling, WIFE))
    stay = Registration.objects.get(head=None)
    text = client.get(reverse("residents:arrival_voucher", args=[stay.pk])).content.decode()
    assert "居住登记凭证" in text
    assert "赵小禾" in text
    assert "李秀英（配偶）" in text
    assert clock.today().isoformat() in text
    assert "第一条 告知内容" in text
    assert HEAD_NUMBER not in text
    assert "<svg" in text
    assert AccessEvent.objects.filter(actor=clerk, action="print").exists()


def test_a_voucher_of_another_area_is_not_found(client, clerk):
    stay = RegistrationFactory.create(dwelling=DwellingFactory.create(area_code=ELSEWHERE))
    assert client.get(reverse("residents:arrival_voucher", args=[stay.pk])).status_code == 404


def test_anybody_may_check_a_voucher_and_learns_nothing_but_that(client, dwelling):
    cache.clear()
    person = PersonFactory.create(area_code=HERE, name="赵小禾", document_number=HEAD_NUMBER)
    stay = RegistrationFactory.create(person=person, dwelling=dwelling)
    text = client.get(f"/v/{stay.voucher}/").content.decode()
    assert "有效的居住登记凭证" in text
    assert "赵**" in text
    assert stay.registered_on.isoformat() in text
    assert "赵小禾" not in text
    assert HEAD_NUMBER not in text
    assert dwelling.address not in text


def test_a_withdrawn_and_an_unknown_voucher_are_told_apart(client, dwelling):
    cache.clear()
    stay = RegistrationFactory.create(dwelling=dwelling, status=RegistrationStatus.VOID)
    assert "此凭证已撤销" in client.get(f"/v/{stay.voucher}/").content.decode()
    unknown = client.get("/v/0c5f6a2e-6c0e-4f5e-9a53-0a4ed3b8a0f1/")
    assert unknown.status_code == 404
    assert "没有这张凭证" in unknown.content.decode()


def test_the_check_page_answers_twenty_times_a_minute(client, dwelling):
    cache.clear()
    stay = RegistrationFactory.create(dwelling=dwelling)
    statuses = [client.get(f"/v/{stay.voucher}/").status_code for _look in range(21)]
    assert statuses == [200] * 20 + [429]
