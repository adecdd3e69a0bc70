"""Forms of the household book. First who, then what each is to the head; the service judges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.forms import DayField, PortalForm
from portal.ui.widgets import CheckChips, RadioChips
from residents.forms.people import MoveForm, VersionedForm
from residents.models import HEAD

Choices = list[tuple[str, str]]
RELATION = "relation_"


@dataclass(frozen=True, slots=True)
class Asked:
    """One person whose relation to the new head is asked; `code` is the proposal."""

    person_id: int
    name: str
    code: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The people of one book and who heads it after the act."""

    title: str
    note: str
    people: tuple[Asked, ...]


class SplitPick(PortalForm):
    picks_people = True
    people = forms.TypedMultipleChoiceField(
        label=_("Who goes"),
        coerce=int,
        widget=CheckChips,
        error_messages={"required": _("Please choose who forms the new household")},
    )
    head = forms.TypedChoiceField(
        label=_("Householder of the new household"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Left open, the spouse or the oldest of them."),
    )
    rest_head = forms.TypedChoiceField(
        label=_("Householder of those who stay"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Only asked for when the present householder goes."),
    )
    columns = {"people": "c12", "head": "c6", "rest_head": "c6"}

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["people"].choices = people
        for name in ("head", "rest_head"):
            fields[name].choices = [("", "—"), *people]


class HeadPick(PortalForm):
    picks_people = True
    head = forms.TypedChoiceField(label=_("New householder"), coerce=int, widget=RadioChips)
    columns = {"head": "c12"}

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["head"]
        field.choices = people


class JoinPick(PortalForm):
    """`who` is h and the number of a household, or p and the number of a person."""

    picks_people = True
    who = forms.ChoiceField(label=_("Who joins"), widget=RadioChips)
    columns = {"who": "c12"}

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["who"]
        field.choices = people


class RelationsForm(VersionedForm):
    """The second step: what each is to the head, proposed by the table of kinship; the day; why."""

    happened_on = DayField(label=_("Day of the act"), ahead=0)
    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )

    def __init__(self, *args: Any, groups: Sequence[Group], **kwargs: Any) -> None:
        self.groups = groups
        super().__init__(*args, **kwargs)
        offered = [(code, label) for code, label in codes.choices("relationship") if code != HEAD]
        for group in groups:
            for one in group.people:
                self.fields[f"{RELATION}{one.person_id}"] = forms.ChoiceField(
                    label=one.name,
                    choices=[("", gettext("Choose")), *offered],
                    initial=one.code,
                    help_text="" if one.certain else gettext("Please check"),
                    error_messages={"required": gettext("Please choose the relation to the householder.")},
                )

    def layout(self) -> Iterator[dict[str, Any]]:
        for group in self.groups:
            cells = [{"field": self[f"{RELATION}{one.person_id}"], "cls": "c6 m6"} for one in group.people]
            yield {"title": group.title, "note": group.note, "cells": cells}
        rest = [{"field": self["happened_on"], "cls": "c4"}, {"field": self["reason"], "cls": "c8"}]
        yield {"title": "", "note": "", "cells": rest}

    def relations(self) -> dict[int, str]:
        return {
            int(name.removeprefix(RELATION)): code
            for name, code in self.cleaned_data.items()
            if name.startswith(RELATION)
        }


class HouseholdMoveForm(MoveForm):
    """The move of one person, for everybody."""

    with_companions = None  # type: ignore[assignment]


class LeaveBookForm(VersionedForm):
    picks_people = True
    person_id = forms.TypedChoiceField(label=_("Who leaves the household"), coerce=int, widget=RadioChips)
    happened_on = DayField(label=_("Day of the act"), ahead=0)
    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    columns = {"person_id": "c12", "happened_on": "c4", "reason": "c8"}

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["person_id"]
        field.choices = people


class GuardianForm(VersionedForm):
    picks_people = True
    person_id = forms.TypedChoiceField(label=_("Minor"), coerce=int, widget=RadioChips)
    guardian_id = forms.TypedChoiceField(
        label=_("Guardian"), coerce=int, required=False, empty_value=None, widget=RadioChips
    )
    note = forms.CharField(
        label=_("Guardian who lives elsewhere"),
        max_length=60,
        required=False,
        help_text=_("Name and relation, for instance an aunt in the home village."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    columns = {"person_id": "c12", "guardian_id": "c12", "note": "c12"}

    def __init__(self, *args: Any, minors: Choices, adults: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["person_id"].choices = minors
        fields["guardian_id"].choices = adults
