from django.urls import URLPattern, path

from residents.views import buildings, doors, plates

urlpatterns: list[URLPattern] = [
    path("buildings/", buildings.BuildingListView.as_view(), name="building_list"),
    path("buildings/rooms/", buildings.RoomsView.as_view(), name="building_rooms"),
    path("buildings/<int:pk>/", buildings.BuildingGridView.as_view(), name="building_grid"),
    path("dwellings/plates/", plates.PlateSheetView.as_view(), name="plate_sheets"),
    path("dwellings/<int:pk>/merge/", doors.DwellingMergeView.as_view(), name="dwelling_merge"),
    path("dwellings/<int:pk>/places/", doors.PlacesView.as_view(), name="dwelling_places"),
    path("dwellings/<int:pk>/bed/", doors.BedView.as_view(), name="dwelling_bed"),
    path("dwellings/merges/<int:pk>/undo/", doors.MergeUndoView.as_view(), name="dwelling_merge_undo"),
    path("dwellings/aliases/<int:pk>/remove/", doors.AliasRemoveView.as_view(), name="alias_remove"),
    path("addresses/missing/", doors.LeadListView.as_view(), name="lead_list"),
    path("addresses/missing/new/", doors.LeadAddView.as_view(), name="lead_add"),
    path("addresses/missing/<int:pk>/", doors.LeadAnswerView.as_view(), name="lead_answer"),
    path("d/<uuid:plate>/", plates.DwellingScanView.as_view(), name="dwelling_scan"),
]
