from django.urls import path

from portal.oversight import views

app_name = "oversight"
urlpatterns = [
    path("oversight/looks/", views.LooksView.as_view(), name="looks"),
    path("oversight/entries/", views.EntriesView.as_view(), name="entries"),
    path("oversight/people/<int:pk>/", views.PersonSheetView.as_view(), name="person"),
    path("oversight/touched/", views.BreachView.as_view(), name="breach"),
    path("oversight/findings/", views.FindingsView.as_view(), name="findings"),
    path("oversight/findings/<int:pk>/", views.FindingView.as_view(), name="finding"),
    path("oversight/inspections/", views.InspectionsView.as_view(), name="inspections"),
    path("oversight/seals/", views.SealsView.as_view(), name="seals"),
    path("oversight/export/", views.ExportView.as_view(), name="export"),
]
