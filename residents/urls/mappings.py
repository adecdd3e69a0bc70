from django.urls import path

from residents.views import mappings

urlpatterns = [
    path("administration/mappings/", mappings.MappingsView.as_view(), name="mappings"),
    path("administration/mappings/example/", mappings.MappingExample.as_view(), name="mapping_example"),
    path("administration/mappings/<int:pk>/", mappings.MappingView.as_view(), name="mapping"),
    path("administration/mappings/<int:pk>/switch/", mappings.MappingSwitch.as_view(), name="mapping_switch"),
]
