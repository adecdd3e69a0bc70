"""Inputs of the portal. Each works without scripts; the custom element around it adds comfort."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.urls import NoReverseMatch, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise

Text = str | Promise


class RadioChips(forms.RadioSelect):
    """Radio buttons as chips in one line; the digits 1–9 pick. `joined` draws a segmented control."""

    template_name = "ui/widgets/radio_chips.html"

    def __init__(self, *args: Any, joined: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined = joined

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chips = [
            option
            for _group, options, _index in context["widget"]["optgroups"]
            for option in options
            if option["value"]
        ]
        context["widget"] |= {"chips": chips, "joined": self.joined}
        return context


class CheckChips(forms.CheckboxSelectMultiple):
    template_name = "ui/widgets/check_chips.html"


class DayInput(forms.TextInput):
    """A text box for a date with quick buttons and the native calendar. `quick` are days back from today."""

    template_name = "ui/widgets/day.html"

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, quick: tuple[int, ...] = (0, 1, 2), ahead: int = 31
    ) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})
        self.quick = quick
        self.ahead = ahead

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) else super().format_value(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"quick": self.quick, "ahead": self.ahead}
        return context


class IdNumberInput(forms.TextInput):
    """The big field for a citizen identity number. `fills` maps sex, birth and province to form fields."""

    template_name = "ui/widgets/id_number.html"

    def __init__(
        self, attrs: dict[str, Any] | None = None, *, fills: Mapping[str, str] | None = None, big: bool = True
    ) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", "maxlength": "22", **(attrs or {})})
        self.fills = dict(fills or {})
        self.big = big

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"fills_json": json.dumps(self.fills), "big": self.big}
        return context


class ComboInput(forms.TextInput):
    """Type to search, choose from what the server offers.

    `src` is a URL name whose view answers `?q=` with `<li role="option" data-v data-label>`; `label_of` turns a stored
    value into the text shown. The chosen value travels in a hidden input `name`, the text in `name`_text.
    With `free=True` there is no hidden input: the text itself is the value.
    """

    template_name = "ui/widgets/combo.html"

    def __init__(
        self,
        src: str,
        attrs: dict[str, Any] | None = None,
        *,
        label_of: Callable[[Any], str] | None = None,
        free: bool = False,
        icon: str = "search",
    ) -> None:
        super().__init__({"autocomplete": "off", "data-live": True, **(attrs or {})})
        self.src = src
        self.label_of = label_of
        self.free = free
        self.icon = icon
        self.typed = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> Any:
        self.typed = data.get(f"{name}_text", "")
        return data.get(name)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text = value if self.free else (self.label_of(value) if value and self.label_of else self.typed)
        context["widget"] |= {"src": self._url(), "free": self.free, "icon": self.icon, "text": text or ""}
        return context

    def _url(self) -> str:
        try:
            return reverse(self.src)
        except NoReverseMatch:
            return self.src
