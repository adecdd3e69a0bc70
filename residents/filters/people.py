from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.policy import codes
from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter
from residents.models import Dwelling, Registration
from residents.selectors import departed, needing_verification
from residents.services.dwellings import shorthand_of
from residents.services.search import is_exact, people_matching

LEFT, EVERYBODY, STALE = "left", "all", "stale"


def code_choices(table: str) -> Any:
    """Read when the form is drawn: code tables change while the server runs."""
    return lambda: codes.choices(table)


class PersonFilter(ScopedFilterSet):
    """Without a status only people in residence are listed. There is no filter by ethnicity, on purpose."""

    q = SearchFilter(
        label=_("Name or initials"),
        placeholder=_("Name or pinyin initials"),
        method="search",
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        empty_label=_("In residence"),
        choices=[(STALE, _("To be verified")), (LEFT, _("Departed")), (EVERYBODY, _("All records"))],
        method="by_status",
    )
    area = AreaFilter(label=_("Community"), empty_label=_("All communities"))
    lodging = django_filters.ChoiceFilter(
        label=_("Lodging"), empty_label=_("Any lodging"), choices=code_choices("dwelling_kind")
    )
    reason = django_filters.ChoiceFilter(
        label=_("Reason for the stay"), empty_label=_("Any reason"), choices=code_choices("stay_reason")
    )

    workplace = django_filters.CharFilter(label=_("Employer or school"), widget=forms.HiddenInput())

    class Meta:
        model = Registration
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(QueryDict() if data is None else data, *args, **kwargs)

    def active(self) -> list[dict[str, str]]:
        """The employer comes from a search result and has no field to be typed into, but is told like the others."""
        chips = super().active()
        if self.is_bound and self.form.is_valid() and (employer := self.form.cleaned_data.get("workplace")):
            chips.append(
                {"label": gettext("Employer: %(name)s") % {"name": employer}, "url": self._without("workplace")}
            )
        return chips

    def filter_queryset(self, queryset: Any) -> Any:
        narrowed = super().filter_queryset(queryset)
        return narrowed if self.form.cleaned_data.get("status") else narrowed.active()

    def by_status(self, queryset: Any, _name: str, value: str) -> Any:
        if value == STALE:
            return needing_verification(queryset)
        return departed(queryset) if value == LEFT else queryset.standing()

    def search(self, queryset: Any, _name: str, value: str) -> Any:
        if is_exact(value):  # numbers are asked for by the box at the top, which does not write them into an address
            return queryset.none()
        people = people_matching(value)
        return queryset if people is None else queryset.filter(person__in=people.values("pk"))


class DwellingFilter(ScopedFilterSet):
    q = SearchFilter(
        label=_("Address, initials or alias"), placeholder=_("Address or shorthand: jxhy 3-2-501"), method="search"
    )
    area = AreaFilter(label=_("Community"), empty_label=_("All communities"))
    kind = django_filters.ChoiceFilter(
        label=_("Dwelling kind"), empty_label=_("Any kind"), choices=code_choices("dwelling_kind")
    )
    rental = django_filters.ChoiceFilter(
        label=_("Rental registration"),
        empty_label=_("Registered or not"),
        choices=[("yes", _("Registered as rental")), ("no", _("Not registered as rental"))],
        method="by_rental",
    )

    class Meta:
        model = Dwelling
        fields: list[str] = []

    def search(self, queryset: Any, _name: str, value: str) -> Any:
        wanted = shorthand_of(value)
        if not wanted:
            return queryset
        by_alias = Dwelling.objects.filter(aliases__shorthand__begins=wanted).values("pk")
        return queryset.filter(shorthand__begins=wanted) | queryset.filter(pk__in=by_alias)

    def by_rental(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.filter(rental_registered=value == "yes")
