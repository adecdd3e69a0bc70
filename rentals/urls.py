from django.urls import path, re_path

from rentals.views import filings, registrations

app_name = "rentals"
urlpatterns = [
    path("rentals/", registrations.RentalList.as_view(), name="rental_list"),
    path("rentals/new/", registrations.RentalNew.as_view(), name="rental_new"),
    path("rentals/unregistered/", registrations.UnregisteredList.as_view(), name="unregistered"),
    path("rentals/<int:pk>/", registrations.RentalDetail.as_view(), name="rental_detail"),
    path("rentals/<int:pk>/change/", registrations.RentalEdit.as_view(), name="rental_edit"),
    path("rentals/<int:pk>/sheet/", registrations.RentalSheet.as_view(), name="rental_sheet"),
    path("rentals/leases/", filings.FilingList.as_view(), name="filing_list"),
    path("rentals/leases/<int:pk>/", filings.FilingDetail.as_view(), name="filing_detail"),
    path("rentals/leases/<int:pk>/sheet/", filings.FilingSheet.as_view(), name="filing_sheet"),
    re_path(
        r"^rentals/leases/(?P<pk>\d+)/(?P<name>accept|refuse|renew|end)/$",
        filings.FilingStepView.as_view(),
        name="filing_step",
    ),
    path("dwellings/<int:pk>/lease/", filings.FilingNew.as_view(), name="filing_new"),
    path("r/<uuid:token>/", registrations.RentalCheck.as_view(), name="rental_check"),
    re_path(
        r"^rentals/(?P<pk>\d+)/(?P<name>accept|return|renew|end)/$",
        registrations.RentalStepView.as_view(),
        name="rental_step",
    ),
]
