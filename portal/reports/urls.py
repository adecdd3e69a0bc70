from django.urls import path

from portal.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.WorkbenchView.as_view(), name="workbench"),
    path("dashboard/", views.DashboardView.as_view(), name="dashboard"),
    path("dashboard/<str:area_code>/", views.DashboardView.as_view(), name="dashboard_area"),
]
