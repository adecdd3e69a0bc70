"""The steps of planning a re-organisation."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.administration.forms.people import TreeChoiceField
from portal.administration.reach import tree_of
from portal.org.choices import AreaLevel
from portal.org.models import Area
from portal.ui.forms import DayField, PortalForm, Section

YEARS_AHEAD = 730
MOST_PARTS = 4
LEAST_PARTS = 2


class WhereForm(PortalForm):
    """The first step: where. `levels` are those the kind of change is made for."""

    at = TreeChoiceField(label=_("Area"))
    sections = (Section("", ("at",)),)
    columns = {"at": "c12"}

    def __init__(self, *args: Any, user: Any = None, levels: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        offered = tree_of(user, "change").filter(valid_to=None, level__in=list(levels))
        self.fields["at"].queryset = offered.order_by("code")  # type: ignore[attr-defined]


class DecisionForm(PortalForm):
    """What every re-organisation has: its first day and the document it rests on."""

    effective_on = DayField(label=_("First day of the new areas"), ahead=YEARS_AHEAD, quick=(0,))
    basis = forms.CharField(
        label=_("Document"),
        max_length=200,
        help_text=_("Number and name of the approval, as the document has it"),
    )
    decision = Section(_("Decision on the areas"), ("effective_on", "basis"))
    columns = {"effective_on": "c6", "basis": "c12", "name": "c6", "code": "c6", "areas": "c12", "below": "c6"}


class CodeField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Area code"))
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=15, widget=widget, **kwargs)


class MergeForm(DecisionForm):
    areas = forms.ModelMultipleChoiceField(
        label=_("Areas to merge"), queryset=Area.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(label=_("Name after the merge"), max_length=80)
    code = CodeField(help_text=_("A new code, or the code of one of the areas, which then goes on"))
    sections = (Section(_("What is merged"), ("areas", "name", "code")), DecisionForm.decision)

    def __init__(self, *args: Any, user: Any = None, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        field: Any = self.fields["areas"]
        field.queryset = tree_of(user, "change").filter(parent=area, valid_to=None).order_by("code")
        field.label_from_instance = lambda one: f"{one.name} · {one.code}"


class RecodeForm(DecisionForm):
    name = forms.CharField(label=_("Name of the area"), max_length=80)
    below = TreeChoiceField(label=_("Lies below"))
    code = CodeField(
        required=False, help_text=_("Empty: the code stays, or the next free one below the chosen area is taken")
    )
    sections = (Section(_("What changes"), ("name", "below", "code")), DecisionForm.decision)

    def __init__(self, *args: Any, user: Any = None, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        level = area.parent.level if area.parent else AreaLevel.COUNTY
        offered = tree_of(user, "change").filter(valid_to=None, level=level)
        self.fields["below"].queryset = offered.order_by("code")  # type: ignore[attr-defined]


class SplitForm(DecisionForm):
    """`children` are the areas directly below (code → name), `places` buildings ("estate|building" → dwellings)."""

    def __init__(
        self,
        *args: Any,
        user: Any = None,
        area: Area,
        children: Mapping[str, str],
        places: Iterable[tuple[str, int]],
        suggested: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.children, self.place_names = dict(children), [place for place, _number in places]
        for number in range(1, MOST_PARTS + 1):
            needed = number <= LEAST_PARTS
            first = area if number == 1 else None
            self.fields[f"name{number}"] = forms.CharField(
                label=_("Name of part %(number)s") % {"number": number},
                max_length=80,
                required=needed,
                initial=first.name if first else "",
            )
            self.fields[f"code{number}"] = CodeField(
                label=_("Code of part %(number)s") % {"number": number},
                required=needed,
                initial=first.code if first else (suggested if needed else ""),
            )
        for code, name in self.children.items():
            self.fields[f"child_{code}"] = self._choice(name)
        for index, (place, number) in enumerate(places):
            self.fields[f"place_{index}"] = self._choice(
                _("%(place)s (%(count)s dwellings)") % {"place": place.replace("|", " "), "count": number}
            )

    @staticmethod
    def _choice(label: str) -> forms.ChoiceField:
        parts = [(str(number), _("Part %(number)s") % {"number": number}) for number in range(1, MOST_PARTS + 1)]
        return forms.ChoiceField(label=label, choices=parts, initial="1")

    @property
    def sections(self) -> tuple[Section, ...]:  # type: ignore[override]
        parts = tuple(f"{what}{n}" for n in range(1, MOST_PARTS + 1) for what in ("name", "code"))
        below = tuple(f"child_{code}" for code in self.children)
        buildings = tuple(f"place_{index}" for index in range(len(self.place_names)))
        return (
            Section(_("Parts"), parts, note=_("The first part takes what is assigned to no other.")),
            Section(_("Areas below"), below),
            Section(_("Buildings outside the areas below"), buildings),
            self.decision,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        codes = {}
        for number in range(1, MOST_PARTS + 1):
            code, name = cleaned.get(f"code{number}", ""), cleaned.get(f"name{number}", "")
            if bool(code) != bool(name):
                self.add_error(f"name{number}", _("A part needs a name and a code."))
            elif code:
                codes[str(number)] = (code, name)
        chosen = {n: v for n, v in cleaned.items() if n.startswith(("child_", "place_"))}
        for name, number in chosen.items():
            if number not in codes:
                self.add_error(name, _("This part has no name and no code."))
        if self.errors:
            return cleaned
        return {
            "effective_on": cleaned["effective_on"],
            "basis": cleaned["basis"],
            "targets": list(codes.values()),
            "given": {code: codes[chosen[f"child_{code}"]][0] for code in self.children},
            "places": {place: codes[chosen[f"place_{index}"]][0] for index, place in enumerate(self.place_names)},
        }
