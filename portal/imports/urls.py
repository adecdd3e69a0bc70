from django.urls import path

from portal.imports import views

app_name = "imports"
urlpatterns = [
    path("imports/", views.home, name="home"),
    path("imports/new/<slug:code>/", views.upload, name="upload"),
    path("imports/templates/<slug:code>/", views.template, name="template"),
    path("imports/<uuid:pk>/", views.batch, name="batch"),
    path("imports/<uuid:pk>/progress/", views.progress, name="progress"),
    path("imports/<uuid:pk>/columns/", views.columns, name="columns"),
    path("imports/<uuid:pk>/rows/<int:number>/", views.edit, name="row"),
    path("imports/<uuid:pk>/rows/<int:number>/decide/", views.decide, name="decide"),
    path("imports/<uuid:pk>/apply/", views.apply, name="apply"),
    path("imports/<uuid:pk>/discard/", views.discard, name="discard"),
    path("imports/<uuid:pk>/undo/", views.undo, name="undo"),
    path("imports/<uuid:pk>/errors/", views.errors, name="errors"),
]
