"""Every address of the site: the API under /api/, pages everywhere else."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("ratings.api.urls")),
    path("", include("ratings.web.urls")),
]
# Reached by pages only: the API answers for all addresses below its own.
handler400 = "ratings.web.parts.error_pages.bad_request"
handler403 = "ratings.web.parts.error_pages.forbidden"
handler404 = "ratings.web.parts.error_pages.not_found"
handler500 = "ratings.web.parts.error_pages.broken"
