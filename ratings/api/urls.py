"""Addresses of the API, version 1."""

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView

from ratings.api.challenge import (
    challenges,
    datasets,
    definitions,
    original_files,
    series_references,
    staged_pictures,
)
from ratings.api.entries import (
    baseline_calls,
    factsheet_calls,
    lease_calls,
    metric_calls,
    organizer_actions,
    submission_files,
    submissions,
)
from ratings.api.openapi import docs
from ratings.api.parts import errors
from ratings.api.people import account_calls, audit_calls, member_calls, teams
from ratings.api.rating import (
    judgments,
    page_faults,
    preview,
    question_answers,
    sessions,
    trials,
    voice_calls,
)
from ratings.api.results import (
    boards,
    citation_calls,
    frozen_calls,
    panel,
    picture_calls,
    series_calls,
)
from ratings.api.studies import (
    answer_tables,
    bundles,
    judgment_tables,
    payments,
    release_calls,
    stage_calls,
    study_outlooks,
    voice_tables,
)

app_name = "api"
DEFINITION = "challenges/<slug:slug>/definition/"
PHASE = "challenges/<slug:slug>/phases/<slug:phase>/"
DATASET = "challenges/<slug:slug>/datasets/<slug:dataset>"
BOARDS = "boards/<slug:slug>/<slug:phase>/"
TEAM = "challenges/<slug:slug>/team/"
SUBMISSION = "submissions/<uuid:submission_id>/"
LEASE = "leases/<int:run_id>/<int:attempt>/"
RANKING = "challenges/<slug:slug>/rankings/<slug:digest>/"
Routes = list[URLPattern | URLResolver]

member_routes: Routes = [
    path(f"{TEAM}members/", member_calls.MemberList.as_view(), name="members"),
    path(f"{TEAM}members/<int:member_id>/", member_calls.MemberView.as_view(), name="member"),
    path(
        f"{TEAM}members/<int:member_id>/reset/",
        member_calls.MemberReset.as_view(),
        name="reset-member",
    ),
    path(f"{TEAM}invitations/", member_calls.MemberInvitations.as_view(), name="invite-member"),
    path(
        f"{TEAM}invitations/<int:invitation_id>/",
        member_calls.MemberInvitation.as_view(),
        name="uninvite-member",
    ),
    path(f"{TEAM}join/<str:token>/", member_calls.JoinView.as_view(), name="join-team"),
]
challenge_routes: Routes = [
    path("challenges/", challenges.ChallengeList.as_view(), name="challenges"),
    path(DEFINITION, definitions.DefinitionView.as_view(), name="definition"),
    path(f"{DEFINITION}check/", definitions.DefinitionCheck.as_view(), name="check-definition"),
    path(f"{DEFINITION}versions/", definitions.VersionList.as_view(), name="versions"),
    path(f"{DEFINITION}versions/<int:number>/", definitions.VersionView.as_view(), name="version"),
    path("challenges/<slug:slug>/teams/", teams.TeamList.as_view(), name="teams"),
    path(TEAM, teams.OwnTeamView.as_view(), name="own-team"),
    path(f"{TEAM}lost-password/", teams.LostPasswordView.as_view(), name="lost-password"),
    path(f"{TEAM}lost-password/<str:token>/", teams.NewPasswordView.as_view(), name="new-password"),
    path("challenges/<slug:slug>/", challenges.ChallengeView.as_view(), name="challenge"),
    path(PHASE, challenges.PhaseView.as_view(), name="phase"),
    path(f"{PHASE}originals/", original_files.OriginalList.as_view(), name="originals"),
    path(f"{PHASE}pictures/", picture_calls.PictureList.as_view(), name="pictures"),
    path(f"{PHASE}pictures/<str:name>/", picture_calls.PictureView.as_view(), name="picture"),
    path(f"{PHASE}factsheet", factsheet_calls.FactsheetView.as_view(), name="factsheet"),
    path(f"{PHASE}baselines/", baseline_calls.BaselineList.as_view(), name="baselines"),
    path(f"{PHASE}baselines/stop/", baseline_calls.BaselineStop.as_view(), name="stop-baselines"),
    path(f"{PHASE}decoders/", challenges.DecoderRegister.as_view(), name="register-decoder"),
    path(f"{PHASE}originals/<str:name>", original_files.OriginalFile.as_view(), name="original"),
]
metric_routes: Routes = [
    path(f"{PHASE}metrics/", metric_calls.MetricTrackView.as_view(), name="metric-track"),
    path(f"{PHASE}metrics/<path:name>.csv", metric_calls.MetricView.as_view(), name="metric"),
    path(f"{PHASE}metric-crops.zip", metric_calls.MetricCrops.as_view(), name="metric-crops"),
    path(f"{PHASE}metric-pairs/", metric_calls.MetricPairs.as_view(), name="metric-pairs"),
]
dataset_routes: Routes = [
    path(f"{DATASET}.zip", datasets.DatasetArchive.as_view(), name="dataset-archive"),
    path(f"{DATASET}/pictures/", datasets.DatasetPictures.as_view(), name="dataset-pictures"),
    path(
        f"{DATASET}/pictures/<str:name>", datasets.DatasetPicture.as_view(), name="dataset-picture"
    ),
    path(f"{DATASET}/staged/", staged_pictures.StagedList.as_view(), name="staged"),
    path(f"{DATASET}/staged/take/", staged_pictures.TakeView.as_view(), name="take-in"),
    path(f"{DATASET}/staged/<path:name>", staged_pictures.StagedView.as_view(), name="stage"),
]
submission_routes: Routes = [
    path("submissions/", submissions.SubmissionList.as_view(), name="submissions"),
    path(SUBMISSION, submissions.SubmissionView.as_view(), name="submission"),
    path(
        f"{SUBMISSION}decoded/<str:name>",
        submission_files.DecodedImageView.as_view(),
        name="decoded",
    ),
    path(
        f"{SUBMISSION}bitstreams/<str:name>", submission_files.BitstreamView.as_view(), name="bits"
    ),
    path(f"{SUBMISSION}decoder", submission_files.DecoderView.as_view(), name="decoder"),
    path(f"{SUBMISSION}archive", submission_files.ArchiveView.as_view(), name="archive"),
    path(f"{SUBMISSION}files/", submission_files.FilesView.as_view(), name="files"),
    path(f"{SUBMISSION}late/", organizer_actions.LateView.as_view(), name="late"),
    path(f"{SUBMISSION}stop/", organizer_actions.StopView.as_view(), name="stop"),
    path(f"{SUBMISSION}run/", organizer_actions.RunAgainView.as_view(), name="run"),
    path(f"{SUBMISSION}withdraw/", organizer_actions.WithdrawView.as_view(), name="withdraw"),
    path(f"{SUBMISSION}disqualify/", organizer_actions.DisqualifyView.as_view(), name="disqualify"),
    path(f"{SUBMISSION}readmit/", organizer_actions.ReadmitView.as_view(), name="readmit"),
    path(f"{SUBMISSION}submit/", submissions.SubmitView.as_view(), name="submit"),
]
board_routes: Routes = [
    path(f"{BOARDS}psnr/", boards.PsnrBoardView.as_view(), name="board-psnr"),
    path(f"{BOARDS}human/", boards.HumanBoardView.as_view(), name="board-human"),
    path(f"{BOARDS}panel/", panel.PanelView.as_view(), name="panel"),
    path(f"{BOARDS}panel/votes/", panel.PanelVotes.as_view(), name="panel-votes"),
    path(f"{BOARDS}panel/awards/", panel.PanelAwards.as_view(), name="panel-awards"),
    path(f"{BOARDS}panel/awards/<int:award_id>/", panel.PanelAward.as_view(), name="panel-award"),
    path(f"{BOARDS}metrics/", boards.MetricBoardView.as_view(), name="board-metrics"),
    path(f"{BOARDS}agreement/", boards.AgreementView.as_view(), name="agreement"),
    path(
        f"{BOARDS}human/figures/<slug:name>.<slug:form>",
        boards.FigureView.as_view(),
        name="figure",
    ),
    path("studies/<slug:slug>/ranking/", boards.RankingView.as_view(), name="ranking"),
    path(
        "studies/<slug:slug>/judgments/", judgment_tables.JudgmentsView.as_view(), name="judgments"
    ),
    path("studies/<slug:slug>/answers/", answer_tables.AnswersView.as_view(), name="answers"),
    path("studies/<slug:slug>/payments/", payments.PaymentsView.as_view(), name="payments"),
    path("studies/<slug:slug>/stage/", stage_calls.StageView.as_view(), name="stage"),
    path("studies/<slug:slug>/flags/", voice_tables.FlagsView.as_view(), name="flags"),
    path("studies/<slug:slug>/comments/", voice_tables.CommentsView.as_view(), name="comments"),
    path("studies/<slug:slug>/plan/", study_outlooks.PlanView.as_view(), name="plan"),
    path(
        "studies/<slug:slug>/screening/", study_outlooks.ScreeningView.as_view(), name="screening"
    ),
]
frozen_routes: Routes = [
    path("studies/<slug:slug>/rankings/", frozen_calls.FrozenList.as_view(), name="rankings"),
    path(RANKING, frozen_calls.FrozenView.as_view(), name="frozen-ranking"),
    path(
        f"{RANKING}figures/<slug:name>.<slug:form>",
        frozen_calls.FrozenFigure.as_view(),
        name="frozen-figure",
    ),
    path(f"{RANKING}citation/", citation_calls.RankingCitation.as_view(), name="ranking-citation"),
    path(
        "challenges/<slug:slug>/citation/",
        citation_calls.ChallengeCitation.as_view(),
        name="challenge-citation",
    ),
]
SERIES = "series/<slug:slug>/<slug:series>/"
series_routes: Routes = [
    path(SERIES, series_calls.SeriesView.as_view(), name="series"),
    path(f"{SERIES}deltas/", series_calls.SeriesDeltas.as_view(), name="series-deltas"),
    path(f"{SERIES}pictures/", series_calls.SeriesPictures.as_view(), name="series-pictures"),
    path(f"{SERIES}results/", series_calls.SeriesResults.as_view(), name="series-results"),
    path(
        f"{SERIES}references/pictures/",
        series_references.PictureReferences.as_view(),
        name="series-picture-references",
    ),
    path(
        f"{SERIES}references/",
        series_references.SeriesReferences.as_view(),
        name="series-references",
    ),
    path(
        f"{SERIES}figures/<slug:name>.<slug:form>",
        series_calls.SeriesFigure.as_view(),
        name="series-figure",
    ),
]
bundle_routes: Routes = [
    path("studies/<slug:slug>/bundles/", bundles.BundleList.as_view(), name="bundles"),
    path(
        "studies/<slug:slug>/bundles/<int:bundle_id>/", bundles.BundleView.as_view(), name="bundle"
    ),
    path(
        "bundles/<int:bundle_id>/<slug:signature>/",
        bundles.BundleFile.as_view(),
        name="bundle-file",
    ),
]
RELEASES = "studies/<slug:slug>/releases/"
release_routes: Routes = [
    path(RELEASES, release_calls.ReleaseList.as_view(), name="releases"),
    path(f"{RELEASES}asked/", release_calls.AskedReleases.as_view(), name="asked-releases"),
    path(f"{RELEASES}<int:number>/", release_calls.ReleaseView.as_view(), name="release"),
    path(f"{RELEASES}<int:number>.zip", release_calls.ReleaseFile.as_view(), name="release-file"),
    path(
        f"{RELEASES}<int:number>/withdraw/",
        release_calls.WithdrawRelease.as_view(),
        name="withdraw-release",
    ),
]
study_routes: Routes = [
    path("studies/", trials.StudyList.as_view(), name="studies"),
    path(
        "studies/<slug:slug>/session/answers/",
        question_answers.SessionAnswersView.as_view(),
        name="session-answers",
    ),
    path("studies/<slug:slug>/raters/", sessions.RaterView.as_view(), name="raters"),
    path("studies/<slug:slug>/session/", sessions.SessionView.as_view(), name="session"),
    path("studies/<slug:slug>/trials/next/", trials.NextTrials.as_view(), name="next-trials"),
    path("trials/<uuid:trial_id>/judgment/", judgments.judgment, name="judgment"),
    path("trials/<uuid:trial_id>/undo/", trials.UndoView.as_view(), name="undo"),
    path("trials/<uuid:trial_id>/flag/", voice_calls.FlagView.as_view(), name="flag"),
    path("studies/<slug:slug>/session/comment/", voice_calls.CommentView.as_view(), name="comment"),
    path(
        "studies/<slug:slug>/session/result/",
        voice_calls.OwnResultView.as_view(),
        name="own-result",
    ),
    path(
        "studies/<slug:slug>/session/withdrawal/",
        voice_calls.WithdrawalView.as_view(),
        name="withdrawal",
    ),
]
PREVIEW = "studies/<slug:slug>/preview/"
PREVIEW_TRIAL = f"{PREVIEW}trials/<int:attempt>/<int:number>/"
preview_routes: Routes = [
    path(f"{PREVIEW}raters/", preview.PreviewRater.as_view(), name="preview-raters"),
    path(f"{PREVIEW}session/", preview.PreviewSession.as_view(), name="preview-session"),
    path(
        f"{PREVIEW}session/answers/",
        question_answers.PreviewAnswers.as_view(),
        name="preview-answers",
    ),
    path(f"{PREVIEW}trials/next/", preview.PreviewTrials.as_view(), name="preview-trials"),
    path(f"{PREVIEW_TRIAL}judgment/", preview.PreviewJudgment.as_view(), name="preview-judgment"),
    path(f"{PREVIEW_TRIAL}flag/", preview.PreviewFlag.as_view(), name="preview-flag"),
    path(f"{PREVIEW_TRIAL}undo/", preview.PreviewUndo.as_view(), name="preview-undo"),
]
page_routes: Routes = [
    path("faults/", page_faults.PageFaultView.as_view(), name="faults"),
]
ACCOUNT = "accounts/<int:account_id>/"
account_routes: Routes = [
    path("accounts/", account_calls.AccountList.as_view(), name="accounts"),
    path("accounts/own/password/", account_calls.OwnPassword.as_view(), name="own-password"),
    path("accounts/invitations/", account_calls.AccountInvitations.as_view(), name="invite"),
    path(
        "accounts/invitations/<int:invitation_id>/",
        account_calls.AccountInvitation.as_view(),
        name="uninvite",
    ),
    path("accounts/links/<str:token>/", account_calls.FollowLink.as_view(), name="follow-link"),
    path(f"{ACCOUNT}role/", account_calls.AccountRole.as_view(), name="account-role"),
    path(f"{ACCOUNT}reset/", account_calls.PasswordReset.as_view(), name="reset-password"),
    path("audit/", audit_calls.AuditView.as_view(), name="audit"),
]
lease_routes: Routes = [
    path("leases/", lease_calls.LeaseList.as_view(), name="leases"),
    path("leases/images/", lease_calls.NamedImages.as_view(), name="named-images"),
    path("leases/fault/", lease_calls.WorkerFault.as_view(), name="worker-fault"),
    path(f"{LEASE}renew/", lease_calls.LeaseRenewal.as_view(), name="renew-lease"),
    path(f"{LEASE}log", lease_calls.LeaseLog.as_view(), name="lease-log"),
    path(f"{LEASE}decoder", lease_calls.LeasedDecoder.as_view(), name="leased-decoder"),
    path(
        f"{LEASE}bitstreams/<str:name>", lease_calls.LeasedBitstream.as_view(), name="leased-bits"
    ),
    path(f"{LEASE}decoded/<str:name>", lease_calls.DeliveredPicture.as_view(), name="deliver"),
    path(f"{LEASE}record", lease_calls.DeliveredRecord.as_view(), name="deliver-record"),
    path(f"{LEASE}release/", lease_calls.LeaseRelease.as_view(), name="release-run"),
]
description_routes: Routes = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
]
urlpatterns: Routes = [
    *study_routes,  # first, because judgments come by the thousand
    *challenge_routes,
    *member_routes,
    *dataset_routes,
    *submission_routes,
    *metric_routes,
    *board_routes,
    *frozen_routes,
    *series_routes,
    *bundle_routes,
    *release_routes,
    *preview_routes,
    *account_routes,
    *lease_routes,
    *page_routes,
    *description_routes,
    re_path("", errors.not_found),  # the last: all that is left under the API
]
