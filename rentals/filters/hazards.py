from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter
from rentals.choices import Grade, HazardClass, HazardLevel
from rentals.models import Hazard, HazardReferral, HouseGrade
from residents.services.dwellings import shorthand_of


class HazardFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Number or address"), placeholder=_("Number or address"), method="search")
    area = AreaFilter()
    hazard_class = django_filters.ChoiceFilter(label=_("Class of hazard"), choices=HazardClass)
    level = django_filters.ChoiceFilter(label=_("Level of hazard"), choices=HazardLevel)

    class Meta:
        model = Hazard
        fields = ["area", "hazard_class", "level"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        return at_door(rows, value, "dwelling")


class ReferralFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Number or address"), placeholder=_("Number or address"), method="search")
    area = AreaFilter()

    class Meta:
        model = HazardReferral
        fields = ["area"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        return at_door(rows, value, "hazard__dwelling")


class GradeFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Estate or address"), placeholder=_("Estate or address"), method="search")
    area = AreaFilter()
    grade = django_filters.ChoiceFilter(label=_("Counted grade"), choices=Grade)

    class Meta:
        model = HouseGrade
        fields = ["area", "grade"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        text = value.strip()
        return rows.filter(Q(building__estate__contains=text) | Q(dwelling__address__contains=text))


def at_door(rows: Any, value: str, dwelling: str) -> Any:
    """A number begins with digits; anything else is the short way to write an address."""
    text = value.strip()
    if text[:6].isdigit():
        return rows.filter(number__startswith=text.upper())
    wanted = shorthand_of(text)
    return rows.filter(**{f"{dwelling}__shorthand__begins": wanted}) if wanted else rows.none()
