from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from portal.accounts.stepup import RecentLoginMixin
from portal.administration.filters import GroupFilter
from portal.administration.forms.groups import GroupForm, MemberForm
from portal.administration.forms.people import ReasonForm
from portal.administration.services import groups
from portal.administration.tables import GroupTable
from portal.administration.views.common import AdminPage, RowFormView, add_domain_error, say
from portal.administration.views.history import history_of
from portal.core.errors import DomainError
from portal.org.models import AreaGroupGrant, User
from portal.org.scoping import can
from portal.ui.http import StaffRequest
from portal.ui.views import ErrorSummaryMixin, ScopedListView


class GroupsPage(AdminPage):
    model = AreaGroupGrant

    def rows(self) -> QuerySet[Group]:
        return Group.objects.all()

    def get_crumbs(self) -> list[tuple[str, str]]:
        return [(_("Groups and grants"), reverse("administration:groups"))]


class GroupsView(GroupsPage, ScopedListView):
    table_class = GroupTable
    filterset_class = GroupFilter
    title = gettext_lazy("Groups and grants")
    subtitle = gettext_lazy("Lasting rights belong to groups; one person's own rights are for stand-ins and end.")
    page_actions = "administration/_groups_actions.html"

    def get_crumbs(self) -> list[tuple[str, str]]:
        return []

    def rows(self) -> QuerySet[Group]:
        return groups.groups_with_counts()

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        return super().get_filterset_kwargs(filterset_class) | {"queryset": self.get_queryset()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_change": can(self.request.user, AreaGroupGrant, "change")}


class GroupNewView(GroupsPage, RowFormView):
    action = "change"
    form_class = GroupForm
    title = gettext_lazy("New group")
    submit_label = gettext_lazy("Create the group")
    success_message = gettext_lazy("The group “%(row)s” stands; give it rights and members next")

    def run(self, **cleaned: Any) -> Group:
        return groups.create_group(**cleaned, actor=self.request.user)

    def get_success_url(self) -> str:
        return reverse("administration:group", args=[self.row.pk])


class GroupView(RecentLoginMixin, GroupsPage, ErrorSummaryMixin, FormView):
    """Members, where the group has rights, and the form to let somebody join."""

    recent_login_for_writes_only = True
    form_class = MemberForm
    template_name = "administration/group.html"

    @property
    def group(self) -> Group:
        return get_object_or_404(Group, pk=self.kwargs["pk"])

    @property
    def may_change(self) -> bool:
        return can(self.request.user, AreaGroupGrant, "change")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user, "group": self.group}

    def get_title(self) -> str:
        return self.group.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        group = self.group
        places: dict[str, dict[str, Any]] = {}
        for grant in groups.grants_of_group(group).select_related("content_object"):
            area = grant.content_object
            places.setdefault(area.code, {"area": area, "count": 0})["count"] += 1
        members = group.user_set.select_related("department").order_by("-is_active", "display_name")
        return super().get_context_data(**kwargs) | {
            "group": group,
            "members": members,
            "places": [places[code] for code in sorted(places)],
            "history": history_of(group),
            "may_change": self.may_change,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require("change")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            groups.add_member(group_id=self.kwargs["pk"], **form.cleaned_data, actor=self.request.user)
        except DomainError as error:
            add_domain_error(form, error)
            return self.form_invalid(form)
        say(self.request, _("%(name)s is a member now") % {"name": form.cleaned_data["user"]})
        return redirect("administration:group", pk=self.kwargs["pk"])


class MemberRemoveView(RecentLoginMixin, GroupsPage, View):
    action = "change"
    http_method_names = ["post"]

    def post(self, request: StaffRequest, pk: int, user_id: int) -> HttpResponse:
        group = get_object_or_404(Group, pk=pk)
        user = get_object_or_404(User, pk=user_id, groups=group)
        form = ReasonForm(request.POST, user=request.user)
        if not form.is_valid():
            say(request, _("Please say why; nothing was changed."), level="bad")
            return redirect("administration:group", pk=pk)
        try:
            groups.remove_member(group_id=pk, user=user, reason=form.cleaned_data["reason"], actor=request.user)
        except DomainError as error:
            say(request, error.message, level="bad")
        else:
            say(request, _("%(name)s is no member any more") % {"name": user})
        return redirect("administration:group", pk=pk)
