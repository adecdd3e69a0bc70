from django.urls import path, register_converter

from portal.administration.views import (
    areas,
    codes,
    departments,
    explain,
    grants,
    groups,
    people,
    policy,
    reorganisation,
    single_sign_on,
    unused,
)


class KindConverter:
    """Whose rights: a group's or a person's."""

    regex = "group|person"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ChangeConverter(KindConverter):
    """What is planned for the tree of areas."""

    regex = "merge|split|recode"


register_converter(KindConverter, "kind")
register_converter(ChangeConverter, "change")

app_name = "administration"
urlpatterns = [
    path("administration/calendar/", policy.CalendarView.as_view(), name="calendar"),
    path("administration/calendar/<int:pk>/forget/", policy.ForgetDayView.as_view(), name="calendar_forget"),
    path("administration/rules/", policy.RulesView.as_view(), name="rules"),
    path("administration/rules/<int:pk>/", policy.RuleEditView.as_view(), name="rule_edit"),
    path("administration/people/", people.PeopleView.as_view(), name="people"),
    path("administration/people/new/", people.PersonNewView.as_view(), name="person_new"),
    path("administration/people/<int:pk>/", people.PersonView.as_view(), name="person"),
    path("administration/people/<int:pk>/edit/", people.PersonEditView.as_view(), name="person_edit"),
    path("administration/people/<int:pk>/code/", people.PersonCodeView.as_view(), name="person_code"),
    path(
        "administration/people/<int:pk>/disable/",
        people.PersonStateView.as_view(),
        {"state": "disable"},
        name="person_disable",
    ),
    path(
        "administration/people/<int:pk>/enable/",
        people.PersonStateView.as_view(),
        {"state": "enable"},
        name="person_enable",
    ),
    path(
        "administration/people/<int:pk>/single-sign-on/",
        single_sign_on.SingleSignOnView.as_view(),
        name="single_sign_on",
    ),
    path(
        "administration/people/<int:pk>/single-sign-on/<int:link_id>/remove/",
        single_sign_on.UnlinkView.as_view(),
        name="single_sign_on_remove",
    ),
    path("administration/groups/", groups.GroupsView.as_view(), name="groups"),
    path("administration/groups/new/", groups.GroupNewView.as_view(), name="group_new"),
    path("administration/groups/<int:pk>/", groups.GroupView.as_view(), name="group"),
    path(
        "administration/groups/<int:pk>/members/<int:user_id>/remove/",
        groups.MemberRemoveView.as_view(),
        name="member_remove",
    ),
    path("administration/grants/<kind:kind>/<int:pk>/", grants.GrantsView.as_view(), name="grants"),
    path("administration/see-as/<kind:kind>/<int:pk>/", grants.SeeAsView.as_view(), name="see_as"),
    path("administration/why/", explain.WhyView.as_view(), name="why"),
    path("why/", explain.OwnWhyView.as_view(), name="own_why"),
    path("administration/unused/", unused.UnusedView.as_view(), name="unused"),
    path("administration/areas/", areas.AreasView.as_view(), name="areas"),
    path("administration/areas/<int:pk>/add/", areas.AreaNewView.as_view(), name="area_new"),
    path("administration/areas/<int:pk>/rename/", areas.AreaRenameView.as_view(), name="area_rename"),
    path("administration/areas/<int:pk>/archive/", areas.AreaArchiveView.as_view(), name="area_archive"),
    path("administration/reorganisations/", reorganisation.ReorganisationsView.as_view(), name="reorganisations"),
    path(
        "administration/reorganisations/new/<change:change>/",
        reorganisation.PlanView.as_view(),
        name="reorganisation_new",
    ),
    path(
        "administration/reorganisations/<int:pk>/", reorganisation.ReorganisationView.as_view(), name="reorganisation"
    ),
    path(
        "administration/reorganisations/<int:pk>/release/",
        reorganisation.ReleaseView.as_view(),
        name="reorganisation_release",
    ),
    path(
        "administration/reorganisations/<int:pk>/withdraw/",
        reorganisation.WithdrawView.as_view(),
        name="reorganisation_withdraw",
    ),
    path(
        "administration/reorganisations/<int:pk>/again/",
        reorganisation.RetryView.as_view(),
        name="reorganisation_again",
    ),
    path(
        "administration/reorganisations/<int:pk>/rights/<int:grant_id>/",
        reorganisation.HeldView.as_view(),
        name="reorganisation_right",
    ),
    path("administration/departments/", departments.DepartmentsView.as_view(), name="departments"),
    path("administration/departments/new/", departments.DepartmentNewView.as_view(), name="department_new"),
    path("administration/departments/<int:pk>/", departments.DepartmentEditView.as_view(), name="department_edit"),
    path("administration/delegations/", departments.DelegationsView.as_view(), name="delegations"),
    path("administration/delegations/<int:pk>/end/", departments.DelegationEndView.as_view(), name="delegation_end"),
    path("administration/codes/", codes.CodeTablesView.as_view(), name="codes"),
    path("administration/codes/<slug:table>/", codes.CodeTableView.as_view(), name="code_table"),
    path("administration/codes/<slug:table>/new/", codes.ItemNewView.as_view(), name="code_new"),
    path("administration/codes/<slug:table>/<int:pk>/", codes.ItemEditView.as_view(), name="code_edit"),
    path("administration/codes/<slug:table>/<int:pk>/retire/", codes.ItemRetireView.as_view(), name="code_retire"),
]
