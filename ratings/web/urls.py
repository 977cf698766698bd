"""Addresses of the pages."""

from django.urls import URLPattern, URLResolver, path, re_path

from ratings.web import crops, rating

app_name = "web"
urlpatterns: list[URLPattern | URLResolver] = [
    path("rate/<slug:slug>/", rating.rate, name="rate"),
    re_path(r"^crops/(?P<address>[0-9a-f]{32})\.webp$", crops.crop, name="crop"),
]
