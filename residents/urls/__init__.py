from residents.urls import arrivals, people, permits

app_name = "residents"
urlpatterns = [*arrivals.urlpatterns, *people.urlpatterns, *permits.urlpatterns]
