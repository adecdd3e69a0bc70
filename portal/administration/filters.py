from typing import Any

import django_filters
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.administration.reach import departments_of
from portal.administration.services.idle_accounts import unused_since
from portal.org.models import Area, Department, User
from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter

ACTIVE, DISABLED, UNUSED, NEVER = "active", "disabled", "unused", "never"


class CodeAreaFilter(AreaFilter):
    """For rows that carry an area code but no scope columns."""

    def filter(self, qs: Any, value: Area | None) -> Any:
        return qs.filter(area_code__startswith=value.code) if value else qs


class PersonFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Search"), method="search", placeholder=_("Name or account"))
    area = CodeAreaFilter()
    department = django_filters.ModelChoiceFilter(
        label=_("Department"), queryset=Department.objects.none(), empty_label=_("All departments")
    )
    state = django_filters.ChoiceFilter(
        label=_("Account state"),
        method="by_state",
        choices=[
            (ACTIVE, _("In use")),
            (DISABLED, _("Disabled")),
            (UNUSED, _("Not used for long")),
            (NEVER, _("Never logged in")),
        ],
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.filters["department"].queryset = departments_of(user)

    def search(self, qs: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return qs.filter(Q(display_name__icontains=value) | Q(username__icontains=value))

    def by_state(self, qs: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        if value == UNUSED:
            return unused_since(qs)
        if value == NEVER:
            return qs.filter(last_login=None)
        return qs.filter(is_active=value == ACTIVE)


class GroupFilter(ScopedFilterSet):
    q = SearchFilter(label=_("Search"), field_name="name", lookup_expr="icontains", placeholder=_("Name of the group"))

    class Meta:
        model = Group
        fields: tuple[str, ...] = ()
