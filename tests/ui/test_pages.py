import json

import pytest
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.urls import reverse

from portal.org.models import User
from portal.ui import navigation, search
from portal.ui.navigation import NavItem
from portal.ui.prefs import COOKIE, Preferences

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.ui.urls")]


@pytest.fixture
def member() -> User:
    return User.objects.create_user("lin", display_name="林晓燕", title="社区专干")


@pytest.fixture
def browser(member: User) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture
def menu(monkeypatch: pytest.MonkeyPatch) -> None:
    items = {
        "a": NavItem("daily", "ui:prefs", "走访任务", "footprints", order=2, tab=True, badge=lambda _user: 26),
        "b": NavItem("daily", "home", "工作台", "layout-dashboard", order=1, tab=True),
        "c": NavItem("admin", "ui:styleguide", "操作日志", "history", visible=lambda user: user.username == "boss"),
        "d": NavItem("data", "nowhere:at_all", "统计", "chart-column"),
    }
    monkeypatch.setattr(navigation, "_registry", navigation._Registry(items))


def test_the_style_guide_draws_every_component(browser: Client):
    page = browser.get(reverse("ui:styleguide"))
    text = page.content.decode()
    assert page.status_code == 200
    for mark in ("<chart-box", "<date-field", "<combo-box", "<id-number", "errsum", 'class="sla', 'class="kpi"'):
        assert mark in text


@override_settings(UI_STYLEGUIDE=False)
def test_the_style_guide_is_absent_in_production(browser: Client):
    assert browser.get(reverse("ui:styleguide")).status_code == 404


def test_the_menu_shows_what_the_user_may_open_in_its_order(browser: Client, menu: None):
    text = browser.get(reverse("ui:prefs")).content.decode()
    assert text.index("工作台") < text.index("走访任务")
    assert "操作日志" not in text
    assert "统计" not in text, "an entry without a page is left out"
    assert '<b class="n">26<span' in text


def test_the_menu_marks_the_longest_match_as_current(member: User, menu: None):
    groups = navigation.menu(member, "/prefs/")
    current = [entry["label"] for group in groups for entry in group["entries"] if entry["current"]]
    assert current == ["走访任务"]


def test_registering_under_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="no such group"):
        navigation.register(NavItem("weekly", "home", "x", "x"))


def test_nothing_dead_no_bell_and_no_register_button_without_their_pages(browser: Client, menu: None):
    text = browser.get(reverse("ui:prefs")).content.decode()
    assert "poll-visible" not in text
    assert 'data-key="n"' not in text
    assert browser.get(reverse("ui:bell")).status_code == 404


def test_preferences_are_kept_on_the_account_and_in_the_cookie(browser: Client, member: User):
    answer = browser.post(reverse("ui:prefs"), {"theme": "dark", "density": "compact", "language": "en", "text": "?"})
    member.refresh_from_db()
    assert answer.status_code == 302
    assert member.prefs == {"theme": "dark", "density": "compact", "text": "normal", "language": "en", "keys": "on"}
    page = browser.get(reverse("ui:prefs")).content.decode()
    assert '<html lang="en" data-theme="dark" data-density="compact"' in page
    assert "My settings" in page


def test_the_account_wins_over_the_cookie_of_the_colleague_before(browser: Client, member: User):
    User.objects.filter(pk=member.pk).update(prefs={"theme": "dark"})
    browser.cookies[COOKIE] = "theme:light"
    answer = browser.get(reverse("ui:prefs"))
    assert Preferences.from_cookie(answer.cookies[COOKIE].value).theme == "dark"


def test_the_return_address_of_preferences_stays_on_this_host(browser: Client):
    answer = browser.post(reverse("ui:prefs"), {"theme": "dark", "next": "https://elsewhere.example/"})
    assert answer["Location"] == reverse("ui:prefs")
    answer = browser.post(reverse("ui:prefs"), {"theme": "dark", "next": "/styleguide/"})
    assert answer["Location"] == "/styleguide/"


def test_chinese_is_the_default_whatever_the_browser_asks_for(browser: Client):
    page = browser.get(reverse("ui:prefs"), headers={"accept-language": "en-US"}).content.decode()
    assert '<html lang="zh-CN"' in page
    assert "我的设置" in page


@pytest.mark.parametrize("cookie", ["theme:dark|density:huge", "theme", "x:y|theme:dark", "theme:dark:dark|keys:off"])
def test_a_forged_cookie_only_yields_known_values(cookie: str):
    prefs = Preferences.from_cookie(cookie)
    assert prefs.theme in {"light", "dark"}
    assert prefs.density == "default"


def test_the_search_finds_pages_by_pinyin_initials(member: User, menu: None):
    assert [hit.title for found in search.search(member, "zfrw") for hit in found.hits] == ["走访任务"]


def test_search_words_travel_by_post_only(browser: Client, menu: None):
    assert browser.get(reverse("ui:palette"), {"q": "王"}).status_code == 405
    assert "走访任务" in browser.post(reverse("ui:palette"), {"q": "走访"}).content.decode()
    assert "没有找到" in browser.post(reverse("ui:palette"), {"q": "qqqq"}).content.decode()


def test_the_watermark_names_the_reader_and_is_not_shared(browser: Client):
    answer = browser.get(reverse("ui:watermark"))
    assert "林晓燕" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-cache"
    again = browser.get(reverse("ui:watermark"), headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


def test_the_watermark_escapes_names(client: Client):
    client.force_login(User.objects.create_user("evil", display_name="<script>alert(1)</script>"))
    assert b"<script>" not in client.get(reverse("ui:watermark")).content


@pytest.mark.parametrize("name", ["ui:prefs", "ui:watermark", "ui:styleguide", "ui:bell"])
def test_visitors_are_sent_to_the_login_page(client: Client, name: str):
    assert client.get(reverse(name))["Location"].startswith("/login/")


def test_an_unknown_address_says_what_to_do_and_gives_the_request_number(browser: Client):
    answer = browser.get("/nowhere/")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "没有这个页面" in text
    assert answer["X-Request-ID"] in text


def test_a_crash_answers_in_the_readers_language_without_details(browser: Client):
    browser.raise_request_exception = False
    answer = browser.get("/broken/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert "服务器没能完成这次操作" in text
    assert "on purpose" not in text


def test_the_login_page_offers_demo_accounts_and_escapes_them(client: Client, settings):
    settings.DEMO_PASSWORD = "try-it-out"  # noqa: S105 – what a demo shows on its login page
    user = User.objects.create_user("police", display_name='樊"海英', title="民警")
    user.groups.add(Group.objects.create(name="police"))
    text = client.get("/login/").content.decode()
    wanted = json.dumps({"username": "police", "password": "try-it-out"}).replace('"', "&quot;")
    assert wanted in text
    assert "樊&quot;海英" in text


@override_settings(DEMO_ACCOUNTS=False)
def test_the_login_page_names_nobody_in_production(client: Client):
    user = User.objects.create_user("police", display_name="樊海英")
    user.groups.add(Group.objects.create(name="police"))
    assert "樊海英" not in client.get("/login/").content.decode()


def test_wrong_passwords_are_answered_on_the_login_page(client: Client, member: User):
    answer = client.post("/login/", {"username": "lin", "password": "wrong"})
    text = answer.content.decode()
    assert 'role="alert"' in text
    assert 'value="lin"' in text


def test_the_menu_marks_an_entry_for_every_page_of_its_section(member: User, menu: None):
    navigation.register(NavItem("daily", "ui:prefs", "x", "x", query="?x", section="/somewhere/"))
    groups = navigation.menu(member, "/somewhere/deep/")
    assert [entry["label"] for group in groups for entry in group["entries"] if entry["current"]] == ["x"]
