"""A small department made of generic views: a list, a queue, a form and a button over the dwellings."""

from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from portal.core.errors import DomainError
from portal.ui.filters import AreaFilter, ScopedFilterSet, SearchFilter, YesNoFilter
from portal.ui.forms import DayField, PortalForm
from portal.ui.tables import BadgeColumn, NumberColumn, PortalTable, SelectColumn, SlaColumn, WhoColumn, preview_rows
from portal.ui.views import QueueView, ScopedListView, ServiceActionView, ServiceFormView
from residents.models import Dwelling


class DwellingFilter(ScopedFilterSet):
    q = SearchFilter(field_name="address", lookup_expr="contains", label=_("Search"))
    area = AreaFilter()
    rental = YesNoFilter(field_name="rental_registered", label="备案")

    class Meta:
        model = Dwelling
        fields = ["q", "area", "rental"]


class DwellingTable(PortalTable):
    ids = SelectColumn()
    landlord_name = WhoColumn(masked=lambda row: row.code, href=lambda row: f"/dwellings/{row.pk}/preview/")
    address = tables.Column()
    kind = BadgeColumn(tones={"05": "brand"})
    capacity = NumberColumn()
    left = SlaColumn(describe=lambda row: {"words": "剩 2 天", "tone": "warn", "percent": 80}, orderable=False)

    class Meta(PortalTable.Meta):
        model = Dwelling
        fields = ("ids", "landlord_name", "address", "kind", "capacity", "left")
        order_by = ("address",)
        row_attrs = preview_rows("dwelling_preview")


class DwellingList(ScopedListView):
    title = "房屋"
    model = Dwelling
    filterset_class = DwellingFilter
    table_class = DwellingTable


class DwellingQueue(QueueView):
    title = "待核房屋"
    model = Dwelling
    filterset_class = DwellingFilter
    table_class = DwellingTable
    tabs = (("open", "待备案", ""), ("done", "已备案", "bad"))

    def tab_rows(self, rows: Any, key: str) -> Any:
        return rows.filter(rental_registered=key == "done")


class EstateForm(PortalForm):
    estate = forms.CharField(label="小区")
    since = DayField(label="日期")


class EstateView(ServiceFormView):
    title = "改小区名"
    model = Dwelling
    action = "change"
    form_class = EstateForm
    success_message = "已改为 %(row)s"

    def run(self, **cleaned: Any) -> Dwelling:
        if cleaned["estate"] == "重名":
            raise DomainError("这个名字已有，请换一个", field="estate")
        if cleaned["estate"] == "停用":
            raise DomainError("现在不能改名", field="elsewhere")
        dwelling = Dwelling.objects.restrict(self.request.user, "change").get(pk=self.kwargs["pk"])
        dwelling.estate = dwelling.address = cleaned["estate"]
        dwelling.save()
        return dwelling

    def get_success_url(self) -> str:
        return reverse("dwelling_list")


class RegisterRentalView(ServiceActionView):
    model = Dwelling
    action = "change"
    success_message = "已备案 %(row)s"
    undo_url_name = "dwelling_undo"

    def run(self, pk: int) -> Dwelling:
        dwelling = Dwelling.objects.restrict(self.request.user, "change").get(pk=pk)
        if dwelling.rental_registered:
            raise DomainError("这套房屋已经备案")
        dwelling.rental_registered = True
        dwelling.save()
        return dwelling

    def get_success_url(self, row: Any) -> str:
        return reverse("dwelling_list")


class UndoRentalView(ServiceActionView):
    model = Dwelling
    action = "change"
    success_message = "已撤销"

    def run(self, pk: int) -> Dwelling:
        dwelling = Dwelling.objects.restrict(self.request.user, "change").get(pk=pk)
        dwelling.rental_registered = False
        dwelling.save()
        return dwelling

    def get_success_url(self, row: Any) -> str:
        return reverse("dwelling_list")


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(get_object_or_404(Dwelling, pk=pk).address)


urlpatterns = [
    path("dwellings/", DwellingList.as_view(), name="dwelling_list"),
    path("dwellings/queue/", DwellingQueue.as_view(), name="dwelling_queue"),
    path("dwellings/<int:pk>/preview/", preview, name="dwelling_preview"),
    path("dwellings/<int:pk>/estate/", EstateView.as_view(), name="dwelling_estate"),
    path("dwellings/<int:pk>/register/", RegisterRentalView.as_view(), name="dwelling_register"),
    path("dwellings/<int:pk>/undo/", UndoRentalView.as_view(), name="dwelling_undo"),
]
