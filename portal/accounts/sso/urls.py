from django.urls import path

from portal.accounts.sso import views

app_name = "sso"
urlpatterns = [
    path("login/with/<slug:provider>/", views.start, name="start"),
    path("login/with/<slug:provider>/back/", views.back, name="back"),
]
