"""URLs of the search app."""

from django.urls import path

from jasper_inventory.search import views

app_name = "search"
urlpatterns = [path("search/", views.search, name="search")]
