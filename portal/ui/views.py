"""The generic views. A department names a model, an action, a form or a table; the rest happens here."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise, cached_property
from django.views.generic import FormView, View
from django.views.generic.detail import SingleObjectMixin
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from portal.core.errors import DomainError
from portal.org.scoping import ScopedQuerySet, scope_of
from portal.ui.http import StaffRequest, toast
from portal.ui.models import SavedView
from portal.ui.paging import CappedPaginator
from portal.ui.saved_views import first_view, views_of
from portal.ui.tables import ViewerTable

UNPROCESSABLE = 422
Text = str | Promise


class ScopedMixin:
    """403 when the action is granted nowhere; otherwise rows outside the grant do not exist (404)."""

    model: type[models.Model]
    action: str
    queryset: ScopedQuerySet | None = None
    request: StaffRequest

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if scope_of(request.user, self.model, self.action).is_nowhere:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> ScopedQuerySet:
        rows: Any = self.model._default_manager if self.queryset is None else self.queryset
        restricted: ScopedQuerySet = rows.all().restrict(self.request.user, self.action)
        return restricted


class PageMixin:
    """Title, line below it and path above it; each may also be a method `get_<name>`."""

    title: Text = ""
    subtitle: Text = ""
    crumbs: tuple[tuple[Text, str], ...] = ()

    def get_title(self) -> Text:
        return self.title

    def get_subtitle(self) -> Text:
        return self.subtitle

    def get_crumbs(self) -> Iterable[tuple[Text, str]]:
        return self.crumbs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "title": self.get_title(),
            "subtitle": self.get_subtitle(),
            "crumbs": [(str(label), url) for label, url in self.get_crumbs()],
        }


class ScopedListView(ScopedMixin, PageMixin, SingleTableMixin, FilterView):
    """A filtered, sorted, paginated table; htmx asks again for the table alone.

    `page_actions` is a template with the buttons of the head; `bulk_actions` one with the buttons of the bulk bar
    (its form posts `ids`, a `SelectColumn` of that name, to `bulk_url`).
    """

    action = "view"
    page_actions = ""
    bulk_actions = ""
    bulk_url = ""
    table_pagination = {"per_page": 50, "paginator_class": CappedPaginator}

    def get_table_kwargs(self) -> dict[str, Any]:
        """Rows are ticked only where something can be done with those ticked."""
        found: dict[str, Any] = {} if self.bulk_url else {"exclude": ("ids",)}
        if issubclass(self.table_class, ViewerTable):
            found["viewer"] = self.request.user
        return found

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        return super().get_filterset_kwargs(filterset_class) | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = kwargs.get("filter")
        return super().get_context_data(**kwargs) | {
            "chips": filterset.active() if filterset and hasattr(filterset, "active") else [],
            "page_actions": self.page_actions,
            "bulk_actions": self.bulk_actions,
            "bulk_url": self.bulk_url,
            "tabs": self.get_tabs(),
            **self._views(),
            "pane": False,
        }

    def get(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Opened without any filter, a list shows the view that the unit set for the role, if there is one."""
        if not request.GET and not request.htmx and (first := first_view(request.user, self.known_views)):
            return redirect(first.get_absolute_url())
        return super().get(request, *args, **kwargs)

    @cached_property
    def known_views(self) -> list[SavedView]:
        return list(views_of(self.request.user, self.request.path))

    def _views(self) -> dict[str, Any]:
        """The views of the list, and the one that is open: its name stands beside the number of rows."""
        known = self.known_views
        asked = {key: values for key, values in self.request.GET.lists() if key != "page" and values != [""]}
        opened = next((one for one in known if asked and dict(QueryDict(one.query).lists()) == asked), None)
        return {"saved_views": known, "open_view": opened, "all_rows": f"{self.request.path}?view=all"}

    def get_tabs(self) -> list[dict[str, Any]]:
        return []

    def get_template_names(self) -> list[str]:
        partial = self.request.htmx and not self.request.htmx.boosted
        return ["ui/_list.html" if partial else "ui/list.html"]


class QueueView(ScopedListView):
    """A work queue: tabs with counts, list, preview beside it (pattern P6). The rows need `preview_rows(…)`.

    `tabs` are (key, label, tone); `tab_rows(rows, key)` narrows the rows of one tab; the first tab is the default.
    """

    tabs: tuple[tuple[str, Text, str], ...] = ()
    tab_parameter = "t"

    def tab_rows(self, rows: Any, key: str) -> Any:
        raise NotImplementedError

    @property
    def tab(self) -> str:
        asked = self.request.GET.get(self.tab_parameter, "")
        known = [key for key, _label, _tone in self.tabs]
        return asked if asked in known else known[0]

    def get_queryset(self) -> Any:
        return self.tab_rows(super().get_queryset(), self.tab)

    def get_tabs(self) -> list[dict[str, Any]]:
        everything = super().get_queryset()
        return [
            {
                "label": label,
                "url": f"?{self.tab_parameter}={key}",
                "current": key == self.tab,
                "tone": tone,
                "count": CappedPaginator(self.tab_rows(everything, key), 1).count,
            }
            for key, label, tone in self.tabs
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"pane": True, "tab": self.tab}


class ErrorSummaryMixin:
    """A refused form comes back with status 422, the values kept and the summary focused."""

    request: StaffRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        context = self.get_context_data(form=form)  # type: ignore[attr-defined]
        response: HttpResponse = self.render_to_response(context, status=UNPROCESSABLE)  # type: ignore[attr-defined]
        return response


class ServiceFormView(ScopedMixin, PageMixin, ErrorSummaryMixin, FormView):
    """Hands the cleaned data to one service; a broken rule comes back as an error on the form.

    `run` returns the row; the reader lands on `get_success_url()`, by default the row's own page.
    """

    template_name = "ui/form.html"
    submit_label: Text = ""
    cancel_url = ""
    success_message: Text = ""
    row: Any = None

    def run(self, **cleaned: Any) -> Any:
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_success_url(self) -> str:
        return str(self.success_url) if self.success_url else self.row.get_absolute_url()

    def get_success_message(self) -> str:
        """May use %(row)s."""
        return str(self.success_message) % {"row": self.row} if self.success_message else ""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.row = self.run(**form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, self.get_success_message())
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "submit_label": self.submit_label,
            "cancel_url": self.cancel_url,
        }


class ServiceActionView(ScopedMixin, SingleObjectMixin, View):
    """One button: POST, call one service on one row, say how it went, go back to the row.

    With `undo_url_name` (a URL name taking the pk) the message carries an undo button. An htmx request gets
    204 with the toast in HX-Trigger; set `next_fragment` to answer with more.
    """

    http_method_names = ["post"]
    success_message: Text = ""
    undo_url_name = ""

    def run(self, pk: int) -> Any:
        raise NotImplementedError

    def get_undo_url(self, row: Any) -> str:
        return redirect(self.undo_url_name, pk=row.pk).url if self.undo_url_name else ""

    def get_success_url(self, row: Any) -> str:
        return str(row.get_absolute_url())

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row: Any = self.get_object()
        try:
            done = self.run(pk) or row
        except DomainError as error:
            return self.answer(row, error.message, level="bad")
        text = str(self.success_message) % {"row": done} if self.success_message else ""
        return self.answer(done, text, undo=self.get_undo_url(done))

    def next_fragment(self, row: Any) -> HttpResponse:
        return HttpResponse(status=204)

    def answer(self, row: Any, text: str, *, level: str = "ok", undo: str = "") -> HttpResponse:
        if self.request.htmx:
            response = self.next_fragment(row) if level == "ok" else HttpResponse(status=204)
            if text:
                response["HX-Trigger"] = json.dumps({"toast": toast(text, undo=undo, level=level)})
            return response
        say(self.request, text, undo=undo, level=level)
        return redirect(self.get_success_url(row))


def add_domain_error(form: Any, error: DomainError) -> None:
    """Beside its field when the form has it, at the top otherwise."""
    form.add_error(error.field if error.field in form.fields else None, error.message)


def say(request: StaffRequest, text: str, *, undo: str = "", level: str = "ok") -> None:
    """A toast on the next page."""
    if text:
        kind = messages.ERROR if level == "bad" else messages.SUCCESS
        messages.add_message(request, kind, text, extra_tags=f"undo:{undo}" if undo else "")
