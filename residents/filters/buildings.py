from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from portal.org.scoping import areas_for
from portal.ui.filters import AREAS_OFFERED, AreaFilter, ScopedFilterSet, SearchFilter
from residents.choices import LeadStatus
from residents.models import AddressLead, Building, Dwelling
from residents.services.addresses import address_key


class OfDwellings(ScopedFilterSet):
    """The areas offered are those of one's dwellings: buildings and leads have no rights of their own."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.filters["area"].queryset = areas_for(user, Dwelling, "view").filter(level__in=AREAS_OFFERED)


class BuildingFilter(OfDwellings):
    q = SearchFilter(label=_("Estate and building"), placeholder=_("Estate and building"), method="search")
    area = AreaFilter(label=_("Community"), empty_label=_("All communities"))

    class Meta:
        model = Building
        fields: list[str] = []

    def search(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.filter(key__contains=address_key(value))


class LeadFilter(OfDwellings):
    q = SearchFilter(label=_("Address as it was told"), placeholder=_("Address as it was told"), method="search")
    area = AreaFilter(label=_("Community"), empty_label=_("All communities"))
    status = django_filters.ChoiceFilter(label=_("Status"), empty_label=_("All notes"), choices=LeadStatus.choices)

    class Meta:
        model = AddressLead
        fields: list[str] = []

    def search(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.filter(text__contains=value.strip())
