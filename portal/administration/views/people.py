from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from portal.accounts.stepup import RecentLoginMixin
from portal.administration.filters import PersonFilter
from portal.administration.forms.people import NewPersonForm, PersonForm, ReasonForm
from portal.administration.reach import people_of
from portal.administration.services import people
from portal.administration.tables import PersonTable
from portal.administration.views.common import AREA_NAME, AdminPage, RowFormView, say
from portal.administration.views.history import history_of
from portal.core.errors import DomainError
from portal.org.models import Area, AreaGroupGrant, User
from portal.org.scoping import can
from portal.org.services import area_path
from portal.ui.http import StaffRequest
from portal.ui.views import ScopedListView


class PeoplePage(AdminPage):
    model = User

    def rows(self) -> QuerySet[User]:
        return people_of(self.request.user, self.action)

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Staff and accounts"), reverse("administration:people"))]


class PeopleView(PeoplePage, ScopedListView):
    """Who works with the portal, where and since when nobody has seen them."""

    table_class = PersonTable
    filterset_class = PersonFilter
    title = gettext_lazy("Staff and accounts")
    page_actions = "administration/_people_actions.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return []

    def rows(self) -> QuerySet[User]:
        return super().rows().select_related("department").annotate(area_name=AREA_NAME)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_add": can(self.request.user, User, "add")}


class PersonNewView(PeoplePage, RowFormView):
    action = "add"
    form_class = NewPersonForm
    title = gettext_lazy("New account")
    subtitle = gettext_lazy("It has no rights yet. The security administrator gives them.")
    submit_label = gettext_lazy("Create the account")
    success_message = gettext_lazy("The account of %(row)s stands; give it a one-time code next")

    def get_initial(self) -> dict[str, Any]:
        return {"area": settings.COUNTY_CODE}

    def run(self, **cleaned: Any) -> User:
        return people.create_person(**cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:person", args=[self.row.pk])


class PersonView(PeoplePage, TemplateView):
    """One account: who, where, the groups, the last login and what was done to it."""

    template_name = "administration/person.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self.rows().select_related("department").prefetch_related("groups")
        person = get_object_or_404(rows, pk=self.kwargs["pk"])
        reader, is_own = self.request.user, self.kwargs["pk"] == self.request.user.pk
        self.title = str(person)
        return super().get_context_data(**kwargs) | {
            "person": person,
            "area": area_path(person.area_code),
            "groups": person.groups.all(),
            "history": history_of(person),
            "is_own": is_own,
            "may_change": not is_own and can(reader, User, "change", at=person.area_code),
            "may_see_grants": can(reader, AreaGroupGrant, "view"),
            "may_grant": not is_own and can(reader, AreaGroupGrant, "change", at=person.area_code),
        }


class PersonEditView(PeoplePage, RowFormView):
    action = "change"
    form_class = PersonForm
    title = gettext_lazy("Change the account")
    success_message = gettext_lazy("The account of %(row)s was changed")

    def get_subtitle(self) -> str:
        return f"{self.object} · {self.object.username}"

    def get_initial(self) -> dict[str, Any]:
        person = self.object
        area = Area.objects.filter(code=person.area_code).first()
        return {
            "display_name": person.display_name,
            "title": person.title,
            "department": person.department_id,
            "area": area.code if area else None,
        }

    def run(self, **cleaned: Any) -> User:
        return people.change_person(user_id=self.object.pk, **cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:person", args=[self.row.pk])


class PersonCodeView(RecentLoginMixin, PeoplePage, View):
    """Shows a new one-time code, once: the answer of the POST is the only place where it stands."""

    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int) -> HttpResponse:
        get_object_or_404(self.rows(), pk=pk)
        try:
            issued = people.issue_code(user_id=pk, actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return redirect("administration:person", pk=pk)
        person = User.objects.get(pk=pk)
        crumbs = [*self.get_crumbs(), (str(person), reverse("administration:person", args=[pk]))]
        context = {"title": _("One-time code"), "person": person, "issued": issued, "crumbs": crumbs}
        return render(request, "administration/person_code.html", context)


class PersonStateView(RecentLoginMixin, PeoplePage, View):
    """Disables or enables; a reason is asked for on the person's page."""

    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int, state: str) -> HttpResponse:
        get_object_or_404(self.rows(), pk=pk)
        form = ReasonForm(request.POST, user=request.user)
        back = redirect("administration:person", pk=pk)
        if not form.is_valid():
            say(request, _("Please say why; nothing was changed."), level="bad")
            return back
        change = people.disable_person if state == "disable" else people.enable_person
        try:
            person = change(user_id=pk, reason=form.cleaned_data["reason"], actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
            return back
        said = _("The account of %(name)s is enabled") if person.is_active else _("The account of %(name)s is disabled")
        say(request, said % {"name": person})
        return back
