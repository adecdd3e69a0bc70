from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter
from rentals.choices import FiledBy
from rentals.models import LeaseFiling
from residents.services.dwellings import shorthand_of


class FilingFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Number, tenant or address"), placeholder=_("Number, tenant or address"), method="search")
    area = AreaFilter()
    filed_by = django_filters.ChoiceFilter(label=_("Filed by"), choices=FiledBy)

    class Meta:
        model = LeaseFiling
        fields = ["area", "filed_by"]

    def search(self, rows: Any, _name: str, value: str) -> Any:
        text = value.strip()
        if text[:6].isdigit():
            return rows.filter(number__startswith=text.upper())
        found = Q(pk__in=rows.filter(tenants__name=text).values("pk"))
        wanted = shorthand_of(text)
        return rows.filter(found | Q(dwelling__shorthand__begins=wanted) if wanted else found)
