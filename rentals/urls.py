from django.urls import path, re_path

from rentals.views import registrations

app_name = "rentals"
urlpatterns = [
    path("rentals/", registrations.RentalList.as_view(), name="rental_list"),
    path("rentals/new/", registrations.RentalNew.as_view(), name="rental_new"),
    path("rentals/unregistered/", registrations.UnregisteredList.as_view(), name="unregistered"),
    path("rentals/<int:pk>/", registrations.RentalDetail.as_view(), name="rental_detail"),
    path("rentals/<int:pk>/change/", registrations.RentalEdit.as_view(), name="rental_edit"),
    path("rentals/<int:pk>/sheet/", registrations.RentalSheet.as_view(), name="rental_sheet"),
    path("r/<uuid:token>/", registrations.RentalCheck.as_view(), name="rental_check"),
    re_path(
        r"^rentals/(?P<pk>\d+)/(?P<name>accept|return|renew|end)/$",
        registrations.RentalStepView.as_view(),
        name="rental_step",
    ),
]
