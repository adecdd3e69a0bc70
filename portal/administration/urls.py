from django.urls import path

from portal.administration.views import policy

app_name = "administration"
urlpatterns = [
    path("administration/calendar/", policy.CalendarView.as_view(), name="calendar"),
    path("administration/calendar/<int:pk>/forget/", policy.ForgetDayView.as_view(), name="calendar_forget"),
    path("administration/rules/", policy.RulesView.as_view(), name="rules"),
    path("administration/rules/<int:pk>/", policy.RuleEditView.as_view(), name="rule_edit"),
]
