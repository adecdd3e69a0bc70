from residents.urls import arrivals, people, permits, visits

app_name = "residents"
urlpatterns = [*arrivals.urlpatterns, *people.urlpatterns, *permits.urlpatterns, *visits.urlpatterns]
