from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.audit.models import AccessEvent, AuditEntry
from portal.org.models import User
from portal.oversight.models import Finding
from portal.oversight.rules import bounds
from portal.oversight.wording import FIELDS, STEPS, actions_worded
from portal.ui.filters import ScopedFilterSet, SearchFilter

OPEN, DONE = "open", "done"
MOST_ACCOUNTS = 200


class AccountFilter(SearchFilter):
    """By login name or by the person's name; the accounts are found first, so that the log's index serves."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Account or name"), placeholder=_("Account or name"), **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        if not value:
            return qs
        found = User.objects.filter(Q(username__iexact=value) | Q(display_name__startswith=value))
        return qs.filter(actor__in=list(found.values_list("pk", flat=True)[:MOST_ACCOUNTS]))


class DayFilter(django_filters.DateFilter):
    """A day of the county's calendar, both ends included."""

    def __init__(self, *, end: bool = False, **kwargs: Any) -> None:
        self.end = end
        hint = _("To, like 2026-11-20") if end else _("From, like 2026-11-01")
        widget = forms.DateInput(
            attrs={"placeholder": hint, "inputmode": "numeric", "class": "short"}, format="%Y-%m-%d"
        )
        super().__init__(widget=widget, **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        start, following = bounds(value)
        return qs.filter(at__lt=following) if self.end else qs.filter(at__gte=start)


class PersonNumberFilter(django_filters.NumberFilter):
    """The number of a file in the register, never an ID number."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "placeholder": _("Person no."), "class": "short"})
        super().__init__(label=_("Person no."), widget=widget, max_value=2**62, min_value=1, decimal_places=0, **kwargs)


class RequestFilter(django_filters.CharFilter):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"placeholder": _("Request no."), "class": "short"})
        super().__init__(label=_("Request no."), field_name="request_id", widget=widget, **kwargs)


class LookFilter(ScopedFilterSet):
    q = AccountFilter()
    action = django_filters.ChoiceFilter(label=_("Action"), choices=AccessEvent.Action.choices)
    field = django_filters.ChoiceFilter(label=_("Whole value"), choices=list(FIELDS.items()), method="by_field")
    person = PersonNumberFilter(method="by_person")
    since = DayFilter(label=_("From"))
    until = DayFilter(label=_("To"), end=True)
    request = RequestFilter()

    class Meta:
        model = AccessEvent
        fields: list[str] = []

    def by_person(self, queryset: Any, _name: str, value: Any) -> Any:
        return queryset.filter(person_ids__contains=[int(value)])

    def by_field(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.filter(fields__contains=[value])


class EntryFilter(ScopedFilterSet):
    q = AccountFilter()
    step = django_filters.CharFilter(
        label=_("Step"),
        method="by_step",
        widget=forms.TextInput(attrs={"placeholder": _("Step, such as “registered”"), "class": "short"}),
    )
    since = DayFilter(label=_("From"))
    until = DayFilter(label=_("To"), end=True)
    request = RequestFilter()

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def by_step(self, queryset: Any, _name: str, value: str) -> Any:
        """By words of the reader's language or by the beginning of the code."""
        wanted = Q(action__startswith=value) | Q(action__in=actions_worded(value))
        for about, words in STEPS.items():
            if value.casefold() in str(words).casefold():
                wanted |= Q(action__startswith=f"{about}.")
        return queryset.filter(wanted)


class FindingFilter(ScopedFilterSet):
    q = AccountFilter()
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Finding.Kind.choices)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(OPEN, _("To be looked at")), (DONE, _("Looked at"))],
        method="by_state",
    )

    class Meta:
        model = Finding
        fields: list[str] = []

    def by_state(self, queryset: Any, _name: str, value: str) -> Any:
        return queryset.filter(looked_at__isnull=value == OPEN)
