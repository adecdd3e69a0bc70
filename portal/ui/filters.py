"""Filter sets: the same class narrows the page and the export, so it takes the user, not the request."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelChoiceField, ModelChoiceIterator

from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.org.scoping import areas_for

PRIVATE_NUMBER = re.compile(r"\d{11,}")
AREAS_OFFERED = (AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY)
INDENT = "\u3000"


def refuse_private_number(text: str) -> None:
    """ID and phone numbers do not belong in an address line, a log or a browser history."""
    bare = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text or ""))
    if PRIVATE_NUMBER.search(bare):
        raise ValidationError(
            _("Please look up ID and phone numbers with the search box at the top (Ctrl K)."), code="private_number"
        )


class SearchFilter(django_filters.CharFilter):
    """The text box of a list. Refuses ID and phone numbers, which must not travel in a URL."""

    def __init__(self, *args: Any, placeholder: Any = "", **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"placeholder": placeholder, "data-live": True, "autocomplete": "off"})
        super().__init__(*args, widget=widget, validators=[refuse_private_number], **kwargs)


class AreaChoices(ModelChoiceIterator):
    """Plain codes and names: a county has 200 communities, and no list needs them as objects."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for code, name, level in self.queryset.values_list("code", "name", "level"):
            yield code, f"{INDENT}{name}" if level == AreaLevel.COMMUNITY else name


class AreaChoiceField(ModelChoiceField):
    """Townships with their communities indented below them, in the order of the codes."""

    iterator = AreaChoices


class AreaFilter(django_filters.ModelChoiceFilter):
    """Narrows to one area and everything below it."""

    field_class = AreaChoiceField

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Area"))
        kwargs.setdefault("empty_label", _("All areas"))
        super().__init__(queryset=Area.objects.none(), to_field_name="code", **kwargs)

    def filter(self, qs: Any, value: Area | None) -> Any:
        return qs.within(value.code) if value else qs


class YesNoFilter(django_filters.ChoiceFilter):
    """A yes-or-no column as a select that shows its own name while nothing is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("choices", [("1", _("Yes")), ("0", _("No"))])
        super().__init__(**kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(**{str(self.field_name): value == "1"}) if value else qs


class ScopedFilterSet(django_filters.FilterSet):
    """A filter set for one user: every choice it offers is one the user may see. Needs no request."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for one in self.filters.values():
            if isinstance(one, django_filters.ChoiceFilter) and "empty_label" not in one.extra:
                one.extra["empty_label"] = _("All: %(label)s") % {"label": one.label}
            if isinstance(one, AreaFilter):
                one.queryset = areas_for(user, self.queryset.model, "view").filter(level__in=AREAS_OFFERED)

    def active(self) -> list[dict[str, str]]:
        """The filters in use, as chips: what each says, and the query string of the page without it."""
        if not self.is_bound or not self.form.is_valid():
            return []
        found = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, "", []) or isinstance(self.form.fields[name].widget, forms.HiddenInput):
                continue
            field = self.form.fields[name]
            words = _words(field, value)
            found.append({"label": f"{field.label or name} {words}".strip(), "url": self._without(name)})
        return found

    def _without(self, name: str) -> str:
        left = QueryDict(mutable=True)
        for key, values in self.data.lists():
            if key not in {name, "page"}:
                left.setlist(key, values)
        return f"?{left.urlencode()}"


def _words(field: forms.Field, value: Any) -> str:
    choices = {str(key): str(label) for key, label in getattr(field, "choices", [])}
    many = value if isinstance(value, list | tuple) else [value]
    return "、".join(choices.get(str(getattr(one, "value", one)), str(one)) for one in many)
