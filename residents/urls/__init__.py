from residents.urls import arrivals, dwellings, households, merging, people, permits, visits

app_name = "residents"
urlpatterns = [
    *arrivals.urlpatterns,
    *dwellings.urlpatterns,
    *households.urlpatterns,
    *merging.urlpatterns,
    *people.urlpatterns,
    *permits.urlpatterns,
    *visits.urlpatterns,
]
