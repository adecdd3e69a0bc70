"""Plan a re-organisation, look at what follows, release it, watch it, decide about the rights that wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from portal.accounts.stepup import RecentLoginMixin
from portal.administration.forms.reorganisation import MergeForm, RecodeForm, SplitForm, WhereForm
from portal.administration.reach import tree_of
from portal.administration.services.reorganisation import held, rows, services
from portal.administration.services.reorganisation.grants import verdicts
from portal.administration.views.common import AdminPage, RowFormView, say
from portal.administration.wording import record_label
from portal.core import clock
from portal.core.errors import DomainError
from portal.jobs.models import Job
from portal.org.choices import AreaLevel
from portal.org.models import Area, AreaChange, AreaChangeGrant, AreaChangePart
from portal.org.reorganisation import ChangeState, GrantOutcome
from portal.org.scoping import can
from portal.ui.http import StaffRequest

SHOWN = 100
LEVELS = {
    "merge": (AreaLevel.COUNTY, AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY),
    "split": (AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY),
    "recode": (AreaLevel.TOWNSHIP, AreaLevel.COMMUNITY, AreaLevel.GRID),
}


class ChangePage(AdminPage):
    """For the system and the security administrators: whoever may look at the whole tree of the county."""

    model = Area

    def dispatch(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.request = request
        if not can(request.user, Area, self.action, at=settings.COUNTY_CODE):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def rows(self) -> QuerySet[Any]:
        return tree_of(self.request.user, self.action)

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [
            (_("Areas"), reverse("administration:areas")),
            (_("Re-organisations"), reverse("administration:reorganisations")),
        ]


class ReorganisationsView(ChangePage, TemplateView):
    template_name = "administration/reorganisations.html"
    title = gettext_lazy("Re-organisations")
    subtitle = gettext_lazy("Planned by the system administrator, released by the security administrator.")

    def get_crumbs(self) -> list[tuple[str, str]]:
        return super().get_crumbs()[:1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        changes = AreaChange.objects.select_related("planned_by", "released_by").prefetch_related("parts")[:SHOWN]
        codes = {part.before for change in changes for part in change.parts.all()}
        names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
        return super().get_context_data(**kwargs) | {
            "changes": [(change, told(change.parts.all(), names)) for change in changes],
            "may_plan": can(self.request.user, Area, "change", at=settings.COUNTY_CODE),
        }


def told(parts: Iterable[AreaChangePart], names: Mapping[str, str]) -> str:
    """东明、西峰 → 明峰: the areas themselves, not what lies below them."""
    listed = list(parts)
    befores = {part.before for part in listed}
    roots = [one for one in listed if not any(one.before != code and one.before.startswith(code) for code in befores)]
    before = "、".join(dict.fromkeys(names.get(one.before, one.before) for one in roots))
    after = "、".join(dict.fromkeys(one.name for one in roots))
    return f"{before} → {after}"


class PlanView(ChangePage, RowFormView):
    """Two steps: where (`?at=`), then what. `kind` comes from the URL."""

    action = "change"
    template_name = "administration/reorganisation_new.html"
    titles = {
        "merge": gettext_lazy("Merge areas"),
        "split": gettext_lazy("Split an area"),
        "recode": gettext_lazy("Rename or move an area"),
    }
    hints = {
        "merge": gettext_lazy("Choose the area that they all lie below."),
        "split": gettext_lazy("Choose the area to split."),
        "recode": gettext_lazy("Choose the area to rename or to move."),
    }
    forms = {"merge": MergeForm, "split": SplitForm, "recode": RecodeForm}

    @property
    def kind(self) -> str:
        return str(self.kwargs["change"])

    def get_title(self) -> str | Promise:
        return self.titles[self.kind]

    def get_subtitle(self) -> str | Promise:
        return f"{self.area.name} · {self.area.code}" if self.area else self.hints[self.kind]

    @cached_property
    def area(self) -> Area | None:
        asked = self.request.GET.get("at", "")
        if not asked:
            return None
        offered = self.rows().filter(valid_to=None, level__in=LEVELS[self.kind]).select_related("parent")
        return get_object_or_404(offered, code=asked)

    @property
    def submit_label(self) -> str:  # type: ignore[override]
        return _("Plan and look at what follows") if self.area else _("Next step")

    def get_form_class(self) -> type[Any]:
        return self.forms[self.kind] if self.area else WhereForm

    def get_form_kwargs(self) -> dict[str, Any]:
        found = super().get_form_kwargs()
        if self.area is None:
            return found | {"levels": LEVELS[self.kind]}
        found |= {"area": self.area}
        if self.kind == "split":
            below = self.rows().filter(parent=self.area, valid_to=None).order_by("code")
            found |= {
                "children": dict(below.values_list("code", "name")),
                "places": rows.places(self.area.code),
                "suggested": services.suggested_code(self.area.parent) if self.area.parent else "",
            }
        return found

    def get_initial(self) -> dict[str, Any]:
        area = self.area
        if area is None:
            return {}
        first = {"effective_on": clock.today()}
        if self.kind == "merge":
            return first | {"code": services.suggested_code(area)}
        return first | {"name": area.name, "below": area.parent.code if area.parent else ""}

    def form_valid(self, form: Any) -> HttpResponse:
        if self.area is None:
            return redirect(f"{self.request.path}?at={form.cleaned_data['at'].code}")
        return super().form_valid(form)

    def run(self, **cleaned: Any) -> AreaChange:
        assert self.area is not None  # noqa: S101 - form_valid has asked
        if self.kind == "merge":
            return services.plan_merge(**cleaned | {"areas": list(cleaned["areas"])}, actor=self.request.user)
        if self.kind == "split":
            return services.plan_split(area=self.area, **cleaned, actor=self.request.user)
        below = cleaned.pop("below")
        code = cleaned.pop("code")
        if not code:
            code = self.area.code if below == self.area.parent else services.suggested_code(below)
        return services.plan_recode(area=self.area, code=code, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:reorganisation", args=[self.row.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"area": self.area, "is_decision": self.area is not None}


@dataclass(slots=True)
class HolderLine:
    """What becomes of the rights of one holder at one area; `grant_id` names them for a decision."""

    holder: str
    before: str
    after: str
    outcome: GrantOutcome
    number: int = 0
    grant_id: int = 0
    before_name: str = ""
    after_name: str = ""

    @property
    def is_waiting(self) -> bool:
        return self.outcome in held.WAITING


class ReorganisationView(ChangePage, TemplateView):
    """Before the day: what will follow. While it runs: how far it is. Afterwards: what became of everything."""

    template_name = "administration/reorganisation.html"

    @cached_property
    def change(self) -> AreaChange:
        return get_object_or_404(AreaChange.objects.select_related("planned_by", "released_by"), pk=self.kwargs["pk"])

    def get_title(self) -> str:
        return f"{self.change.get_kind_display()} · {self.change.basis}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        change, user = self.change, self.request.user
        is_open = change.state in services.OPEN
        parts = list(change.parts.all())
        befores = sorted({part.before for part in parts})
        names = dict(Area.objects.filter(code__in=befores).values_list("code", "name"))
        lines = planned_lines(change) if is_open else done_lines(change)
        name_areas(lines, parts)
        return super().get_context_data(**kwargs) | {
            "change": change,
            "parts": [(part, names.get(part.before, "")) for part in parts],
            "places": list(change.places.order_by("place")),
            "is_open": is_open,
            "counts": counted(change, befores),
            "clashes": [(record_label(m), n) for m, n in rows.clashes(change)] if is_open else [],
            "lines": sorted(lines, key=lambda line: (not line.is_waiting, line.holder, line.before)),
            "waiting": sum(line.number for line in lines if line.is_waiting),
            "job": Job.objects.filter(pk=change.job).first() if change.job else None,
            "may_release": change.state == ChangeState.PLANNED
            and services.may_release(user)
            and change.planned_by_id != user.pk,
            "may_withdraw": is_open and (services.may_release(user) or can(user, Area, "change")),
            "may_decide": change.state == ChangeState.DONE and services.may_release(user),
        }


def name_areas(lines: Iterable[HolderLine], parts: Iterable[AreaChangePart]) -> None:
    """Codes as names: of the areas in the tree, and of those that the change will make."""
    listed = list(lines)
    codes = {code for line in listed for code in (line.before, *line.after.split("、"))}
    names = {part.after: part.name for part in parts}
    names |= dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    for line in listed:
        line.before_name = names.get(line.before, line.before)
        line.after_name = "、".join(names.get(code, code) for code in line.after.split("、"))


def counted(change: AreaChange, befores: list[str]) -> list[tuple[Any, int]]:
    if change.state in services.OPEN:
        found: Iterable[tuple[Any, int]] = rows.counts(befores)
    else:
        found = rows.moved(change)
    return [(record_label(model), number) for model, number in found]


def planned_lines(change: AreaChange) -> list[HolderLine]:
    found: dict[tuple[object, ...], HolderLine] = {}
    for one in verdicts(services.plan_of(change)):
        holder = str(getattr(one.grant, "group", None) or getattr(one.grant, "user", ""))
        after = "、".join(one.withheld or one.onward)
        line = found.setdefault(
            (holder, one.code, after, one.outcome), HolderLine(holder, one.code, after, one.outcome)
        )
        line.number += 1
    return list(found.values())


def done_lines(change: AreaChange) -> list[HolderLine]:
    found: dict[tuple[object, ...], HolderLine] = {}
    for row in change.grants.select_related("user", "group"):
        key = (row.user_id, row.group_id, row.lender_id, row.before, row.after, row.outcome)
        line = found.setdefault(
            key,
            HolderLine(
                holder=str(row.group or row.user),
                before=row.before,
                after=row.after,
                outcome=GrantOutcome(row.outcome),
                grant_id=row.pk,
            ),
        )
        line.number += 1
    return list(found.values())


class ActView(RecentLoginMixin, ChangePage, TemplateView):
    """Release, withdraw, or decide about a right that waits; always back to the page of the change."""

    http_method_names = ["post"]

    def post(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        change = get_object_or_404(AreaChange, pk=self.kwargs["pk"])
        try:
            message = self.act(change, request)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, message)
        return redirect("administration:reorganisation", pk=change.pk)

    def act(self, change: AreaChange, request: StaffRequest) -> str:
        raise NotImplementedError


def version_of(request: StaffRequest) -> int:
    asked = request.POST.get("version", "")
    return int(asked) if asked.isdigit() else 0


class ReleaseView(ActView):
    def act(self, change: AreaChange, request: StaffRequest) -> str:
        services.release(change_id=change.pk, version=version_of(request), actor=request.user)
        return _("Released. The work starts on the first day of the new areas.")


class WithdrawView(ActView):
    def act(self, change: AreaChange, request: StaffRequest) -> str:
        reason = request.POST.get("reason", "")
        services.withdraw(change_id=change.pk, version=version_of(request), reason=reason, actor=request.user)
        return _("Withdrawn. Nothing was changed.")


class HeldView(ActView):
    def act(self, change: AreaChange, request: StaffRequest) -> str:
        grant = get_object_or_404(AreaChangeGrant, pk=self.kwargs["grant_id"], change=change)
        if request.POST.get("decision") == "let_go":
            number = held.let_go(grant_id=grant.pk, actor=request.user)
            return _("%(count)s rights are not given again") % {"count": number}
        number = held.reissue(grant_id=grant.pk, actor=request.user)
        return _("%(count)s rights issued anew") % {"count": number}


class RetryView(ActView):
    def act(self, change: AreaChange, request: StaffRequest) -> str:
        services.try_again(change_id=change.pk, actor=request.user)
        return _("The work is in the queue again.")
