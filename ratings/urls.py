"""Every address of the site: the API under /api/, pages everywhere else."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("ratings.api.urls")),
    path("", include("ratings.web.urls")),
]
