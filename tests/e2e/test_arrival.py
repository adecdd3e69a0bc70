"""The arrival page at the speed of the window: by keyboard, on a phone, after a mistake."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from portal.core import clock
from portal.org.models import User
from residents.choices import RegistrationStatus
from residents.models import Draft, Dwelling, Person, Registration
from residents.services.dwellings import add_dwelling
from residents.services.identity import document_index
from residents.services.moves import deregister
from residents.services.people import IdentityInput
from residents.services.registration import StayInput, register_arrival
from tests.factories.residents import id_number

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

SECONDS_A_KEY = 0.25
KEYS_OF_A_NAME = 4  # a surname and two initials in the input method, and the digit that picks the name
PAGE = "/arrivals/new/"
_sequence = count(501, 2)


@dataclass
class Robot:
    """Types four keys a second, whatever the page does meanwhile. Whatever is not data is a control key."""

    page: Page
    controls: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    keys: int = 0

    def data(self, text: str) -> None:
        for character in text:
            self._wait()
            self.page.keyboard.type(character)

    def name(self, text: str) -> None:
        """A Chinese name comes whole out of the input method, after the keys that it takes there."""
        self._wait(KEYS_OF_A_NAME)
        self.page.keyboard.insert_text(text)

    def control(self, chord: str) -> None:
        self._wait()
        self.controls.append(chord)
        self.page.keyboard.press(chord)

    def _wait(self, keys: int = 1) -> None:
        self.keys += keys
        time.sleep(max(self.started + self.keys * SECONDS_A_KEY - time.monotonic(), 0))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def number(born: date, *, male: bool = True) -> str:
    sequence = next(_sequence)
    return id_number(born=born, division="522324", sequence=sequence if male else sequence + 1)


def coadmin() -> User:
    return User.objects.get(username="coadmin")


@pytest.fixture
def dwelling(portal: Any) -> Dwelling:
    user = coadmin()
    room = str(next(_sequence))
    return add_dwelling(
        area_code=user.area_code,
        estate="柚香雅苑",
        building="9",
        unit="1",
        room=room,
        kind="05",
        capacity=8,
        actor=user,
    )


def registered(born: date, name: str, dwelling: Dwelling, *, days_ago: int) -> Registration:
    user = coadmin()
    return register_arrival(
        head=IdentityInput(document_kind="111", document_number=number(born), name=name, phone="13800005621"),
        stay=StayInput(
            dwelling_id=dwelling.pk,
            arrived_on=clock.today() - timedelta(days=days_ago),
            lodging="05",
            reason="01",
            channel="window",
        ),
        submission_key=str(uuid.uuid4()),
        actor=user,
    ).registration


def gone(born: date, name: str, dwelling: Dwelling) -> Person:
    """Somebody who lived here and left."""
    stay = registered(born, name, dwelling, days_ago=60)
    deregister(
        registration_id=stay.pk,
        left_on=clock.today() - timedelta(days=5),
        reason="01",
        version=stay.version,
        actor=coadmin(),
    )
    return stay.person


def active_stay(document: str) -> Registration:
    return Registration.objects.active().get(person__document_index=document_index(document))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || ''"))


def test_a_known_person_is_registered_again_in_twelve_control_keys_and_25_seconds(
    page_as: Callable[..., Page], dwelling: Dwelling
):
    person = gone(date(1985, 4, 6), "韦登科", dwelling)
    page = page_as("coadmin")
    page.goto(PAGE)
    assert focused(page) == "document_number"
    robot = Robot(page)
    robot.data(person.document_number)
    robot.control("Alt+1")
    expect(page.get_by_label("姓名", exact=False).first).to_have_value("韦登科")
    assert focused(page) == "dwelling_text"
    robot.data(dwelling.shorthand)
    robot.control("Enter")
    robot.control("Control+Enter")
    page.wait_for_url("**/arrivals/new/?saved=*")
    assert robot.seconds < 25
    assert robot.controls == ["Alt+1", "Enter", "Control+Enter"]
    assert len(robot.controls) <= 12
    assert active_stay(person.document_number).dwelling == dwelling
    expect(page.locator(".toast")).to_contain_text("已续登 韦登科")


def test_alt_1_pressed_before_the_panel_is_there_loads_the_person_all_the_same(
    page_as: Callable[..., Page], dwelling: Dwelling
):
    person = gone(date(1986, 4, 6), "韦登山", dwelling)
    page = page_as("coadmin")
    page.goto(PAGE)

    def answer_late(route: Route) -> None:
        time.sleep(1)
        route.continue_()

    page.route("**/arrivals/duplicates/", answer_late)
    page.keyboard.type(person.document_number)
    page.keyboard.press("Alt+1")
    expect(page.locator("[name=name]")).to_have_value("韦登山")


def test_a_new_person_with_two_companions_in_twenty_control_keys_and_25_seconds(
    page_as: Callable[..., Page], dwelling: Dwelling
):
    head, wife, child = number(date(1988, 6, 15)), number(date(1990, 2, 3), male=False), number(date(2018, 9, 1))
    page = page_as("coadmin")
    page.goto(PAGE)
    robot = Robot(page)
    robot.data(head)
    robot.control("Enter")
    robot.name("覃世荣")
    robot.control("Enter")
    assert focused(page) == "phone"
    robot.data("13900001111")
    robot.control("Enter")
    robot.data(dwelling.shorthand[:4])
    robot.control("Enter")
    for companion, name in ((wife, "罗小燕"), (child, "覃一诺")):
        robot.control("Alt+3")
        robot.data(companion)
        robot.control("Enter")
        robot.name(name)
    robot.control("Control+Enter")
    page.wait_for_url("**/arrivals/new/?saved=*")
    assert len(robot.controls) <= 20
    assert robot.seconds < 25
    stay = active_stay(head)
    assert [(one.person.name, one.relation) for one in stay.companions.order_by("pk")] == [
        ("罗小燕", "10"),
        ("覃一诺", "20"),
    ]
    assert stay.notice is not None
    expect(page.locator("session-count")).to_contain_text("3 人")


def test_the_next_person_takes_the_same_address_with_one_key(page_as: Callable[..., Page], dwelling: Dwelling):
    page = page_as("coadmin")
    page.goto(PAGE)
    fill_new_person(page, number(date(1992, 1, 9)), "岑美兰", dwelling)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/arrivals/new/?saved=*")
    page.keyboard.press("Alt+2")
    expect(page.get_by_label("现居住地址")).to_have_value(dwelling.address)
    assert page.locator("[name=dwelling]").input_value() == str(dwelling.pk)


def test_composing_a_name_in_pinyin_asks_the_server_once(page_as: Callable[..., Page]):
    page = page_as("coadmin")
    page.goto(PAGE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/arrivals/duplicates/" in request.url else None)
    page.locator("[name=name]").focus()
    session = page.context.new_cdp_session(page)
    for text in ("w", "wa", "wan", "wang", "wang'j", "wang'ji", "wang'jia", "wang'jian"):
        session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        page.wait_for_timeout(300)
    assert asked == []
    session.send("Input.insertText", {"text": "王建"})
    page.wait_for_timeout(900)
    assert len(asked) == 1


def test_wrong_input_comes_back_in_chinese_with_everything_that_was_typed(page_as: Callable[..., Page]):
    page = page_as("coadmin")
    page.goto(PAGE)
    page.keyboard.type("52032219911312")
    page.get_by_label("姓名").first.fill("王建国")
    page.keyboard.press("Alt+3")
    page.keyboard.type("522324201809011")
    page.keyboard.press("Control+Enter")
    summary = page.locator("#errsum")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("现居住地址：请从候选中选择地址")
    expect(summary).to_contain_text("手机号：请填写 11 位手机号")
    expect(page.get_by_label("姓名").first).to_have_value("王建国")
    expect(page.locator("[name=with-0-document_number]")).to_have_value("522324 20180901 1")
    summary.get_by_role("link", name="现居住地址").click()
    assert focused(page) == "dwelling_text"


def test_a_mistyped_number_is_named_at_once_and_forgiven_at_once(page_as: Callable[..., Page]):
    page = page_as("coadmin")
    page.goto(PAGE)
    page.keyboard.type("52232419880615501")
    right = id_number(born=date(1988, 6, 15), division="522324", sequence=501)[-1]
    page.keyboard.type("1" if right != "1" else "2")
    expect(page.get_by_text("校验位不正确")).to_be_visible()
    page.keyboard.press("Backspace")
    page.keyboard.type(right)
    expect(page.get_by_text("校验位不正确")).to_be_hidden()
    expect(page.get_by_label("户籍地").first).to_have_value("贵州省黔西南布依族苗族自治州晴隆县")


def test_reload_and_back_keep_the_draft(page_as: Callable[..., Page]):
    page = page_as("coadmin")
    page.goto(PAGE)
    typed = number(date(1979, 12, 1))
    page.keyboard.type(typed)
    page.locator("[name=name]").fill("蒙正刚")
    page.keyboard.press("Alt+3")
    page.keyboard.type(number(date(1981, 3, 4), male=False))
    page.get_by_role("button", name="存为草稿").click()
    expect(page.get_by_text("草稿已自动保存")).to_be_visible()
    page.wait_for_url("**/arrivals/new/?draft=*")
    page.reload()
    expect(page.locator("[name=name]")).to_have_value("蒙正刚")
    expect(page.locator("[name=document_number]")).to_have_value(f"{typed[:6]} {typed[6:14]} {typed[14:]}")
    expect(page.locator("[name=with-0-document_number]")).not_to_be_empty()
    page.goto("/arrivals/drafts/")
    expect(page.get_by_role("main")).to_contain_text("蒙正刚")
    expect(page.get_by_role("main")).not_to_contain_text(typed)
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("蒙正刚")
    assert Draft.objects.filter(author=coadmin()).exists()


def test_a_dwelling_added_on_the_way_is_chosen_and_the_focus_comes_back(page_as: Callable[..., Page]):
    page = page_as("coadmin")
    page.goto(PAGE)
    room = str(next(_sequence))
    address = page.get_by_label("现居住地址")
    address.fill(f"桔香新村 7-{room}")
    page.get_by_role("option", name="新建房屋").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("小区或路名")).to_have_value("桔香新村")
    expect(dialog.get_by_label("室 / 门牌号")).to_have_value(room)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    made = Dwelling.objects.get(estate="桔香新村", room=room)
    expect(page.locator("[name=dwelling]")).to_have_value(str(made.pk))
    assert focused(page) == "dwelling_text"


def test_undo_beside_the_form_takes_the_registration_back(page_as: Callable[..., Page], dwelling: Dwelling):
    page = page_as("coadmin")
    page.goto(PAGE)
    document = number(date(1995, 7, 7))
    fill_new_person(page, document, "农建华", dwelling)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/arrivals/new/?saved=*")
    page.get_by_role("button", name="撤销 农建华").click()
    expect(page.locator(".toast").last).to_contain_text("已撤销 农建华 的登记")
    stay = Registration.objects.get(person__document_index=document_index(document))
    assert stay.status == RegistrationStatus.VOID


def test_somebody_who_lives_here_already_is_sent_to_the_change_of_address(
    page_as: Callable[..., Page], dwelling: Dwelling
):
    stay = registered(date(1983, 8, 3), "韦小妹", dwelling, days_ago=20)
    page = page_as("coadmin")
    page.goto(PAGE)
    page.keyboard.type(stay.person.document_number)
    expect(page.locator("#dup")).to_contain_text("此人已在住")
    expect(page.locator("#dup").get_by_role("link", name="变更地址")).to_be_visible()


def test_the_phone_has_one_bar_big_inputs_and_the_duplicate_below_the_number(
    page_as: Callable[..., Page], dwelling: Dwelling
):
    person = gone(date(1980, 5, 5), "石光明", dwelling)
    page = page_as("coadmin", phone=True)
    page.goto(PAGE)
    page.keyboard.type(person.document_number)
    card = page.locator("#dup-mobile #dup")
    expect(card).to_contain_text("证件号已有档案")
    box, below = page.locator("[name=document_number]").bounding_box(), card.bounding_box()
    assert box
    assert below
    assert below["y"] > box["y"]
    assert page.locator("[name=document_number]").evaluate("(field) => field.scrollWidth <= field.clientWidth")
    sizes = page.locator("main form#arrival .in:visible").evaluate_all(
        "(fields) => fields.map((field) => parseFloat(getComputedStyle(field).fontSize))"
    )
    assert min(sizes) >= 16
    expect(page.locator(".tabbar")).to_be_hidden()
    expect(page.locator(".fbar")).to_be_in_viewport()
    wide: Any = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1]


def fill_new_person(page: Page, document: str, name: str, dwelling: Dwelling) -> None:
    page.locator("[name=document_number]").press_sequentially(document)
    page.locator("[name=name]").fill(name)
    page.locator("[name=phone]").fill("13900002222")
    page.get_by_label("现居住地址").fill(dwelling.shorthand)
    page.get_by_role("option", name=dwelling.address).click()
