"""Addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, path, re_path

from ratings.web.desk.challenge import (
    announcements,
    challenge_preview,
    dataset_page,
    exports_page,
    hooks_page,
    new_challenge,
    phase_page,
)
from ratings.web.desk.definition import definition_page, releases_page
from ratings.web.desk.entries import (
    methods_page,
    metrics_page,
    panel_page,
    submission_page,
    submissions_page,
    team_pages,
    workers_page,
)
from ratings.web.desk.home import alarm_list, desk_home
from ratings.web.desk.people import accounts_page, audit_page, mail_page, own_account, sign_in
from ratings.web.desk.raters import (
    answers_page,
    invitations,
    rater_page,
    raters_page,
    recruiters_page,
    recruiting_page,
    screening_page,
    voices_page,
)
from ratings.web.desk.study import (
    crops_page,
    drops_page,
    plan_page,
    preview_page,
    publication_page,
    study_page,
    texts_page,
)
from ratings.web.public import (
    board_pages,
    challenge_pages,
    checking_page,
    feeds,
    frozen_page,
    kit_downloads,
    mail_choices_page,
    method_page,
    metric_page,
    original_previews,
    picture_grid,
    scoring_page,
    series_page,
    tile_files,
    viewer_page,
)
from ratings.web.rating import crop_files, plates, rating_page
from ratings.web.team import (
    members_page,
    new_submission,
    own_submission,
    submit_page,
    team_account,
    team_mail,
    team_metrics,
    team_sign_in,
)

app_name = "web"
EXPORTS = "desk/challenges/<slug:slug>/exports/"
DEFINITION = "desk/challenges/<slug:slug>/definition/"
RELEASES = "desk/challenges/<slug:slug>/releases/"
LOOK = "desk/challenges/<slug:slug>/preview/"
PREVIEW = "desk/studies/<slug:slug>/preview/"
PUBLICATION = "desk/studies/<slug:slug>/release/"
RECRUITERS = "desk/studies/<slug:slug>/recruiters/"
INVITATIONS = "desk/studies/<slug:slug>/invitations/"
ENTRY = "<slug:slug>/<slug:phase_slug>/<uuid:submission_id>/"
PICTURES = "<slug:slug>/<slug:phase_slug>/pictures/"
FROZEN = "<slug:slug>/rankings/<slug:digest>/"
SUBMISSION = "desk/submissions/<uuid:submission_id>/"
DATASET = "desk/challenges/<slug:slug>/datasets/<slug:dataset_slug>/"
METHODS = "desk/challenges/<slug:slug>/phases/<slug:phase_slug>/methods/"
METRICS = "desk/challenges/<slug:slug>/phases/<slug:phase_slug>/metrics/"
HOOKS = "desk/challenges/<slug:slug>/hooks/"
PANEL = "desk/challenges/<slug:slug>/<slug:phase_slug>/panel/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", challenge_pages.home, name="home"),
    path("feed.atom", feeds.site_feed, name="site-feed"),
    path("desk/", desk_home.desk, name="desk"),
    path("desk/login/", sign_in.SignIn.as_view(), name="login"),
    path("desk/logout/", LogoutView.as_view(next_page="web:home"), name="logout"),
    path("desk/studies/<slug:slug>/", study_page.study, name="desk-study"),
    *(
        path(
            f"desk/studies/<slug:slug>/{what}/",
            study_page.change_hold,
            {"what": what},
            f"desk-{what}",
        )
        for what in study_page.HOLDS
    ),
    *(
        path(
            f"desk/studies/<slug:slug>/{what}/",
            study_page.change_stage,
            {"what": what},
            f"desk-{what}",
        )
        for what in study_page.STAGES
    ),
    path(PREVIEW, preview_page.preview_study, name="preview"),
    path(
        f"{PREVIEW}crops/<int:original>/<int:x>-<int:y>-<int:level>.webp",
        preview_page.stand_in_crop,
        name="stand-in",
    ),
    path("desk/studies/<slug:slug>/raters/", raters_page.raters, name="desk-raters"),
    path("desk/studies/<slug:slug>/raters.csv", raters_page.raters_csv, name="desk-raters-csv"),
    path("desk/studies/<slug:slug>/raters/<uuid:rater_id>/", rater_page.rater, name="desk-rater"),
    path(INVITATIONS, invitations.invitations, name="desk-invitations"),
    path(f"{INVITATIONS}<int:pk>/group/", invitations.regroup, name="desk-invitation-group"),
    path(f"{INVITATIONS}<int:pk>/revoke/", invitations.revoke, name="desk-revoke-invitation"),
    path("desk/studies/<slug:slug>/voices/", voices_page.voices, name="desk-voices"),
    path(
        "desk/studies/<slug:slug>/voices/<int:pk>/<slug:what>/",
        voices_page.decide_on_crop,
        name="desk-flagged-crop",
    ),
    path("desk/studies/<slug:slug>/crops/", crops_page.crops, name="desk-crops"),
    path("desk/studies/<slug:slug>/drops/", drops_page.drops, name="desk-drops"),
    path("desk/studies/<slug:slug>/texts/", texts_page.texts, name="desk-texts"),
    path("desk/studies/<slug:slug>/answers/", answers_page.answers, name="desk-answers"),
    path("desk/studies/<slug:slug>/screening/", screening_page.screening, name="desk-screening"),
    path("desk/studies/<slug:slug>/plan/", plan_page.plan, name="desk-plan"),
    path(PUBLICATION, publication_page.publication, name="desk-publication"),
    path(f"{PUBLICATION}publish/", publication_page.publish_study, name="publish-study"),
    path(f"{PUBLICATION}withdraw/", publication_page.withdraw, name="withdraw-release"),
    path("desk/studies/<slug:slug>/recruiting/", recruiting_page.recruiting, name="recruiting"),
    path(RECRUITERS, recruiters_page.recruiters, name="desk-recruiters"),
    path(
        f"{RECRUITERS}<slug:platform>/<slug:what>/",
        recruiters_page.order_of_recruiter,
        name="order-of-recruiter",
    ),
    path("desk/accounts/", accounts_page.account_list, name="accounts"),
    path("desk/accounts/<slug:what>/", accounts_page.act_on_accounts, name="accounts-act"),
    path("desk/workers/", workers_page.worker_list, name="workers"),
    path("desk/workers/add/", workers_page.add_worker, name="add-worker"),
    path("desk/workers/<int:pk>/revoke/", workers_page.revoke_worker, name="revoke-worker"),
    path(HOOKS, hooks_page.hooks, name="desk-hooks"),
    path(f"{HOOKS}<slug:what>/", hooks_page.act_on_hooks, name="desk-hooks-act"),
    path("desk/mail/", mail_page.site_mail, name="desk-mail"),
    path("desk/mail/again/", mail_page.mail_again, name="desk-mail-again"),
    path("desk/account/", own_account.own_account, name="own-account"),
    path("desk/links/<str:token>/", own_account.account_link, name="account-link"),
    path("desk/audit/", audit_page.audit, name="audit"),
    path(
        "desk/alarms/<int:pk>/acknowledge/",
        alarm_list.acknowledge_alarm,
        name="acknowledge-alarm",
    ),
    path("desk/tokens/", desk_home.create_token, name="create-token"),
    path("desk/tokens/<int:pk>/revoke/", desk_home.revoke_token, name="revoke-token"),
    path("desk/new-challenge/", new_challenge.new_challenge, name="new-challenge"),
    path(DEFINITION, definition_page.definition, name="desk-definition"),
    path(f"{DEFINITION}versions/", definition_page.versions, name="desk-versions"),
    path(f"{DEFINITION}versions/<int:number>/", definition_page.version, name="desk-version"),
    path(RELEASES, releases_page.release_page, name="desk-releases"),
    path(LOOK, challenge_preview.choose_preview, name="preview-choice"),
    path(
        f"{LOOK}<str:who>/<str:at>/",
        challenge_preview.challenge_preview,
        {"rest": ""},
        name="preview-start",
    ),
    path(
        f"{LOOK}<str:who>/<str:at>/<path:rest>",
        challenge_preview.challenge_preview,
        name="challenge-preview",
    ),
    path(EXPORTS, exports_page.exports, name="desk-exports"),
    path(f"{EXPORTS}bundles/", exports_page.make_bundle, name="make-bundle"),
    path(f"{EXPORTS}bundles/<int:pk>/revoke/", exports_page.revoke_bundle, name="revoke-bundle"),
    path(
        "desk/challenges/<slug:slug>/submissions/",
        submissions_page.submissions,
        name="desk-submissions",
    ),
    path("desk/challenges/<slug:slug>/news/", announcements.news, name="desk-news"),
    path(
        "desk/challenges/<slug:slug>/news/<int:pk>/delete/",
        announcements.delete_news,
        name="delete-news",
    ),
    path(
        "desk/challenges/<slug:slug>/phases/<slug:phase_slug>/",
        phase_page.phase,
        name="desk-phase",
    ),
    path(METHODS, methods_page.methods, name="desk-methods"),
    path(f"{METHODS}start/", methods_page.start, name="desk-start-baselines"),
    path(f"{METHODS}stop/", methods_page.stop, name="desk-stop-baselines"),
    path(METRICS, metrics_page.metrics, name="desk-metrics"),
    path(f"{METRICS}act/", metrics_page.act_on_metrics, name="desk-metrics-act"),
    path(DATASET, dataset_page.dataset, name="desk-dataset"),
    path(f"{DATASET}delete/", dataset_page.delete, name="desk-delete-picture"),
    path(SUBMISSION, submission_page.submission, name="desk-submission"),
    path(f"{SUBMISSION}runs/<int:run_id>.txt", submission_page.log, name="desk-run-log"),
    path(
        f"{SUBMISSION}<slug:what>/", submission_page.act_on_submission, name="desk-submission-act"
    ),
    path(PANEL, panel_page.panel, name="desk-panel"),
    path(f"{PANEL}act/", panel_page.act_on_panel, name="desk-panel-act"),
    path("desk/challenges/<slug:slug>/teams/", team_pages.teams, name="desk-teams"),
    path("desk/challenges/<slug:slug>/teams/<int:pk>/", team_pages.team, name="desk-team"),
    path(
        "desk/challenges/<slug:slug>/teams/<int:pk>/<slug:what>/",
        team_pages.act_on_team,
        name="desk-team-act",
    ),
    path("mail/<str:token>/", mail_choices_page.mail_choices, name="mail-choices"),
    path("kit/kit.zip", kit_downloads.kit_zip, name="kit-zip"),
    path("kit/<str:name>", kit_downloads.kit_file, name="kit"),
    path("rate/<slug:slug>/", rating_page.rate, name="rate"),
    path("rate/<slug:slug>/plates/<slug:question>.svg", plates.plate, name="plate"),
    re_path(r"^crops/(?P<address>[0-9a-f]{32})\.webp$", crop_files.crop, name="crop"),
    re_path(
        r"^tiles/(?P<address>[0-9a-f]{32})/(?P<level>\d{1,2})-(?P<column>\d{1,4})-(?P<row>\d{1,4})\.webp$",
        tile_files.tile,
        name="tile",
    ),
    path("<slug:slug>/", challenge_pages.challenge, name="challenge"),
    path("<slug:slug>/feed.atom", feeds.challenge_feed, name="feed"),
    path(FROZEN, frozen_page.frozen_ranking, name="frozen-ranking"),
    path(f"{FROZEN}card.png", frozen_page.card, name="ranking-card"),
    path("<slug:slug>/method/", scoring_page.method, name="method"),
    path("<slug:slug>/submit/", submit_page.how_to_submit, name="submit"),
    path("<slug:slug>/submit/sign-in/", team_sign_in.sign_in, name="team-sign-in"),
    path("<slug:slug>/submit/sign-out/", team_sign_in.sign_out, name="team-sign-out"),
    path("<slug:slug>/submit/register/", team_account.register, name="team-register"),
    path("<slug:slug>/submit/account/", team_account.account, name="team-account"),
    path("<slug:slug>/submit/mail/", team_mail.team_mail, name="team-mail"),
    path("<slug:slug>/submit/members/", members_page.members, name="team-members"),
    path("<slug:slug>/submit/members/join/<str:token>/", members_page.join, name="team-join"),
    path(
        "<slug:slug>/submit/members/<slug:what>/",
        members_page.act_on_members,
        name="team-members-act",
    ),
    path("<slug:slug>/submit/lost-password/", team_account.lost_password, name="lost-password"),
    path(
        "<slug:slug>/submit/lost-password/<str:token>/",
        team_account.new_password,
        name="new-password",
    ),
    path(
        "<slug:slug>/submit/submissions/<uuid:submission_id>/",
        own_submission.own_submission,
        name="own-submission",
    ),
    path(
        "<slug:slug>/submit/submissions/<uuid:submission_id>/withdraw/",
        own_submission.withdraw_submission,
        name="withdraw-submission",
    ),
    path(
        "<slug:slug>/submit/submissions/<uuid:submission_id>/delete/",
        own_submission.delete_own,
        name="delete-own-submission",
    ),
    path(
        "<slug:slug>/submit/<slug:phase_slug>/new/",
        new_submission.new_submission,
        name="new-submission",
    ),
    path(
        "<slug:slug>/submit/<slug:phase_slug>/factsheet/",
        submit_page.send_factsheet,
        name="send-factsheet",
    ),
    path(
        "<slug:slug>/submit/<slug:phase_slug>/metrics/",
        team_metrics.team_metrics,
        name="team-metrics",
    ),
    path(
        "<slug:slug>/submit/<slug:phase_slug>/metrics/pairs.csv",
        team_metrics.pair_list,
        name="metric-pairs",
    ),
    path(
        "<slug:slug>/submit/<slug:phase_slug>/metrics/crops.zip",
        team_metrics.crops,
        name="metric-crops",
    ),
    path(
        "<slug:slug>/previews/<slug:dataset>/<str:name>",
        original_previews.original_preview,
        name="preview",
    ),
    path("<slug:slug>/<slug:phase_slug>/board/", board_pages.board, name="board"),
    path("<slug:slug>/<slug:phase_slug>/check/", checking_page.check, name="check"),
    path(PICTURES, picture_grid.pictures, name="pictures"),
    path(f"{PICTURES}<str:name>/", viewer_page.picture, name="picture"),
    path(f"{PICTURES}<str:name>/<str:version>.png", viewer_page.picture_file, name="picture-file"),
    path("<slug:slug>/<slug:phase_slug>/metrics/", metric_page.metric_board, name="metric-board"),
    path("<slug:slug>/series/<slug:series_slug>/", series_page.series, name="series"),
    path(ENTRY, method_page.entry, name="entry"),
    path(
        f"{ENTRY}crops/<int:crop_id>/<str:version>.webp", method_page.entry_crop, name="entry-crop"
    ),
]
