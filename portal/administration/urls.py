from django.urls import path

from portal.administration import views

app_name = "administration"
urlpatterns = [
    path("administration/calendar/", views.CalendarView.as_view(), name="calendar"),
    path("administration/calendar/<int:pk>/forget/", views.ForgetDayView.as_view(), name="calendar_forget"),
    path("administration/rules/", views.RulesView.as_view(), name="rules"),
    path("administration/rules/<int:pk>/", views.RuleEditView.as_view(), name="rule_edit"),
]
