"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path, re_path

from ratings.web import (
    boards,
    crops,
    desk,
    desk_news,
    desk_panel,
    desk_phases,
    desk_submissions,
    desk_teams,
    entry,
    invitations,
    kit,
    method,
    pictures,
    public,
    rater,
    raters,
    rating,
    sign_in,
    studies,
    submit,
    team,
)

app_name = "web"
INVITATIONS = "desk/studies/<slug:slug>/invitations/"
ENTRY = "<slug:slug>/<slug:phase_slug>/<uuid:submission_id>/"
SUBMISSION = "desk/submissions/<uuid:submission_id>/"
PANEL = "desk/challenges/<slug:slug>/<slug:phase_slug>/panel/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("desk/", desk.desk, name="desk"),
    path("desk/login/", sign_in.SignIn.as_view(), name="login"),
    path("desk/logout/", LogoutView.as_view(next_page="web:home"), name="logout"),
    path("desk/studies/<slug:slug>/", studies.study, name="desk-study"),
    *(
        path(f"desk/studies/<slug:slug>/{what}/", studies.hold, {"what": what}, f"desk-{what}")
        for what in studies.HOLDS
    ),
    path("desk/studies/<slug:slug>/raters/", raters.raters, name="desk-raters"),
    path("desk/studies/<slug:slug>/raters.csv", raters.raters_csv, name="desk-raters-csv"),
    path("desk/studies/<slug:slug>/raters/<uuid:rater_id>/", rater.rater, name="desk-rater"),
    path(INVITATIONS, invitations.invitations, name="desk-invitations"),
    path(f"{INVITATIONS}<int:pk>/revoke/", invitations.revoke, name="desk-revoke-invitation"),
    path("desk/tokens/", desk.create_token, name="create-token"),
    path("desk/tokens/<int:pk>/revoke/", desk.revoke_token, name="revoke-token"),
    path("desk/challenges/<slug:slug>/news/", desk_news.news, name="desk-news"),
    path(
        "desk/challenges/<slug:slug>/news/<int:pk>/delete/",
        desk_news.delete_news,
        name="delete-news",
    ),
    path(
        "desk/challenges/<slug:slug>/phases/<slug:phase_slug>/",
        desk_phases.phase,
        name="desk-phase",
    ),
    path(SUBMISSION, desk_submissions.submission, name="desk-submission"),
    path(f"{SUBMISSION}runs/<int:run_id>.txt", desk_submissions.log, name="desk-run-log"),
    path(f"{SUBMISSION}<slug:what>/", desk_submissions.act, name="desk-submission-act"),
    path(PANEL, desk_panel.panel, name="desk-panel"),
    path(f"{PANEL}act/", desk_panel.act, name="desk-panel-act"),
    path("desk/challenges/<slug:slug>/teams/", desk_teams.teams, name="desk-teams"),
    path("desk/challenges/<slug:slug>/teams/<int:pk>/", desk_teams.team, name="desk-team"),
    path(
        "desk/challenges/<slug:slug>/teams/<int:pk>/<slug:what>/",
        desk_teams.act,
        name="desk-team-act",
    ),
    path("kit/kit.zip", kit.kit_zip, name="kit-zip"),
    path("kit/<str:name>", kit.kit_file, name="kit"),
    path("rate/<slug:slug>/", rating.rate, name="rate"),
    re_path(r"^crops/(?P<address>[0-9a-f]{32})\.webp$", crops.crop, name="crop"),
    path("<slug:slug>/", public.challenge, name="challenge"),
    path("<slug:slug>/method/", method.method, name="method"),
    path("<slug:slug>/submit/", submit.submit, name="submit"),
    path("<slug:slug>/submit/sign-in/", team.sign_in, name="team-sign-in"),
    path("<slug:slug>/submit/sign-out/", team.sign_out, name="team-sign-out"),
    path(
        "<slug:slug>/submit/submissions/<uuid:submission_id>/",
        submit.own_submission,
        name="own-submission",
    ),
    path(
        "<slug:slug>/submit/<slug:phase_slug>/factsheet/",
        submit.send_factsheet,
        name="send-factsheet",
    ),
    path("<slug:slug>/previews/<slug:dataset>/<str:name>", pictures.preview, name="preview"),
    path("<slug:slug>/<slug:phase_slug>/board/", boards.board, name="board"),
    path(ENTRY, entry.entry, name="entry"),
    path(f"{ENTRY}crops/<int:crop_id>/<str:version>.webp", entry.crop, name="entry-crop"),
]
