"""The permission matrix: look, tick, see the difference, say why, confirm."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from portal.accounts.stepup import RecentLoginMixin
from portal.administration.forms.grants import ConfirmForm, PlaceForm, TermForm
from portal.administration.reach import below
from portal.administration.services import grants
from portal.administration.services.grants import Holder, Wish
from portal.administration.services.matrix import matrix, places_of
from portal.administration.services.preview import see_as
from portal.administration.views.common import AdminPage, add_domain_error, say
from portal.administration.wording import grantable_actions, grantable_models, right_label
from portal.core.errors import DomainError
from portal.org.models import Area, AreaGroupGrant, User
from portal.org.scoping import can, grant_codename, scope_of
from portal.ui.http import StaffRequest
from portal.ui.views import UNPROCESSABLE


class HolderPage(AdminPage):
    """A page about a group or a person: `kind` comes from the URL."""

    model = AreaGroupGrant

    @cached_property
    def holder(self) -> Holder:
        return get_object_or_404(self.rows(), pk=self.kwargs["pk"])

    def rows(self) -> QuerySet[Any]:
        if self.kwargs["kind"] == "group":
            return Group.objects.all()
        return User.objects.filter(
            below(scope_of(self.request.user, AreaGroupGrant, self.action), "area_code"), is_system=False
        )

    @property
    def holder_url(self) -> str:
        name = "administration:group" if self.kwargs["kind"] == "group" else "administration:person"
        return reverse(name, args=[self.holder.pk])

    def get_crumbs(self) -> list[tuple[str, str]]:
        if self.kwargs["kind"] == "group":
            parent = (_("Groups and grants"), reverse("administration:groups"))
        else:
            parent = (_("Staff and accounts"), reverse("administration:people"))
        return [parent, (str(self.holder), self.holder_url)]


class GrantsView(RecentLoginMixin, HolderPage, TemplateView):
    template_name = "administration/grants.html"
    recent_login_for_writes_only = True

    def get_title(self) -> str:
        return _("Rights of %(name)s") % {"name": self.holder}

    def place(self, data: Any) -> PlaceForm:
        given = data.dict()
        given.setdefault("at", self._first_area())
        return PlaceForm(given, user=self.request.user, holder=self.holder)

    def _first_area(self) -> str:
        held = places_of(self.holder)
        scope = scope_of(self.request.user, AreaGroupGrant, self.action)
        inside = [area.code for area, _count in held if area.code in scope]
        home = getattr(self.holder, "area_code", "")
        return inside[0] if inside else (home if home in scope else (scope.codes or (settings.COUNTY_CODE,))[0])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = kwargs.get("place") or self.place(self.request.GET)
        found = place.is_valid()
        area: Area | None = place.cleaned_data.get("at") if found else None
        lender = place.cleaned_data.get("lender") if found else None
        ticked = kwargs.get("ticked")
        rooms = matrix(holder=self.holder, area=area, lender=lender, ticked=ticked) if area else []
        return super().get_context_data(**kwargs) | {
            "holder": self.holder,
            "kind": self.kwargs["kind"],
            "place": place,
            "area": area,
            "lender": lender,
            "rooms": rooms,
            "term": kwargs.get("term") or TermForm(),
            "longest": grants.longest_term(self.holder, Wish(area, frozenset(), lender=lender)) if area else None,
            "places": places_of(self.holder),
            "may_change": self.may_change(area),
        }

    def may_change(self, area: Area | None) -> bool:
        reader = self.request.user
        if area is None or not can(reader, AreaGroupGrant, "change", at=area.code):
            return False
        if isinstance(self.holder, Group):
            return not self.holder.user_set.filter(pk=reader.pk).exists()
        return self.holder.pk != reader.pk and self.holder.is_active

    def post(self, request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require("change")
        place, term = self.place(request.POST), TermForm(request.POST)
        ticked = set(request.POST.getlist("r")) & known_rights()
        if not place.is_valid() or not term.is_valid():
            return self.again(place, term, ticked)
        wish = Wish(
            area=place.cleaned_data["at"],
            codenames=frozenset(ticked),
            until=term.cleaned_data["until"],
            term_for_all=term.cleaned_data["term_for_all"],
            lender=place.cleaned_data.get("lender"),
        )
        try:
            plan = grants.plan(holder=self.holder, wish=wish, actor=request.user)
            if request.POST.get("step") == "confirm":
                return self.confirmed(wish, plan)
        except DomainError as error:
            add_domain_error(term, error)
            return self.again(place, term, ticked)
        if not plan.changes:
            say(request, _("Nothing was changed: the rights stand as they were"))
            return redirect(self.page_of(wish))
        return self.difference(wish, plan, ConfirmForm())

    def confirmed(self, wish: Wish, plan: grants.Plan) -> HttpResponse:
        form = ConfirmForm(self.request.POST)
        if not form.is_valid():
            return self.difference(wish, plan, form)
        state = self.request.POST.get("state", "")
        try:
            done = grants.apply(
                holder=self.holder, wish=wish, reason=form.cleaned_data["reason"], state=state, actor=self.request.user
            )
        except DomainError as error:
            if error.code != "stale":
                raise
            add_domain_error(form, error)
            return self.difference(wish, plan, form)
        say(self.request, _("%(count)s rights of %(name)s changed") % {"count": len(done.changes), "name": self.holder})
        return redirect(self.page_of(wish))

    def page_of(self, wish: Wish) -> str:
        page = reverse("administration:grants", args=[self.kwargs["kind"], self.holder.pk])
        return f"{page}?at={wish.area.code}" + (f"&lender={wish.lender.pk}" if wish.lender else "")

    def again(self, place: PlaceForm, term: TermForm, ticked: set[str]) -> HttpResponse:
        context = self.get_context_data(place=place, term=term, ticked=ticked)
        return self.render_to_response(context, status=UNPROCESSABLE)

    def difference(self, wish: Wish, plan: grants.Plan, form: ConfirmForm) -> HttpResponse:
        changes = [
            {"kind": one.kind, "right": right_label(one.codename), "before": one.before, "after": one.after}
            for one in plan.changes
        ]
        context = {
            "title": _("Confirm the difference"),
            "crumbs": [*self.get_crumbs(), (str(self.get_title()), self.page_of(wish))],
            "holder": self.holder,
            "wish": wish,
            "rights": sorted(wish.codenames),
            "plan": plan,
            "changes": changes,
            "form": form,
            "back": self.page_of(wish),
        }
        status = UNPROCESSABLE if form.errors else 200
        return render(self.request, "administration/grants_confirm.html", context, status=status)


class SeeAsView(HolderPage, TemplateView):
    template_name = "administration/see_as.html"

    def get_title(self) -> str:
        return _("What %(name)s sees") % {"name": self.holder}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "holder": self.holder,
            "kind": self.kwargs["kind"],
            "preview": see_as(self.holder, actor=self.request.user),
        }


def known_rights() -> set[str]:
    return {grant_codename(model, action) for model in grantable_models() for action in grantable_actions(model)}
