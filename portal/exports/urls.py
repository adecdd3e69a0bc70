from django.urls import path

from portal.exports import records, views

app_name = "exports"
urlpatterns = [
    path("exports/", views.centre, name="centre"),
    path("exports/provisions/", records.ProvisionList.as_view(), name="provisions"),
    path("exports/<slug:code>/preview/", views.preview, name="preview"),
    path("exports/<uuid:pk>/download/", views.download, name="download"),
]
