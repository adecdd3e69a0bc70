from django.urls import path, register_converter

from portal.administration.views import grants, groups, people, policy


class KindConverter:
    """Whose rights: a group's or a person's."""

    regex = "group|person"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "kind")

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
]
