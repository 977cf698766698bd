"""Addresses of the API, version 1."""

from django.urls import URLPattern, URLResolver, path

from ratings.api import judgments, trials

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("studies/", trials.StudyList.as_view(), name="studies"),
    path("studies/<slug:slug>/raters/", trials.RaterView.as_view(), name="raters"),
    path("studies/<slug:slug>/trials/next/", trials.NextTrials.as_view(), name="next-trials"),
    path("trials/<uuid:trial_id>/judgment/", judgments.judgment, name="judgment"),
]
