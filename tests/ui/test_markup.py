"""Whatever `format_html` says, `html` says."""

from datetime import date
from typing import Any

import pytest
from django.utils.functional import lazystr
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy, override

from portal.ui.markup import escaped, html, joined


class Drawing:
    def __html__(self) -> str:
        return "<svg/>"


class Sentence(str):
    """A text of a kind of its own, but not markup."""


class Row:
    def __str__(self) -> str:
        return "<img src=x onerror='1'>"


VALUES: tuple[Any, ...] = (
    "",
    "张三",
    "<b a=\"1\" c='2'>&amp;</b>",
    mark_safe("<b>&</b>"),
    Sentence("<i>"),
    Drawing(),
    Row(),
    None,
    True,
    0,
    1.5,
    date(2026, 11, 20),
    ["<b>"],
    lazystr("<u>"),
    gettext_lazy("Area"),
    {"<": ">"},
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_are_escaped_as_django_escapes_them(value: Any):
    assert escaped(value) == conditional_escape(value)
    assert html('<a title="{}">', value) == format_html('<a title="{}">', value)
    assert joined([value, value]) == format_html_join("", "{}", ((value,), (value,)))


def test_a_lazy_text_speaks_the_language_of_the_moment():
    word = gettext_lazy("All areas")
    with override("en"):
        assert escaped(word) == "All areas"
    with override("zh-hans"):
        assert escaped(word) == "全部辖区"


def test_markup_is_escaped_once_however_deep_it_stands():
    inner = html("<b>{}</b>", "<&>")
    assert isinstance(inner, SafeString)
    assert isinstance(joined([inner]), SafeString)
    assert html("<p>{}</p>", joined([inner, "<"])) == "<p><b>&lt;&amp;&gt;</b>&lt;</p>"


def test_braces_of_a_value_are_not_fields():
    assert html("<b>{}</b>", "{0} {name} {") == "<b>{0} {name} {</b>"


def test_a_template_has_no_named_fields():
    with pytest.raises(KeyError):
        html("{name}", "a")
