"""Every address of the site: the API under /api/, pages everywhere else."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("ratings.api.urls")),
    path("", include("ratings.web.urls")),
]
# Reached by pages only: the API answers for all addresses below its own.
handler400 = "ratings.web.errors.bad_request"
handler403 = "ratings.web.errors.forbidden"
handler404 = "ratings.web.errors.not_found"
handler500 = "ratings.web.errors.broken"
