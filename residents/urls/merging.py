from django.urls import URLPattern, path

from residents.views import merging, pair_naming

urlpatterns: list[URLPattern] = [
    path("duplicates/", merging.PairListView.as_view(), name="pair_list"),
    path("people/<int:pk>/same/", pair_naming.PairNameView.as_view(), name="pair_name"),
    path("duplicates/<int:pk>/", merging.PairView.as_view(), name="pair_detail"),
    path("duplicates/<int:pk>/apart/", merging.PairApartView.as_view(), name="pair_apart"),
    path("duplicates/<int:pk>/reopen/", merging.PairReopenView.as_view(), name="pair_reopen"),
    path("merges/", merging.MergeListView.as_view(), name="merge_list"),
    path("merges/<int:pk>/", merging.MergeView.as_view(), name="merge_detail"),
]
