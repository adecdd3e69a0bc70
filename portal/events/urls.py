from django.urls import path

from portal.events import views

app_name = "events"
urlpatterns = [
    path("events/undelivered/", views.dead_letters, name="dead_letters"),
    path("events/undelivered/<int:pk>/retry/", views.try_again, name="try_again"),
]
