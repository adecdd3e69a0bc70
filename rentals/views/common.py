"""What the pages of registrations and filings share: a list by piles, and the steps of one row."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.generic import View

from portal.core.errors import DomainError
from portal.org.models import Area
from portal.org.scoping import can
from portal.ui.http import StaffRequest
from portal.ui.paging import up_to_cap
from portal.ui.views import ScopedListView, ScopedMixin, add_domain_error, say
from residents.forms.people import VersionedForm

UNPROCESSABLE = 422
Step = tuple[str, str, type[VersionedForm], Callable[..., Any], Any]
"""The right it needs, the name of its form on the page ("": a button alone), the form, the service, the message."""


def area_names(rows: list[Any]) -> dict[str, str]:
    codes = {row.community_code for row in rows}
    return dict(Area.objects.filter(code__in=codes).values_list("code", "name"))


class PileList(ScopedListView):
    """`piles` are (key, label, tone, condition); whoever may review begins with the first, others with `standing`."""

    piles: tuple[tuple[str, Any, str, Q], ...] = ()
    standing = ""

    @property
    def tab(self) -> str:
        asked = self.request.GET.get("t", "")
        if asked in {pile[0] for pile in self.piles}:
            return asked
        return self.piles[0][0] if can(self.request.user, self.model, "review") else self.standing

    def pile(self, rows: Any) -> Any:
        return rows.filter(next(condition for key, _label, _tone, condition in self.piles if key == self.tab))

    def everything(self) -> Any:
        """What the piles divide."""
        return ScopedMixin.get_queryset(self)

    def get_tabs(self) -> list[dict[str, Any]]:
        rows = self.everything()
        counts = {key: up_to_cap(rows.filter(condition)) for key, _label, _tone, condition in self.piles}
        return [
            {
                "label": label,
                "url": f"?t={key}",
                "current": key == self.tab,
                "tone": tone if counts[key] else "",
                "count": counts[key],
            }
            for key, label, tone, _condition in self.piles
        ]

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        table.areas = area_names([row.record for row in table.paginated_rows])
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "tab": self.tab,
            "may_add": can(self.request.user, self.model, "add"),
        }


class StepView(ScopedMixin, View):
    """One step of one row. A refused one comes back as the page with the form open (`page`), a button with a toast."""

    http_method_names = ["post"]
    steps: dict[str, Step] = {}
    keyword = ""

    def page(self, row: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        raise NotImplementedError

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.action = self.steps[kwargs["name"]][0]
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: StaffRequest, pk: int, name: str) -> HttpResponse:
        row: Any = get_object_or_404(self.get_queryset(), pk=pk)
        _action, key, form_class, service, words = self.steps[name]
        form = form_class(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            try:
                done = service(**{self.keyword: row.pk}, actor=request.user, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
            else:
                say(request, str(words) % {"number": done.number})
                return redirect(done.get_absolute_url())
        if not key:
            told = " ".join(str(one) for one in form.non_field_errors())
            messages.error(request, told or gettext("Please reload the page."))
            return redirect(row.get_absolute_url())
        return self.page(row, status=UNPROCESSABLE, **{key: form})
