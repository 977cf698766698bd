"""Addresses of the API, version 1."""

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView

from ratings.api import challenges, docs, errors, judgments, submissions, trials

app_name = "api"
PHASE = "challenges/<slug:slug>/phases/<slug:phase>/"
SUBMISSION = "submissions/<uuid:submission_id>/"
Routes = list[URLPattern | URLResolver]

challenge_routes: Routes = [
    path("challenges/", challenges.ChallengeList.as_view(), name="challenges"),
    path("challenges/<slug:slug>/", challenges.ChallengeView.as_view(), name="challenge"),
    path(PHASE, challenges.PhaseView.as_view(), name="phase"),
    path(f"{PHASE}originals/", challenges.OriginalList.as_view(), name="originals"),
    path(f"{PHASE}originals/<str:name>", challenges.OriginalFile.as_view(), name="original"),
]
submission_routes: Routes = [
    path("submissions/", submissions.SubmissionList.as_view(), name="submissions"),
    path(SUBMISSION, submissions.SubmissionView.as_view(), name="submission"),
    path(f"{SUBMISSION}decoded/<str:name>", submissions.DecodedImageView.as_view(), name="decoded"),
    path(f"{SUBMISSION}bitstreams/<str:name>", submissions.BitstreamView.as_view(), name="bits"),
    path(f"{SUBMISSION}decoder", submissions.DecoderView.as_view(), name="decoder"),
    path(f"{SUBMISSION}archive", submissions.ArchiveView.as_view(), name="archive"),
    path(f"{SUBMISSION}submit/", submissions.SubmitView.as_view(), name="submit"),
]
study_routes: Routes = [
    path("studies/", trials.StudyList.as_view(), name="studies"),
    path("studies/<slug:slug>/raters/", trials.RaterView.as_view(), name="raters"),
    path("studies/<slug:slug>/trials/next/", trials.NextTrials.as_view(), name="next-trials"),
    path("trials/<uuid:trial_id>/judgment/", judgments.judgment, name="judgment"),
]
description_routes: Routes = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
]
urlpatterns: Routes = [
    *study_routes,  # first, because judgments come by the thousand
    *challenge_routes,
    *submission_routes,
    *description_routes,
    re_path("", errors.not_found),  # the last: all that is left under the API
]
