from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from portal.administration.forms.areas import AreaArchiveForm, AreaNewForm, AreaRenameForm
from portal.administration.reach import tree_of
from portal.administration.services import areas
from portal.administration.views.common import AdminPage, RowFormView
from portal.administration.views.history import history_of
from portal.core import clock
from portal.org.codes import parent_candidates
from portal.org.models import Area
from portal.org.scoping import can

MOST_FOUND = 200


class AreaPage(AdminPage):
    model = Area

    def rows(self) -> QuerySet[Area]:
        return tree_of(self.request.user, self.action)

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Areas"), reverse("administration:areas"))]


class AreasView(AreaPage, TemplateView):
    """One node of the tree with what lies below it, or what a search found."""

    template_name = "administration/areas.html"
    title = gettext_lazy("Areas")
    subtitle = gettext_lazy("Codes follow the national statistics code. Areas are archived, never deleted.")

    def get_crumbs(self) -> list[tuple[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:40]
        everything = areas.search_areas(self.request.user, text)
        archived = self.request.GET.get("archived") == "1"
        shown = everything if archived else everything.filter(valid_to=None)
        node = None
        if not text:
            node = self.node(everything)
            shown = shown.filter(parent=node) if node else shown.filter(code=settings.COUNTY_CODE)
        below = Count("children", filter=Q(children__valid_to=None))
        rows = shown.select_related("successor").annotate(below=below)
        return super().get_context_data(**kwargs) | {
            "node": node,
            "path": self.path_to(node),
            "rows": rows[:MOST_FOUND],
            "q": text,
            "archived": archived,
            "today": clock.today(),
            "history": history_of(node) if node else [],
            "may_change": node is not None and can(self.request.user, Area, "change", at=node.code),
            "whole": everything,
        }

    def node(self, rows: QuerySet[Area]) -> Area | None:
        asked = self.request.GET.get("at", "")
        if asked:
            return get_object_or_404(rows, code=asked)
        return rows.order_by("level", "code").filter(code=settings.COUNTY_CODE).first() or rows.first()

    def path_to(self, node: Area | None) -> list[Area]:
        if node is None:
            return []
        codes = parent_candidates(node.code)
        return list(tree_of(self.request.user).filter(code__in=codes).order_by("code"))


class AreaNewView(AreaPage, RowFormView):
    """Below the area of the URL."""

    action = "change"
    form_class = AreaNewForm
    title = gettext_lazy("New area")
    submit_label = gettext_lazy("Add the area")
    success_message = gettext_lazy("“%(row)s” was added")

    def get_subtitle(self) -> str:
        return _("Below %(name)s (%(code)s)") % {"name": self.object.name, "code": self.object.code}

    def get_initial(self) -> dict[str, Any]:
        return {"code": self.object.code, "valid_from": clock.today()}

    def run(self, **cleaned: Any) -> Area:
        return areas.add_area(parent=self.object, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return f"{reverse('administration:areas')}?at={self.object.code}"


class AreaRenameView(AreaPage, RowFormView):
    action = "change"
    form_class = AreaRenameForm
    title = gettext_lazy("Rename the area")
    submit_label = gettext_lazy("Rename")
    success_message = gettext_lazy("The area is called “%(row)s” now")

    def get_subtitle(self) -> str:
        return f"{self.object.name} · {self.object.code}"

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.object.name}

    def run(self, **cleaned: Any) -> Area:
        return areas.rename_area(area_id=self.object.pk, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return f"{reverse('administration:areas')}?at={self.object.code}"


class AreaArchiveView(AreaPage, RowFormView):
    action = "change"
    form_class = AreaArchiveForm
    title = gettext_lazy("Archive the area")
    submit_label = gettext_lazy("Archive")
    success_message = gettext_lazy("“%(row)s” is archived")

    def get_subtitle(self) -> str:
        return f"{self.object.name} · {self.object.code}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"area": self.object}

    def get_initial(self) -> dict[str, Any]:
        return {"last_day": clock.today()}

    def run(self, **cleaned: Any) -> Area:
        return areas.archive_area(area_id=self.object.pk, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return f"{reverse('administration:areas')}?at={self.row.code}"
