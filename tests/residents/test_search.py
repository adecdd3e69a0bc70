"""Issue 4 §1: one box for every key, what it answers and why; in scope, masked, recorded."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.audit.models import AccessEvent
from portal.core import clock
from portal.org.models import User
from portal.ui.saved_views import save_view, share_view
from portal.vault.blind import blind_index
from residents.models import Dwelling, DwellingAlias, Permit, PermitApplication, Person, RecentLook, Registration
from residents.services.restriction import restrict_use
from tests.factories.org import AreaFactory
from tests.factories.permits import PermitFactory
from tests.factories.residents import DwellingFactory, PersonFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
HERE, FAR = "330822001001", "330822002001"
TOWN, COUNTY = HERE[:9], HERE[:6]
NUMBER, OLD = "520322199005171237", "520322900517123"
LINE = re.compile(r'<li><a href="([^"]+)">(?:(?!</a>).)*?<b>(.*?)</b>(?:(?!</a>).)*</a>', re.S)
WHY = re.compile(r'<span class="hit-why">(.*?)</span>')


@pytest.fixture(autouse=True)
def areas():
    for code in ("3308", COUNTY, TOWN, HERE, FAR[:9], FAR):
        AreaFactory.create(code=code)


@pytest.fixture
def clerk_at(staff):
    def make(code: str) -> User:
        user = staff(Registration, "view", "add", at=code)
        for model in (Person, Dwelling, Permit, PermitApplication):
            staff(model, "view", at=code, user=user)
        return user

    return make


@pytest.fixture
def clerk(clerk_at) -> User:
    return clerk_at(HERE)


def living(name: str, at: str = HERE, *, sequence: int, **changes) -> Registration:
    """Somebody called so, in residence; odd sequences keep the check of sex and number quiet."""
    stay = {key: changes.pop(key) for key in ("workplace", "dwelling", "status", "left_on") if key in changes}
    person = PersonFactory.create(name=name, area_code=at, sequence=sequence, phone="", phone_index=None, **changes)
    return RegistrationFactory.create(person=person, **({"dwelling": DwellingFactory.create(area_code=at)} | stay))


def asked(client, user: User, typed: str) -> dict[str, str]:
    """What stands on the page of results: title → why, without the pages of the portal."""
    client.force_login(user)
    answer = client.post(reverse("ui:search"), {"q": typed})
    assert answer.status_code == 200
    return {
        unescape(line[2]): unescape("".join(WHY.findall(line[0])))
        for line in LINE.finditer(answer.content.decode())
        if re.match(r"/(people|dwellings|permits)/\d|/people/\?workplace", line[1])
    }


def test_a_name_is_found_by_any_part_of_it(client, clerk):
    for place, name in enumerate(("王建国", "李建国强", "建国华", "王建军")):
        living(name, sequence=2 * place + 1)
    assert asked(client, clerk, "建国") == {"王建国": "姓名", "李建国强": "姓名", "建国华": "姓名"}
    assert set(asked(client, clerk, "王")) == {"王建国", "王建军"}
    assert asked(client, clerk, "国建") == {}


def test_the_name_itself_comes_first_then_names_that_begin_so(client, clerk):
    for place, name in enumerate(("陈张伟", "张伟民", "张伟", "李张伟")):
        living(name, sequence=2 * place + 1)
    assert list(asked(client, clerk, "张伟"))[:2] == ["张伟", "张伟民"]


def test_full_pinyin_finds_everybody_who_sounds_so_and_nobody_else(client, clerk):
    for place, name in enumerate(("张伟", "章薇", "张卫东", "赵伟", "詹桂伟", "单小伟", "曾维")):
        living(name, sequence=2 * place + 1)
    assert asked(client, clerk, "zhangwei") == dict.fromkeys(("张伟", "章薇", "张卫东"), "姓名拼音")
    assert set(asked(client, clerk, "Zhang Wei")) == {"张伟", "章薇", "张卫东"}
    assert set(asked(client, clerk, "zhangw")) == {"张伟", "章薇", "张卫东"}
    assert set(asked(client, clerk, "shanxiaowei")) == {"单小伟"}, "a surname is read as a surname"
    assert set(asked(client, clerk, "zengwei")) == {"曾维"}


def test_pinyin_that_can_be_read_two_ways_finds_both(client, clerk):
    for place, name in enumerate(("西安", "先锋", "吕布", "方安", "范刚")):
        living(name, sequence=2 * place + 1)
    assert set(asked(client, clerk, "xian")) == {"西安", "先锋"}
    assert set(asked(client, clerk, "xi'an")) == {"西安"}
    assert set(asked(client, clerk, "fangan")) == {"方安", "范刚"}
    assert set(asked(client, clerk, "lvbu")) == set(asked(client, clerk, "lübu")) == {"吕布"}


def test_initials_are_told_apart_from_pinyin(client, clerk):
    living("张伟", sequence=1)
    living("赵雯丽", sequence=3)
    assert asked(client, clerk, "zw") == {"张伟": "姓名首字母", "赵雯丽": "姓名首字母"}
    assert asked(client, clerk, "ZWL") == {"赵雯丽": "姓名首字母"}


def test_latin_names_are_found_from_their_beginning_and_inside(client, clerk):
    living("Maria Silva", sequence=1)
    assert set(asked(client, clerk, "maria")) == {"Maria Silva"}
    assert set(asked(client, clerk, "silva")) == {"Maria Silva"}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (NUMBER, "证件号码"),
        (OLD, "证件号码"),
        ("５２０３２２１９９００５１７１２３７", "证件号码"),
        ("13900008888", "手机号"),
        ("139-0000-8888", "手机号"),
        ("张伟1237", "姓名＋证件号末四位"),
        ("张伟 1237", "姓名＋证件号末四位"),
        ("1237 张伟", "姓名＋证件号末四位"),
    ],
)
def test_numbers_find_one_person_and_say_by_which(client, clerk, typed, why):
    person = PersonFactory.create(name="张伟", document_number=NUMBER, phone="13900008888")
    RegistrationFactory.create(person=person)
    living("张伟", sequence=3)
    assert asked(client, clerk, typed) == {"张伟": why}
    event = AccessEvent.objects.filter(action="search", purpose="palette").latest("pk")
    assert event.person_ids == [person.pk]
    assert bytes(event.query_hash) == blind_index("access.query", typed)


def test_numbers_stay_masked_on_the_page_of_results(client, clerk):
    person = PersonFactory.create(name="张伟", document_number=NUMBER, phone="13900008888")
    RegistrationFactory.create(person=person)
    client.force_login(clerk)
    page = client.post(reverse("ui:search"), {"q": "张伟"})
    text = page.content.decode()
    assert "520***********1237" in text
    assert NUMBER not in text
    assert "13900008888" not in text
    assert page["Cache-Control"] == "no-store"


def test_a_permit_is_found_by_its_whole_number_alone(client, clerk):
    permit = PermitFactory.create(number="3308222025000017")
    assert asked(client, clerk, "3308222025000017") == {"3308222025000017": "居住证号"}
    assert asked(client, clerk, "330822202500001") == {}
    assert AccessEvent.objects.filter(action="search", person_ids=[permit.person_id]).exists()


def test_a_dwelling_is_found_by_address_shorthand_and_other_name(client, clerk):
    home = DwellingFactory.create(room="501")
    DwellingAlias.objects.create(dwelling=home, text="老供销社", shorthand="lgxs")
    assert asked(client, clerk, "锦绣花园3幢2单元501") == {home.address: "地址"}
    assert asked(client, clerk, "jxhy 3-2-501") == {home.address: "地址简拼"}
    assert asked(client, clerk, "lgxs") == {home.address: "地址别名"}


def test_one_character_is_a_part_of_a_name_and_no_address(client, clerk):
    living(
        "李凯", sequence=1, dwelling=DwellingFactory.create(area_code=HERE, estate="凯旋新村", building="3", room="101")
    )
    assert list(asked(client, clerk, "凯")) == ["李凯"]
    assert len(asked(client, clerk, "凯旋")) == 1


def test_an_employer_leads_to_the_list_of_its_people(client, clerk):
    for place in range(3):
        living("王一", sequence=2 * place + 1, workplace="常山宏达机械有限公司")
    living("李二", sequence=11, workplace="宏达食品厂")
    living("赵三", sequence=13, workplace="宏达食品厂", status="left", left_on=clock.today())
    living("钱四", FAR, sequence=15, workplace="宏达外地厂")
    found = asked(client, clerk, "宏达")
    assert list(found) == ["常山宏达机械有限公司", "宏达食品厂"], "most people first, only the own area's"
    assert set(found.values()) == {"工作单位或学校"}
    listed = client.get(reverse("residents:person_list"), {"workplace": "宏达食品厂"}).content.decode()
    assert "李二" in listed
    assert "王一" not in listed
    assert "单位：宏达食品厂" in listed


@pytest.mark.parametrize("level", [HERE, TOWN])
def test_an_employer_is_found_alike_whether_its_characters_are_frequent_or_rare(client, clerk_at, level):
    """What ANALYZE counted decides which index is read, never what is found."""
    for place in range(3):
        living("王一", sequence=2 * place + 1, workplace="宏达机械厂")
    living("钱四", FAR, sequence=15, workplace="宏达外地厂")
    viewer = clerk_at(level)
    before = asked(client, viewer, "宏达")
    with connection.cursor() as cursor:
        cursor.execute("SELECT residents_workplace_share('宏达')")
        assert cursor.fetchone()[0] == 0, "nothing was counted yet: the index of single characters is read"
        cursor.execute("ANALYZE residents_registration")
        cursor.execute("SELECT residents_workplace_share('宏达'), residents_workplace_share('宏王')")
        assert cursor.fetchone() == (1, 0), "every workplace has these; none has 王"
    assert asked(client, viewer, "宏达") == before == {"宏达机械厂": "工作单位或学校"}
    assert asked(client, viewer, "宏王") == {}


def test_whose_initials_are_just_these_come_before_whose_begin_so(client, clerk):
    living("王安娜", sequence=1)
    living("吴艾", sequence=3)
    living("王安", sequence=5)
    assert list(asked(client, clerk, "wa"))[:3] == ["王安", "吴艾", "王安娜"]


def test_a_short_chinese_word_finds_no_address_that_only_sounds_so(client, clerk):
    DwellingFactory.create(area_code=HERE, estate="金秀湖苑", building="3", room="101")
    DwellingFactory.create(area_code=HERE, estate="锦绣花园", building="9", room="101")
    assert list(asked(client, clerk, "锦绣")) == ["锦绣花园9幢2单元101室"]
    assert len(asked(client, clerk, "jx")) == 2


@pytest.mark.parametrize(("place", "seen"), [(HERE, 1), (TOWN, 1), (COUNTY, 2), ("3308", 2), (FAR[:9], 1)])
@pytest.mark.parametrize("typed", ["欧阳建", "ouyangjian", "oyj"])
def test_each_sees_the_people_of_the_own_areas_alone(client, clerk_at, place, seen, typed):
    living("欧阳建", sequence=1)
    living("欧阳建华", FAR, sequence=3)
    assert len(asked(client, clerk_at(place), typed)) == seen


def test_somebody_of_another_area_is_told_by_whole_number_only_and_without_a_name(client, clerk):
    far = DwellingFactory.create(area_code=FAR)
    person = PersonFactory.create(name="欧阳建", area_code=FAR, document_number=NUMBER, phone="13900008888")
    RegistrationFactory.create(dwelling=far, person=person)
    client.force_login(clerk)
    for typed in ("13900008888", "欧阳建1237", "欧阳", far.address):
        assert "欧阳建</b>" not in client.post(reverse("ui:search"), {"q": typed}).content.decode()
    told = client.post(reverse("ui:search"), {"q": NUMBER}).content.decode()
    assert "在其他辖区已有登记" in told
    assert "欧阳建" not in told


def test_whose_use_is_restricted_is_found_by_no_key(client, clerk, staff):
    stay = living("欧阳建", sequence=1, workplace="独家工坊", document_number=NUMBER)
    handler = staff(Person, "view", "restrict", "see_restricted", at=HERE)
    restrict_use(person_id=stay.person_id, reason="本人申请", actor=handler)
    for typed in ("欧阳建", "ouyang", "oyj", NUMBER, "欧阳建1237", "独家"):
        assert asked(client, clerk, typed) == {}, typed


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "' OR 1=1 --",
            "%",
            "_",
            "张%",
            "\\",
            "{张}",
            "张,李",
            '张"',
            "NULL",
            "张伟'; DROP TABLE residents_person; --",
        ),
        *("<script>alert(1)</script>", "﷽" * 64, "\u202e张", "a" * 64, "'" * 64, "🈶", "张\n伟"),
    ],
)
def test_no_text_is_more_than_text(client, clerk, typed):
    living("张伟", sequence=1)
    assert set(asked(client, clerk, typed)) <= set(), "no wildcard, no operator"
    assert "<script>alert" not in client.post(reverse("ui:search"), {"q": typed}).content.decode()
    assert Person.objects.count() == 1


def test_a_search_costs_the_same_queries_for_1_and_40_hits(client, clerk):
    client.force_login(clerk)
    counts = []
    for more in (1, 39):
        for place in range(more):
            living("张伟", sequence=2 * (len(counts) * 50 + place) + 1, workplace="宏达机械")
        for typed in ("张伟", "zhangwei", "宏达", "jxhy"):
            client.post(reverse("ui:palette"), {"q": typed})
            with CaptureQueriesContext(connection) as captured:
                client.post(reverse("ui:palette"), {"q": typed})
            counts.append((typed, len(captured)))
    assert all(many <= few for (_one, few), (_two, many) in zip(counts[:4], counts[4:], strict=True))


def test_no_query_stands_in_an_address(client, clerk):
    client.force_login(clerk)
    assert "欧阳建" not in client.get(reverse("ui:search"), {"q": "欧阳建"}).content.decode()
    living("张伟", sequence=1, document_number=NUMBER)
    assert f"q={NUMBER}" not in client.post(reverse("ui:search"), {"q": NUMBER}).content.decode()


def test_what_was_open_last_is_offered_again_newest_first(client, clerk):
    first, second = living("张一", sequence=1), living("李二", sequence=3)
    client.force_login(clerk)
    for stay in (first, second, first):
        client.get(stay.person.get_absolute_url())
    client.get(first.dwelling.get_absolute_url())
    for text in (client.get(reverse("ui:search")), client.post(reverse("ui:palette"), {"q": ""})):
        shown = re.findall(r"张一|李二|锦绣花园3幢2单元\d+室(?=</b>|</span>| )", text.content.decode())
        assert shown[0] == "张一"
        assert "李二" in shown
        assert first.dwelling.address in text.content.decode()
    assert AccessEvent.objects.filter(action="list", purpose="recent").exists()


def test_recent_files_end_with_the_right_to_open_them(client, clerk, staff):
    stay = living("张一", sequence=1)
    client.force_login(clerk)
    client.get(stay.person.get_absolute_url())
    other = staff(Person, "view", at=HERE)
    client.force_login(other)
    assert "张一" not in client.get(reverse("ui:search")).content.decode(), "a list of one's own"
    Person.objects.filter(pk=stay.person_id).update(area_code=FAR)
    Registration.objects.filter(pk=stay.pk).update(area_code=FAR)
    client.force_login(clerk)
    assert "张一" not in client.get(reverse("ui:search")).content.decode()


def test_a_dozen_recent_files_are_kept_and_no_history(client, clerk):
    client.force_login(clerk)
    for place in range(14):
        client.get(
            living(f"张{'一二三四五六七八九十甲乙丙丁'[place]}", sequence=2 * place + 1).person.get_absolute_url()
        )
    assert RecentLook.objects.filter(viewer=clerk, person__isnull=False).count() == 12


def test_a_list_of_people_is_sorted_by_the_pinyin_of_the_name(client, clerk):
    for place, name in enumerate(("张三", "曾一", "艾丽", "单刚", "欧阳明")):
        living(name, sequence=2 * place + 1)
    client.force_login(clerk)
    for sort, wanted in (("name", ["艾丽", "欧阳明", "单刚", "曾一", "张三"]), ("-name", ["张三", "曾一", "单刚"])):
        text = client.get(reverse("residents:person_list"), {"sort": sort}).content.decode()
        assert re.findall(r'">(艾丽|欧阳明|单刚|曾一|张三)</a>', text)[: len(wanted)] == wanted


def test_P8_a_list_opens_with_the_first_view_of_the_role_and_tells_its_rows(client, clerk):
    role = Group.objects.create(name="协管员")
    clerk.groups.add(role)
    living("张一", sequence=1, status="left", left_on=clock.today())
    people = reverse("residents:person_list")
    view = save_view(path=people, name="已离开", query="status=left", actor=clerk)
    share_view(view_id=view.pk, shared=True, default=True, actor=clerk)
    client.force_login(clerk)
    assert client.get(people)["Location"] == f"{people}?status=left"
    assert "已离开：1 条" in client.get(people, {"status": "left"}).content.decode()
    assert client.get(people, {"view": "all"}).status_code == 200
