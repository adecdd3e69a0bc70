"""Mapping files of other platforms: put in, look at, switch off."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from portal.core.errors import DomainError
from portal.imports.kinds import Reader, all_kinds
from portal.org.scoping import can
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin, PageMixin, add_domain_error, say
from residents.forms.mappings import MappingForm
from residents.imports import kept
from residents.imports.checking import COLUMNS
from residents.imports.mapped import OWN, Mapped
from residents.models import MappingFile

CODES_SHOWN = 12
EXAMPLE = OWN / "example-police.toml"


class DeskMixin(PageMixin):
    """403 unless the reader's grant covers the county: a mapping holds for everybody who imports."""

    action = "view"
    request: StaffRequest

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can(request.user, MappingFile, self.action, at=settings.COUNTY_CODE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def may_change(self) -> bool:
        return can(self.request.user, MappingFile, "change", at=settings.COUNTY_CODE)


class MappingsView(DeskMixin, ErrorSummaryMixin, FormView):
    title = gettext_lazy("Mapping files")
    subtitle = gettext_lazy("How lists of other platforms are read when they are imported.")
    template_name = "residents/mappings/list.html"
    form_class = MappingForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "rows": MappingFile.objects.select_related("added_by"),
            "shipped": [kind for kind in all_kinds() if isinstance(kind, Mapped)],
            "columns": [(column, _codes(key)) for key, column in COLUMNS.items()],
            "may_change": self.may_change,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.request.method == "POST" and not self.may_change:
            raise PermissionDenied
        return super().get_form_kwargs()

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            row = kept.keep(content=form.cleaned_data["file"].read(), actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("“%(title)s” can be imported from now on.") % {"title": row.title})
        return redirect(row)


class MappingView(DeskMixin, TemplateView):
    template_name = "residents/mappings/detail.html"

    @cached_property
    def row(self) -> MappingFile:
        return get_object_or_404(MappingFile.objects.select_related("added_by"), pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return self.row.title

    def get_subtitle(self) -> str:
        return self.row.about

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Mapping files"), reverse("residents:mappings"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = kept.as_kind(self.row)
        return super().get_context_data(**kwargs) | {
            "row": self.row,
            "columns": [(COLUMNS[key], titles) for key, titles in kind.titles.items()],
            "words": [
                (COLUMNS[key].title, [(theirs, _label(key, ours)) for theirs, ours in words.items()])
                for key, words in kind.words.items()
            ],
            "fixed": [(COLUMNS[key].title, _label(key, value)) for key, value in kind.fixed.items()],
            "may_change": self.may_change,
        }


class MappingSwitch(DeskMixin, View):
    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        row, on = get_object_or_404(MappingFile, pk=pk), request.POST.get("to") == "on"
        try:
            given = request.POST.get("version", "")
            version = int(given) if given.isdigit() else 0
            row = kept.switch(mapping_id=pk, is_active=on, version=version, actor=request.user)
        except DomainError as error:
            say(request, str(error.message), level="bad")
            return redirect(row)
        words = _("“%(title)s” is offered again.") if on else _("“%(title)s” is no longer offered.")
        say(request, words % {"title": row.title})
        return redirect(row)


class MappingExample(DeskMixin, View):
    """The file that comes with the product, to begin from."""

    http_method_names = ["get", "head"]

    def get(self, _request: StaffRequest) -> HttpResponse:
        response = HttpResponse(EXAMPLE.read_bytes(), content_type="application/octet-stream")
        response["Content-Disposition"] = 'attachment; filename="example.toml"'
        return response


def _codes(key: str) -> str:
    """The first of our codes of the column, with their words; "" where the column holds none."""
    column = COLUMNS[key]
    if column.reads != Reader.CODE or column.words is None:
        return ""
    found = list(dict.fromkeys(column.words().values()))
    told = "、".join(_label(key, code) for code in found[:CODES_SHOWN])
    if len(found) <= CODES_SHOWN:
        return told
    return _("%(codes)s and others, %(count)s in all") % {"codes": told, "count": len(found)}


def _label(key: str, code: str) -> str:
    """05 租赁房屋: the code and its first word, which is the official one."""
    column = COLUMNS[key]
    if column.reads != Reader.CODE or column.words is None:
        return code
    words = [word for word, known in column.words().items() if known == code and word != code]
    return f"{code} {words[0]}" if words else code
