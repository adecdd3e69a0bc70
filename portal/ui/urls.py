from django.urls import path

from portal.ui import pages

app_name = "ui"
urlpatterns = [
    path("prefs/", pages.preferences, name="prefs"),
    path("ui/palette/", pages.palette, name="palette"),
    path("search/", pages.search_page, name="search"),
    path("ui/bell/", pages.bell, name="bell"),
    path("ui/watermark.svg", pages.watermark, name="watermark"),
    path("ui/views/", pages.view_save, name="view_save"),
    path("ui/views/<int:pk>/remove/", pages.view_remove, name="view_remove"),
    path("ui/views/<int:pk>/share/", pages.view_share, name="view_share"),
    path("styleguide/", pages.styleguide, name="styleguide"),
]
