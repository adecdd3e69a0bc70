from typing import Any

from portal.org.choices import AreaLevel
from portal.org.scoping import areas_for
from portal.ui.filters import AreaFilter, ScopedFilterSet
from residents.models import DuplicatePair, Person, PersonMerge

OFFERED = (AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY)


class MergingFilter(ScopedFilterSet):
    """The areas in which the user may merge."""

    area = AreaFilter()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.filters["area"].queryset = areas_for(user, Person, "merge").filter(level__in=OFFERED)


class PairFilter(MergingFilter):
    class Meta:
        model = DuplicatePair
        fields = ["area"]


class MergeFilter(MergingFilter):
    class Meta:
        model = PersonMerge
        fields = ["area"]
