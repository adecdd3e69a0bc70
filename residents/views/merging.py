"""Likely duplicates: the list, the two files side by side, the decision, and taking it back."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View

from portal.audit import services as audit
from portal.core.errors import DomainError
from portal.org.codes import COMMUNITY, TOWNSHIP
from portal.org.models import Area
from portal.org.services import area_path
from portal.policy import codes
from portal.ui.views import UNPROCESSABLE, PageMixin, ScopedListView, ScopedMixin, add_domain_error, say
from portal.vault.projection import project
from residents.choices import PairStatus
from residents.filters.merging import MergeFilter, PairFilter
from residents.forms.merging import ApartForm, MergeForm, PartForm
from residents.models import DuplicatePair, Person, PersonMerge
from residents.selectors import stays_of
from residents.services.merging import merge as merging
from residents.services.merging import pairs, parting, values
from residents.services.projection import person_view
from residents.tables.merging import MergeTable, PairTable
from residents.tables.reasons import told_reasons

LIST_TABS = (("residents:pair_list", _("To be decided")), ("residents:merge_list", _("Merged files")))


class MergingList(ScopedListView):
    model = Person
    action = "merge"

    def get_tabs(self) -> list[dict[str, Any]]:
        here = self.request.resolver_match.view_name if self.request.resolver_match else ""
        return [
            {"label": label, "url": reverse(name), "current": name == here, "tone": ""} for name, label in LIST_TABS
        ]

    def show_people(self, table: Any, columns: tuple[str, ...]) -> None:
        """Two queries for the whole page; each file shown leaves its access row."""
        rows = [row.record for row in table.paginated_rows]
        wanted = {getattr(row, column) for row in rows for column in columns}
        table.people = Person.objects.restrict(self.request.user, "merge").in_bulk(wanted)
        audit.access(actor=self.request.user, action="list", person_ids=list(table.people), purpose="duplicates")


class PairListView(MergingList):
    title = _("Likely duplicates")
    subtitle = _("Files that may be of one person, the likeliest first. Compare them, then merge or keep them apart.")
    queryset = DuplicatePair.objects.filter(status=PairStatus.OPEN).order_by("-score", "pk")
    table_class = PairTable
    filterset_class = PairFilter

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        self.show_people(table, ("first_id", "second_id"))
        areas = pairs.areas_of(row.record.pk for row in table.paginated_rows)
        hidden = {key: area for key, area in areas.items() if key[1] not in table.people}
        names = offices(hidden.values())
        table.offices = {key: names[area] for key, area in hidden.items()}
        return table


class MergeListView(MergingList):
    title = _("Merged files")
    subtitle = _("What was merged in your areas, and how long it can be taken back.")
    queryset = PersonMerge.objects.select_related("actor").defer("snapshot")
    table_class = MergeTable
    filterset_class = MergeFilter

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        self.show_people(table, ("survivor_id",))
        return table


class PairPage(ScopedMixin, PageMixin, TemplateView):
    model = Person
    action = "merge"
    template_name = "residents/merging/pair.html"

    @cached_property
    def pair(self) -> DuplicatePair:
        rows = DuplicatePair.objects.restrict(self.request.user, "merge")
        return get_object_or_404(rows.select_related("decided_by"), pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return gettext("One person or two?")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Likely duplicates"), reverse("residents:pair_list"))]

    def people(self) -> list[Person]:
        rows = Person.objects.restrict(self.request.user, "merge").filter(pk__in=self.pair.person_ids)
        return list(rows.order_by("pk"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = self.people()
        audit.access(
            actor=self.request.user, action="open", person_ids=[one.pk for one in people], purpose="duplicates"
        )
        may = merging.may_decide(self.pair, people, self.request.user)
        is_open = self.pair.status == PairStatus.OPEN
        context = super().get_context_data(**kwargs) | {
            "pair": self.pair,
            "open": is_open,
            "may": may and is_open,
            "why": told_reasons(code for code, _points in self.pair.reasons),
            "files": [self._file(one) for one in people],
            "elsewhere": self._elsewhere(people),
            "apart_form": kwargs.get("apart_form") or ApartForm(user=self.request.user),
            "form": kwargs.get("form") or MergeForm(user=self.request.user),
        }
        if may:
            context |= {
                "impact": self._impact(people),
                "lines": self._lines(people, context["form"]),
                "objections": merging.objections(self.pair.person_ids) if is_open else [],
                "chosen": self._survivor(people, context["form"]),
            }
        return context

    def _file(self, person: Person) -> dict[str, Any]:
        stays = stays_of(person)
        return {
            "person": person,
            "view": person_view(person, viewer=self.request.user),
            "office": area_path(person.area_code, separator=" · "),
            "stay": stays[0] if stays else None,
            "stays": len(stays),
        }

    def _elsewhere(self, people: list[Person]) -> str:
        """The office of the file that is out of reach; nothing else of it is told."""
        seen = {one.pk for one in people}
        areas = pairs.areas_of([self.pair.pk])
        return next(iter(offices(area for (_pair, pk), area in areas.items() if pk not in seen).values()), "")

    def _survivor(self, people: list[Person], form: MergeForm) -> int:
        """Proposed: the file with the newer stay, or the older file."""
        asked = form.data.get("survivor", "") if form.is_bound else ""
        if asked.isdigit():
            return int(asked)
        stays = {one.pk: stays_of(one) for one in people}
        return max(
            people, key=lambda one: (stays[one.pk][0].arrived_on if stays[one.pk] else one.birth_date, -one.pk)
        ).pk

    def _lines(self, people: list[Person], form: MergeForm) -> list[dict[str, Any]]:
        """One line a group of values: what each file says, whether it differs, and which stands."""
        survivor = self._survivor(people, form)
        differing = set(values.differing(*people))
        lines = []
        for group, label in values.LABELS.items():
            told = [told_value(one, group, self.request.user) for one in people]
            if not any(told):
                continue
            asked = form.data.get(f"value_{group}", "") if form.is_bound else ""
            full = [one.pk for one, text in zip(people, told, strict=True) if text]
            stands = int(asked) if asked.isdigit() else survivor if survivor in full else full[0]
            cells = [{"pk": one.pk, "text": text} for one, text in zip(people, told, strict=True)]
            differs = group in differing
            lines.append({"group": group, "label": label, "cells": cells, "differs": differs, "stands": stands})
        return sorted(lines, key=lambda line: not line["differs"])

    def _impact(self, people: list[Person]) -> list[dict[str, Any]]:
        one, other = people
        columns = [
            {line.label: line for line in merging.impact(survivor_id=survivor.pk, absorbed_id=absorbed.pk)}
            for survivor, absorbed in ((other, one), (one, other))
        ]
        labels = list(dict.fromkeys([*columns[0], *columns[1]]))
        return [{"label": label, "lines": [column.get(label) for column in columns]} for label in labels]


class PairView(PairPage):
    """GET shows the two files; POST merges them."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = MergeForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
        data = form.cleaned_data
        try:
            done = merging.merge(
                pair_id=self.pair.pk,
                survivor_id=data["survivor"],
                taken=form.taken(),
                reason=data["reason"],
                version=data["version"],
                actor=request.user,
            )
        except DomainError as error:
            return self.refused(error, form)
        say(request, gettext("The two files are one now. Nothing was lost; it can be taken back."), undo="")
        return redirect(done.get_absolute_url())

    def refused(self, error: DomainError, form: MergeForm) -> HttpResponse:
        if error.code == "already_decided":
            say(self.request, error.message, level="bad")
            return redirect("residents:pair_list")
        add_domain_error(form, error)
        return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)


class PairApartView(PairPage):
    http_method_names = ["post"]

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ApartForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(apart_form=form), status=UNPROCESSABLE)
        data = form.cleaned_data
        try:
            merging.not_same(pair_id=self.pair.pk, reason=data["reason"], version=data["version"], actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            undo = reverse("residents:pair_reopen", args=[self.pair.pk])
            say(request, gettext("The two files stay apart and are not proposed again."), undo=undo)
        return redirect(next_pair(request.user))


class PairReopenView(ScopedMixin, View):
    http_method_names = ["post"]
    model = Person
    action = "merge"

    def post(self, request: Any, pk: int) -> HttpResponse:
        pair = get_object_or_404(DuplicatePair.objects.restrict(request.user, "merge"), pk=pk)
        try:
            merging.reopen(pair_id=pair.pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        return redirect(pair.get_absolute_url())


class MergeView(ScopedMixin, PageMixin, TemplateView):
    """One merge: what it did. POST takes it back; what came later is asked about here."""

    model = Person
    action = "merge"
    template_name = "residents/merging/merge.html"

    @cached_property
    def merge(self) -> PersonMerge:
        rows = PersonMerge.objects.restrict(self.request.user, "merge").select_related("actor", "undone_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return gettext("Merged file")

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Merged files"), reverse("residents:merge_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        merge, viewer = self.merge, self.request.user
        survivor = Person.objects.restrict(viewer, "merge").filter(pk=merge.survivor_id).first()
        if survivor is None:
            raise Http404
        audit.access(actor=viewer, action="open", person_ids=[survivor.pk], purpose="duplicates")
        may = parting.may_part(merge, viewer)
        form = kwargs.get("form") or PartForm(user=viewer)
        asked = {key.removeprefix("route-"): value for key, value in form.data.items()} if form.is_bound else {}
        work = parting.later_work(merge) if may else []
        return super().get_context_data(**kwargs) | {
            "merge": merge,
            "view": person_view(survivor, viewer=viewer),
            "moved": self._moved(),
            "taken": [values.LABELS[group] for group in merge.taken],
            "may": may,
            "quick": parting.is_quick(merge),
            "until": parting.quick_until(merge),
            "work": [{"n": n, "one": one, "chosen": asked.get(str(n), one.origin)} for n, one in enumerate(work)],
            "form": form,
        }

    def _moved(self) -> list[tuple[str, int]]:
        labels = {link.key: str(link.label) for link in parting.person_links()}
        return [
            (labels[key], len(note["moved"]))
            for key, note in self.merge.rows.items()
            if note["moved"] and key in labels
        ]

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = PartForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
        work = parting.later_work(self.merge) if parting.may_part(self.merge, request.user) else []
        routes = {one.key: request.POST.get(f"route-{n}", "") for n, one in enumerate(work)}
        try:
            parting.part(
                merge_id=self.merge.pk,
                routes=routes,
                reason=form.cleaned_data["reason"],
                version=form.cleaned_data["version"],
                actor=request.user,
            )
        except DomainError as error:
            add_domain_error(form, error)
            return self.render_to_response(self.get_context_data(form=form), status=UNPROCESSABLE)
        say(request, gettext("There are two files again, each with what was its own."))
        return redirect(self.merge.get_absolute_url())


def told_value(person: Person, group: str, viewer: Any) -> str:
    """What the viewer may read of one group of values."""
    told, view = project(person, viewer=viewer), person_view(person, viewer=viewer)
    words = {
        values.DOCUMENT: f"{view.document_label} {view.document}".strip(),
        "birth_date": str(view.birth_year or ""),
        "native": f"{view.native} {told['native_address']}".strip(),
        "education": codes.label("education", told["education"]),
        "marital_status": codes.label("marital", told["marital_status"]),
        "political_status": codes.label("political", told["political_status"]),
        "nationality": codes.label("nationality", told["nationality"]),
        "ethnicity": "****" if person.ethnicity else "",
        "photo": gettext("On file") if person.photo else "",
    }
    return str(words[group] if group in words else told[group])


def next_pair(user: Any) -> str:
    """The likeliest pair that waits, or the list when none does."""
    rows = DuplicatePair.objects.restrict(user, "merge").filter(status=PairStatus.OPEN)
    found = rows.order_by("-score", "pk").first()
    return found.get_absolute_url() if found else reverse("residents:pair_list")


def offices(area_codes: Iterable[str]) -> dict[str, str]:
    """Township and community by name."""
    wanted = set(area_codes)
    parts = {area[:length] for area in wanted for length in (TOWNSHIP, COMMUNITY)}
    names = dict(Area.objects.filter(code__in=parts).values_list("code", "name")) if parts else {}
    return {
        area: " ".join(dict.fromkeys(names.get(area[:length], "") for length in (TOWNSHIP, COMMUNITY))).strip()
        for area in wanted
    }
