"""How forms are drawn, and the fields every department uses."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.ui.dates import parse_day
from portal.ui.markup import html, joined
from portal.ui.rows import attributes_of
from portal.ui.widgets import DayInput, IdNumberInput

Text = str | Promise
SELECT = "django/forms/widgets/select.html"
PLAIN_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "cb"),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.HiddenInput, ""),
)


class PortalBoundField(BoundField):
    """Gives every widget its class, so that forms need not repeat it."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        built = super().build_widget_attrs(attrs, widget)
        drawn = widget or self.field.widget
        wanted = next((name for kind, name in PLAIN_CLASSES if isinstance(drawn, kind)), "in")
        given = f"{drawn.attrs.get('class', '')} {built.get('class', '')}".split()
        classes = " ".join(dict.fromkeys([wanted, *given])).strip()
        if classes:
            built["class"] = classes
        return built

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def error_target(self) -> str:
        """Where a link in the error summary leads: the first control of the field."""
        return self.id_for_label or f"{self.auto_id}_0"


class PortalRenderer(TemplatesSetting):
    """Set as FORM_RENDERER; `{{ form.name.as_field_group }}` is the way to write a field."""

    bound_field_class = PortalBoundField
    field_template_name = "django/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        """A select of 200 areas costs 20 ms as a template that includes two more for every option."""
        if template_name == SELECT:
            return _select(context["widget"])
        return super().render(template_name, context, request)


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = (
        html('<optgroup label="{}">{}</optgroup>', name, _options(options)) if name else _options(options)
        for name, options, _index in widget["optgroups"]
    )
    return html('<select name="{}"{}>{}</select>', widget["name"], attributes_of(widget["attrs"]), joined(groups))


def _options(options: Iterable[Mapping[str, Any]]) -> SafeString:
    return joined(
        html('<option value="{}"{}>{}</option>', str(one["value"]), attributes_of(one["attrs"]), one["label"])
        for one in options
    )


@dataclass(frozen=True, slots=True)
class Section:
    """Part of a form. `columns` gives the width of a field on the grid of twelve (c3, c6 …; m6 halves it on phones)."""

    title: Text
    fields: tuple[str, ...]
    note: Text = ""


def name_what_is_missing(field: forms.Field) -> None:
    """Django's "This field is required" says less than "Please enter: name". Own wordings are kept."""
    stock = forms.Field.default_error_messages["required"]
    if not field.label or field.error_messages.get("required") != stock:
        return
    choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    pattern = gettext("Please choose: %(label)s") if choosing else gettext("Please enter: %(label)s")
    field.error_messages["required"] = pattern % {"label": field.label}


class LayoutMixin:
    """Adds `layout()` to a form: declared sections first, then whatever fields were left out of them."""

    sections: ClassVar[tuple[Section, ...]] = ()
    columns: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form: Any = self
        for field in form.fields.values():
            name_what_is_missing(field)

    def layout(self) -> Iterator[dict[str, Any]]:
        form: Any = self
        placed = {name for section in self.sections for name in section.fields}
        rest = tuple(name for name in form.fields if name not in placed and not form[name].is_hidden)
        sections: Iterable[Section] = (*self.sections, *((Section("", rest),) if rest else ()))
        for section in sections:
            cells = [
                {"field": form[name], "cls": self.columns.get(name, "c6")}
                for name in section.fields
                if name in form.fields
            ]
            if cells:
                yield {"title": section.title, "note": section.note, "cells": cells}


class PortalForm(LayoutMixin, forms.Form):
    """A form that knows its sections; `user` is who fills it in."""

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class DayField(forms.DateField):
    """A date typed the short way. `ahead` is how many days in the future a date without a year may lie."""

    default_error_messages = {
        "invalid": _("This date was not understood, please write it like 2026-11-20"),
        "required": _("Please enter the date"),
    }

    def __init__(self, *, ahead: int = 31, quick: tuple[int, ...] = (0, 1, 2), **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayInput(quick=quick, ahead=ahead))
        super().__init__(**kwargs)
        self.ahead = ahead

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, str) and value.strip():
            day = parse_day(value, today=clock.today(), ahead=self.ahead)
            if day is None:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
            return day
        return super().to_python(value)


class IdNumberField(forms.CharField):
    """Normalises only (full-width digits, blanks, a small x or a × for X); whether it is valid is a rule."""

    default_error_messages = {"required": _("Please enter the ID number")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", IdNumberInput())
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "")
        bare = "".join(ch for ch in text if not ch.isspace() and ch not in "-—–")
        return bare.replace("×", "X").upper()
