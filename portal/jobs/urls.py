from django.urls import path

from portal.jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.mine, name="mine"),
    path("jobs/<uuid:pk>/", views.status, name="status"),
    path("jobs/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("jobs/failures/", views.failures, name="failures"),
]
