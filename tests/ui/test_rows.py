"""The rows are written in Python; they must say what the columns declare."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import django_tables2 as tables
import pytest
from django import forms
from django.test import RequestFactory
from django.utils.translation import override

from portal.org.models import Area, User
from portal.ui import navigation
from portal.ui.forms import PortalForm
from portal.ui.navigation import NavItem
from portal.ui.rows import table_rows
from portal.ui.tables import IN_LINE, PortalTable, SlaColumn
from tests.factories.org import AreaFactory


class RecordTable(PortalTable):
    name = tables.Column(verbose_name="姓名")
    day = tables.Column(verbose_name="日期 <b>起</b>", attrs=IN_LINE)

    class Meta(PortalTable.Meta):
        row_attrs = {"data-href": lambda record, table: f"/{record['name']}/{len(table.columns)}", "data-x": None}


class AreaTable(PortalTable):
    name = tables.Column()
    level = tables.Column()
    above = tables.Column(accessor="parent__name", verbose_name="上级")
    note = tables.Column(empty_values=())
    mark = tables.Column(empty_values=(), accessor="code")

    def render_note(self, record: Area) -> str:
        return f"{record.code}!"

    def render_mark(self, **offered: Any) -> str:
        return ",".join(sorted(offered))


def page_of(table: Any) -> Any:
    table.paginate(page=1, per_page=50)
    return table


def test_values_and_labels_are_escaped_and_row_attributes_computed():
    table = page_of(RecordTable([{"name": "<b>&", "day": None}], empty_text=""))
    assert table_rows(table) == (
        '<tbody><tr data-href="/&lt;b&gt;&amp;/2" class="even"><td data-l="姓名">&lt;b&gt;&amp;</td>'
        '<td class="in1" data-l="日期 起">—</td></tr></tbody>'
    )


def test_days_and_moments_are_written_in_local_time():
    rows = [{"name": datetime(2026, 11, 20, 17, 30, tzinfo=UTC), "day": date(2026, 11, 20)}]
    with override("zh-hans"):
        html = table_rows(page_of(RecordTable(rows)))
    assert '<td data-l="姓名">2026年11月21日 01:30</td>' in html
    assert '<td class="in1" data-l="日期 起">2026年11月20日</td>' in html


@pytest.mark.django_db
def test_a_choice_is_written_in_words_and_a_missing_relation_as_a_dash():
    county = AreaFactory.create(code="330822", name="常山县")
    AreaFactory.create(code="330822100", name="天马街道", parent=county)
    with override("en"):
        html = table_rows(page_of(AreaTable(Area.objects.order_by("code"))))
    first, second = html.split("</tr>")[:2]
    assert '<td data-l="Level">County</td>' in first
    assert '<td data-l="上级">—</td>' in first
    assert '<td data-l="上级">常山县</td>' in second
    assert '<td data-l="Note">330822100!</td>' in second
    assert '<td data-l="Code">bound_column,bound_row,column,record,table,value</td>' in second


@pytest.mark.django_db
def test_an_empty_page_has_an_empty_body():
    assert table_rows(page_of(AreaTable(Area.objects.none()))) == "<tbody></tbody>"


def test_a_deadline_says_its_words_with_the_ring_or_the_pause():
    column = SlaColumn(describe=lambda record: record.told)
    late = column.render(record=SimpleNamespace(told={"words": "超 <2> 天", "tone": "bad", "seconds": -5}))
    assert late.startswith('<sla-clock class="sla bad" data-left="-5"><svg class="i s"')
    assert late.endswith("<span data-words>超 &lt;2&gt; 天</span></sla-clock>")
    waiting = column.render(record=SimpleNamespace(told={"words": "等补正", "paused": True, "percent": 40}))
    assert ' data-paused><svg class="i s"' in waiting
    assert "#pause" in waiting
    assert column.render(record=SimpleNamespace(told=None)) == ""


class Choosing(PortalForm):
    one = forms.ChoiceField(choices=[("", "全部"), ("a<", "甲 & 乙"), ("组", [("b", "丙")])], disabled=True)


def test_a_select_is_written_as_django_writes_it():
    html = str(Choosing(initial={"one": "a<"})["one"])
    assert html == (
        '<select name="one" required disabled class="in" id="id_one"><option value="">全部</option>'
        '<option value="a&lt;" selected>甲 &amp; 乙</option>'
        '<optgroup label="组"><option value="b">丙</option></optgroup></select>'
    )


def test_the_numbers_of_the_menu_are_asked_once_a_request(monkeypatch: pytest.MonkeyPatch, rf: RequestFactory):
    asked: list[str] = []

    def ask(user: object) -> int:
        asked.append(str(user))
        return 3

    entry = NavItem("daily", "login", "登录", "log-in", badge=ask)
    monkeypatch.setattr(navigation._registry, "items", {"login": entry})
    request = rf.get("/login/")
    request.user = User(username="zhu")
    assert navigation.menu_of(request)[0]["entries"][0]["badge"] == 3
    assert navigation.menu_of(request) is navigation.menu_of(request)
    assert asked == ["zhu"]


def test_who_only_reads_gets_the_numbers_that_were_counted_before(monkeypatch: pytest.MonkeyPatch, rf: RequestFactory):
    asked: list[str] = []

    def ask(user: object) -> int:
        asked.append(str(user))
        return len(asked)

    entry = NavItem("daily", "login", "登录", "log-in", badge=ask)
    monkeypatch.setattr(navigation._registry, "items", {"login": entry})

    def number(mark: str, *, anew: bool = False) -> int:
        request = rf.get("/login/")
        request.user = User(username="zhu")
        vars(request)["work_mark"] = mark
        found: int = navigation.menu_of(request, anew=anew)[0]["entries"][0]["badge"]
        return found

    assert [number("reads-1"), number("reads-1"), number("reads-2")] == [1, 1, 2]
    assert [number("reads-1", anew=True), number("reads-1")] == [3, 3]
