"""Addresses of the API, version 1."""

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView

from ratings.api import (
    boards,
    challenges,
    docs,
    errors,
    interventions,
    judgments,
    panel,
    sessions,
    submissions,
    teams,
    trials,
)

app_name = "api"
PHASE = "challenges/<slug:slug>/phases/<slug:phase>/"
BOARDS = "boards/<slug:slug>/<slug:phase>/"
SUBMISSION = "submissions/<uuid:submission_id>/"
Routes = list[URLPattern | URLResolver]

challenge_routes: Routes = [
    path("challenges/", challenges.ChallengeList.as_view(), name="challenges"),
    path("challenges/<slug:slug>/team/", teams.OwnTeamView.as_view(), name="own-team"),
    path("challenges/<slug:slug>/", challenges.ChallengeView.as_view(), name="challenge"),
    path(PHASE, challenges.PhaseView.as_view(), name="phase"),
    path(f"{PHASE}originals/", challenges.OriginalList.as_view(), name="originals"),
    path(
        "challenges/<slug:slug>/datasets/<slug:dataset>.zip",
        challenges.DatasetArchive.as_view(),
        name="dataset-archive",
    ),
    path(f"{PHASE}factsheet", teams.FactsheetView.as_view(), name="factsheet"),
    path(f"{PHASE}decoders/", challenges.DecoderRegister.as_view(), name="register-decoder"),
    path(f"{PHASE}originals/<str:name>", challenges.OriginalFile.as_view(), name="original"),
]
submission_routes: Routes = [
    path("submissions/", submissions.SubmissionList.as_view(), name="submissions"),
    path(SUBMISSION, submissions.SubmissionView.as_view(), name="submission"),
    path(f"{SUBMISSION}decoded/<str:name>", submissions.DecodedImageView.as_view(), name="decoded"),
    path(f"{SUBMISSION}bitstreams/<str:name>", submissions.BitstreamView.as_view(), name="bits"),
    path(f"{SUBMISSION}decoder", submissions.DecoderView.as_view(), name="decoder"),
    path(f"{SUBMISSION}archive", submissions.ArchiveView.as_view(), name="archive"),
    path(f"{SUBMISSION}files/", submissions.FilesView.as_view(), name="files"),
    path(f"{SUBMISSION}late/", interventions.LateView.as_view(), name="late"),
    path(f"{SUBMISSION}stop/", interventions.StopView.as_view(), name="stop"),
    path(f"{SUBMISSION}run/", interventions.RunAgainView.as_view(), name="run"),
    path(f"{SUBMISSION}submit/", submissions.SubmitView.as_view(), name="submit"),
]
board_routes: Routes = [
    path(f"{BOARDS}psnr/", boards.PsnrBoardView.as_view(), name="board-psnr"),
    path(f"{BOARDS}human/", boards.HumanBoardView.as_view(), name="board-human"),
    path(f"{BOARDS}panel/", panel.PanelView.as_view(), name="panel"),
    path(f"{BOARDS}agreement/", boards.AgreementView.as_view(), name="agreement"),
    path(
        f"{BOARDS}human/figures/<slug:name>.<slug:form>",
        boards.FigureView.as_view(),
        name="figure",
    ),
    path("studies/<slug:slug>/ranking/", boards.RankingView.as_view(), name="ranking"),
    path("studies/<slug:slug>/judgments/", boards.JudgmentsView.as_view(), name="judgments"),
]
study_routes: Routes = [
    path("studies/", trials.StudyList.as_view(), name="studies"),
    path("studies/<slug:slug>/raters/", sessions.RaterView.as_view(), name="raters"),
    path("studies/<slug:slug>/session/", sessions.SessionView.as_view(), name="session"),
    path("studies/<slug:slug>/trials/next/", trials.NextTrials.as_view(), name="next-trials"),
    path("trials/<uuid:trial_id>/judgment/", judgments.judgment, name="judgment"),
    path("trials/<uuid:trial_id>/undo/", trials.UndoView.as_view(), name="undo"),
]
description_routes: Routes = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
]
urlpatterns: Routes = [
    *study_routes,  # first, because judgments come by the thousand
    *challenge_routes,
    *submission_routes,
    *board_routes,
    *description_routes,
    re_path("", errors.not_found),  # the last: all that is left under the API
]
