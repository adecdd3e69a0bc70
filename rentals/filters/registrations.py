from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.org.scoping import areas_for
from portal.ui.filters import AREAS_OFFERED, AreaFilter, ScopedFilterSet, SearchFilter
from rentals.choices import LandlordKind, Letting
from rentals.models import RentalRegistration
from residents.models import Dwelling
from residents.services.dwellings import shorthand_of


class RentalFilter(ScopedFilterSet):
    q = SearchFilter(
        label=_("Number, landlord or address"), placeholder=_("Number, landlord or address"), method="search"
    )
    area = AreaFilter()
    landlord = django_filters.ChoiceFilter(
        field_name="landlord_kind", label=_("Kind of landlord"), choices=LandlordKind
    )
    letting = django_filters.ChoiceFilter(label=_("Let as"), choices=Letting)

    class Meta:
        model = RentalRegistration
        fields = ["area", "landlord", "letting"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        text = value.strip()
        if text[:6].isdigit():
            return rows.filter(number__startswith=text.upper())
        wanted = shorthand_of(text)
        found = Q(landlord_name__contains=text)
        if wanted:
            found |= Q(dwelling__shorthand__begins=wanted)
        return rows.filter(found)


class LeadFilter(ScopedFilterSet):
    """The areas offered are those of one's rental registrations: doors are shown with them."""

    q = SearchFilter(
        label=_("Address or shorthand"), placeholder=_("Address or shorthand: jxhy 3-2-501"), method="search"
    )
    area = AreaFilter(label=_("Community"), empty_label=_("All communities"))

    class Meta:
        model = Dwelling
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        areas = areas_for(user, RentalRegistration, "view").filter(level__in=AREAS_OFFERED)
        self.filters["area"].queryset = areas

    def search(self, rows: Any, _name: str, value: str) -> Any:
        wanted = shorthand_of(value)
        return rows.filter(shorthand__begins=wanted) if wanted else rows
