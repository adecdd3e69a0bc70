"""Pages of a list without counting all of it (performance design: a full count of the register costs 340 ms)."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

CAP = 1000


def up_to_cap(rows: Any) -> int | str:
    """How many, for a label beside others: "1000+" beyond that, because nobody waits for the exact number."""
    found = int(rows.order_by()[: CAP + 1].count())
    return f"{CAP}+" if found > CAP else found


class CappedPaginator(Paginator):
    """Counts to 1,000 and no further. `is_capped` means there are more rows than the pages lead to.

    `counted` are as many rows as those shown, where counting them is cheaper.
    """

    def __init__(self, *args: Any, counted: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counted = counted

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list if self.counted is None else self.counted
        source = getattr(getattr(rows, "data", rows), "data", rows)
        if hasattr(source, "query"):
            return int(source.order_by()[: CAP + 1].count())
        return len(source)

    @property
    def is_capped(self) -> bool:
        return self._counted > CAP

    @cached_property
    def count(self) -> int:
        return min(self._counted, CAP)
