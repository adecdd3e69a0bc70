from residents.urls import arrivals, dwellings, merging, people, permits, visits

app_name = "residents"
urlpatterns = [
    *arrivals.urlpatterns,
    *dwellings.urlpatterns,
    *merging.urlpatterns,
    *people.urlpatterns,
    *permits.urlpatterns,
    *visits.urlpatterns,
]
