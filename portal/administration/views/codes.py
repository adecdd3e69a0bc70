from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from portal.administration.forms.codes import ItemForm, NewItemForm
from portal.administration.services import codes
from portal.administration.views.common import RowFormView, say
from portal.administration.views.policy import DeskMixin
from portal.administration.wording import TABLES
from portal.core import clock
from portal.core.errors import DomainError
from portal.org.scoping import can
from portal.policy.models import CodeItem
from portal.ui.http import StaffRequest

PER_PAGE = 80


def table_label(table: str) -> str:
    return str(TABLES.get(table, table))


class CodeTablesView(DeskMixin, TemplateView):
    """All code tables of the product, with what nobody has compared with the standard yet."""

    model = CodeItem
    template_name = "administration/code_tables.html"
    title = gettext_lazy("Code tables")
    subtitle = gettext_lazy("Entries are retired, never deleted: old records keep their label.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [{**row, "label": table_label(row["table"])} for row in codes.tables()]
        return super().get_context_data(**kwargs) | {"rows": rows}


class TablePage(DeskMixin):
    model = CodeItem

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not CodeItem.objects.filter(table=kwargs["table"]).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_crumbs(self) -> list[tuple[str, str]]:
        table = self.kwargs["table"]  # type: ignore[attr-defined]
        return [
            (_("Code tables"), reverse("administration:codes")),
            (table_label(table), reverse("administration:code_table", args=[table])),
        ]


class CodeTableView(TablePage, TemplateView):
    template_name = "administration/code_table.html"

    def get_title(self) -> str:
        return table_label(self.kwargs["table"])

    def get_crumbs(self) -> list[tuple[str, str]]:
        return super().get_crumbs()[:1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:40]
        rows = CodeItem.objects.filter(table=self.kwargs["table"])
        if text:
            rows = rows.filter(Q(code__startswith=text) | Q(name__contains=text) | Q(name_en__icontains=text))
        return super().get_context_data(**kwargs) | {
            "table": self.kwargs["table"],
            "page": Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page")),
            "q": text,
            "today": clock.today(),
            "may_change": can(self.request.user, CodeItem, "change", at=settings.COUNTY_CODE),
        }


class ItemPage(TablePage, RowFormView):
    action = "change"
    form_class = ItemForm

    def rows(self) -> QuerySet[CodeItem]:
        return CodeItem.objects.filter(table=self.kwargs["table"])

    def get_success_url(self) -> str:
        return reverse("administration:code_table", args=[self.kwargs["table"]])


class ItemNewView(ItemPage):
    form_class = NewItemForm
    title = gettext_lazy("New entry")
    submit_label = gettext_lazy("Add the entry")
    success_message = gettext_lazy("The entry was added")

    def run(self, **cleaned: Any) -> CodeItem:
        return codes.save_item(table=self.kwargs["table"], **cleaned, actor=self.request.user)


class ItemEditView(ItemPage):
    title = gettext_lazy("Change the entry")
    success_message = gettext_lazy("The entry was changed")

    def get_subtitle(self) -> str:
        return f"{self.object.code} {self.object.name}"

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.object, name) for name in ItemForm.base_fields}

    def run(self, **cleaned: Any) -> CodeItem:
        item = self.object
        return codes.save_item(table=item.table, item_id=item.pk, code=item.code, **cleaned, actor=self.request.user)


class ItemRetireView(TablePage, View):
    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, table: str, pk: int) -> HttpResponse:
        get_object_or_404(CodeItem, table=table, pk=pk)
        try:
            row = codes.retire_item(table=table, item_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, _("“%(name)s” is retired; old records keep it") % {"name": row.name})
        return redirect("administration:code_table", table=table)
