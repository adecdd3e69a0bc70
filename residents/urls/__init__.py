from residents.urls import arrivals, dwellings, households, mappings, merging, people, permits, visits

app_name = "residents"
urlpatterns = [
    *arrivals.urlpatterns,
    *dwellings.urlpatterns,
    *households.urlpatterns,
    *mappings.urlpatterns,
    *merging.urlpatterns,
    *people.urlpatterns,
    *permits.urlpatterns,
    *visits.urlpatterns,
]
