from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.org.models import Area, User
from portal.org.services import grant_to_user
from residents.models import Dwelling
from tests.factories.org import AreaFactory, UserFactory
from tests.factories.residents import DwellingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.urls")]
HERE, ELSEWHERE = "330822001001", "330822002001"


@pytest.fixture
def here() -> Area:
    AreaFactory.create(code="330822", name="常山县")
    return AreaFactory.create(code=HERE, name="锦绣社区")


@pytest.fixture
def worker(here: Area) -> Callable[..., Client]:
    def make(*actions: str) -> Client:
        user: User = UserFactory.create(area_code=HERE)
        if actions:
            grant_to_user(user, Dwelling, actions, at=here)
        client = Client()
        client.force_login(user)
        return client

    return make


def test_a_list_is_refused_to_those_who_hold_the_right_nowhere(worker: Callable[..., Client]):
    assert worker().get(reverse("dwelling_list")).status_code == 403


def test_a_list_shows_the_rows_of_the_own_area_only(worker: Callable[..., Client]):
    DwellingFactory.create(address="本区一号")
    DwellingFactory.create(address="外区一号", area_code=ELSEWHERE)
    text = worker("view").get(reverse("dwelling_list")).content.decode()
    assert "本区一号" in text
    assert "外区一号" not in text


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("name", ["dwelling_list", "dwelling_queue"])
def test_a_list_asks_as_often_for_40_rows_as_for_one(worker: Callable[..., Client], name: str):
    client = worker("view")
    DwellingFactory.create()
    client.get(reverse(name))
    once = queries(client, reverse(name))
    DwellingFactory.create_batch(39)
    assert queries(client, reverse(name)) == once


def test_htmx_gets_the_list_alone(worker: Callable[..., Client]):
    text = worker("view").get(reverse("dwelling_list"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert "<form" not in text, "the filter form stays, or typing would be lost"
    assert "<table" in text


def test_filters_stand_as_chips_that_lead_to_the_page_without_them(worker: Callable[..., Client], here: Area):
    DwellingFactory.create(address="锦绣花园 1 号")
    page = worker("view").get(reverse("dwelling_list"), {"q": "锦绣", "area": HERE, "page": "1"})
    chips = page.context["chips"]
    assert [chip["label"] for chip in chips] == ["搜索 锦绣", "辖区 锦绣社区"]
    assert chips[0]["url"] == f"?area={HERE}"


def test_a_select_shows_its_own_name_while_nothing_is_chosen(worker: Callable[..., Client]):
    DwellingFactory.create(address="未备案一号")
    DwellingFactory.create(address="已备案一号", rental_registered=True)
    client = worker("view")
    assert "全部备案" in client.get(reverse("dwelling_list")).content.decode()
    text = client.get(reverse("dwelling_list"), {"rental": "1"}).content.decode()
    assert "未备案一号" not in text
    assert "已备案一号" in text


def test_an_empty_list_says_so_and_offers_to_clear_the_filters(worker: Callable[..., Client]):
    text = worker("view").get(reverse("dwelling_list"), {"q": "没有这条路"}).content.decode()
    assert "没有符合筛选条件的记录" in text
    assert "清除筛选" in text


@pytest.mark.parametrize(
    "number", ["520322199103121237", "52032219910312123x", "138 1234 5621", "５２０３２２１９９１０３１２１２３７"]
)
def test_id_and_phone_numbers_are_refused_in_the_address_line(worker: Callable[..., Client], number: str):
    DwellingFactory.create(address="本区一号")
    text = worker("view").get(reverse("dwelling_list"), {"q": number}).content.decode()
    assert "证件号和手机号请用顶部的搜索框查找" in text
    assert "本区一号" not in text


def test_columns_sort_both_ways_and_say_so(worker: Callable[..., Client]):
    DwellingFactory.create(address="甲一号", capacity=2)
    DwellingFactory.create(address="乙二号", capacity=9)
    text = worker("view").get(reverse("dwelling_list"), {"sort": "-capacity"}).content.decode()
    assert text.index("乙二号") < text.index("甲一号")
    assert 'aria-sort="descending"' in text


def test_the_count_stops_at_a_thousand(worker: Callable[..., Client], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("portal.ui.paging.CAP", 60)
    DwellingFactory.create_batch(61)
    client = worker("view")
    assert "超过 1,000 项" in client.get(reverse("dwelling_list")).content.decode()
    last = client.get(reverse("dwelling_list"), {"page": 2}).content.decode()
    assert "缩小筛选范围可看到其余记录" in last


def test_a_queue_counts_its_tabs_and_keeps_to_the_chosen_one(worker: Callable[..., Client]):
    DwellingFactory.create(address="未备案一号")
    DwellingFactory.create(address="已备案一号", rental_registered=True)
    DwellingFactory.create(address="已备案二号", rental_registered=True)
    page = worker("view").get(reverse("dwelling_queue"), {"t": "done"})
    assert [tab["count"] for tab in page.context["tabs"]] == [1, 2]
    text = page.content.decode()
    assert "未备案一号" not in text
    assert 'id="pv"' in text
    assert 'data-key="j"' in text


def test_a_refused_form_comes_back_with_422_its_values_and_a_summary(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create()
    answer = worker("change").post(reverse("dwelling_estate", args=[dwelling.pk]), {"estate": "新名", "since": "没有"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="新名"' in text
    assert '<a href="#id_since">日期：没看懂这个日期，请按 2026-11-20 填写</a>' in text
    assert 'aria-describedby="id_since_error"' in text


def test_a_missing_answer_is_named(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create()
    text = worker("change").post(reverse("dwelling_estate", args=[dwelling.pk]), {}).content.decode()
    assert "请填写小区" in text
    assert "请填写日期" in text


def test_a_broken_rule_stands_beside_its_field(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create()
    client = worker("change")
    answer = client.post(reverse("dwelling_estate", args=[dwelling.pk]), {"estate": "重名", "since": "1120"})
    assert answer.context["form"].errors["estate"] == ["这个名字已有，请换一个"]
    answer = client.post(reverse("dwelling_estate", args=[dwelling.pk]), {"estate": "停用", "since": "1120"})
    assert answer.context["form"].non_field_errors() == ["现在不能改名"]


def test_a_saved_form_says_what_happened_on_the_next_page(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create()
    url = reverse("dwelling_estate", args=[dwelling.pk])
    answer = worker("view", "change").post(url, {"estate": "桂花苑", "since": "1120"}, follow=True)
    assert 'data-text="已改为 桂花苑"' in answer.content.decode()


def test_an_action_offers_a_real_undo(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create()
    client = worker("view", "change")
    answer = client.post(reverse("dwelling_register", args=[dwelling.pk]), follow=True)
    undo = reverse("dwelling_undo", args=[dwelling.pk])
    assert f'data-undo="{undo}"' in answer.content.decode()
    client.post(undo)
    dwelling.refresh_from_db()
    assert dwelling.rental_registered is False


def test_an_action_through_htmx_answers_with_a_toast(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create(rental_registered=True)
    url = reverse("dwelling_register", args=[dwelling.pk])
    answer = worker("change").post(url, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert '"level": "bad"' in answer["HX-Trigger"]


def test_an_action_on_a_row_outside_the_grant_finds_nothing(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create(area_code=ELSEWHERE)
    assert worker("change").post(reverse("dwelling_register", args=[dwelling.pk])).status_code == 404


def test_an_action_needs_post(worker: Callable[..., Client]):
    dwelling = DwellingFactory.create()
    assert worker("change").get(reverse("dwelling_register", args=[dwelling.pk])).status_code == 405


def test_pages_carry_the_content_security_policy(worker: Callable[..., Client]):
    policy = worker("view").get(reverse("dwelling_list"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
