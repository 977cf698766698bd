"""Submissions: begun, filled file by file or by one zip, submitted, followed."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.submission_shapes import (
    ListedSubmissionSerializer,
    SubmissionSerializer,
    listed_submissions,
    shown_submission,
)
from ratings.api.parts.authentication import (
    WHO_SUBMITS,
    Claim,
    TeamLogin,
    actor_asking,
    is_organizer,
    organizer_name,
    require_login,
    slowed_down,
)
from ratings.api.parts.json_views import (
    ApiView,
    Pages,
    StrictJSONParser,
    StrictSerializer,
    TextField,
    TrueOrFalse,
    page_of,
)
from ratings.challenge.access.permissions import Permission, within
from ratings.challenge.access.visibility import own_scores_open, seen
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.teams.team_accounts import enter_team
from ratings.challenge.teams.team_names import clean_name
from ratings.fidelity.scores import submission_scores
from ratings.jobs.tasks import queue_scoring
from ratings.submissions.intake import closing, ingest
from ratings.submissions.intake.quota import require_quota
from ratings.submissions.models import Submission
from ratings.submissions.rulings.overrides import begin_late

MOST_BYTES = (1 << 53) - 1  # what every client's JSON can hold
FOR_ORGANIZERS = ("kind", "late_note", "stated_bytes")


class BeginSerializer(StrictSerializer):
    """What begins a submission."""

    challenge = TextField(max_length=50, help_text="The challenge's slug.")
    phase = TextField(max_length=50, help_text="The phase's slug.")
    method = TextField(max_length=100, help_text="The method's name, as boards will show it.")
    environment = TextField(
        max_length=50,
        required=False,
        help_text="Where its decoder runs, by its slug; one of the phase's, by default its first.",
    )
    team = TextField(
        max_length=128,
        required=False,
        help_text="By organizers: whose submission it is; by a team: its own name.",
    )
    email = serializers.EmailField(max_length=128, required=False)
    kind = serializers.ChoiceField(
        [Team.Kind.COMPETING, Team.Kind.BASELINE], required=False, help_text="By organizers only."
    )
    resume = TrueOrFalse(
        required=False, help_text="Go on with the newest open one of this phase and method."
    )
    late_note = TextField(
        max_length=500, required=False, help_text="By organizers: why it is taken in late."
    )
    stated_bytes = serializers.IntegerField(
        min_value=1,
        max_value=MOST_BYTES,
        required=False,
        allow_null=True,
        help_text="By organizers: bytes of all bitstreams, in place of sending any.",
    )


class MineSerializer(StrictSerializer):
    """Which of a team's submissions are asked for."""

    challenge = TextField(max_length=50, help_text="The challenge's slug.")
    phase = TextField(max_length=50, help_text="The phase's slug.")
    cursor = TextField(max_length=200, required=False, help_text="Of the page, as `next` has it.")


class NewestFirst(Pages):
    """Pages of submissions: short ones, since much is counted for each."""

    page_size = 20
    ordering = "-created_at"


class SubmissionList(ApiView):
    """Where submissions begin."""

    authentication_classes = WHO_SUBMITS
    anywhere = True  # the body says which challenge it is

    @extend_schema(
        operation_id="begin_submission",
        request=BeginSerializer,
        responses={200: SubmissionSerializer, 201: SubmissionSerializer},
    )
    def post(self, request: Request) -> Response:
        """Begin a submission; the first of a team claims its name and sets its password."""
        require_login(request)
        body = BeginSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        phase = _phase(request, fields["challenge"], fields["phase"])
        if "late_note" not in fields and fields.get("kind") != Team.Kind.BASELINE:
            ingest.require_open(phase, self.received_at)
        with slowed_down(request, phase.challenge, self.received_at), transaction.atomic():
            team, by = _team(request, phase.challenge, fields)
            resumed = fields.get("resume") and ingest.newest_open(
                phase, team, fields["method"], fields.get("environment", "")
            )
            submission = resumed or self._begin(request, phase, team, fields, by)
            if "stated_bytes" in fields:
                ingest.state_bytes(submission.pk, fields["stated_bytes"], self.received_at)
                submission.refresh_from_db(fields=["stated_bytes"])
        address = reverse("api:submission", args=[submission.pk])
        shown = shown_submission(submission, None, to_organizer=is_organizer(request))
        return Response(shown, status=200 if resumed else 201, headers={"Location": address})

    def _begin(
        self, request: Request, phase: Phase, team: Team, fields: dict[str, Any], by: str
    ) -> Submission:
        method, at = fields["method"], self.received_at
        environment = fields.get("environment", "")
        if "late_note" in fields:
            note = fields["late_note"]
            return begin_late(phase, team, method, at, note=note, by=by, environment=environment)
        if not is_organizer(request):  # before hundreds of files are sent in vain
            require_quota(phase, team, at)
            ingest.require_few_open(phase, team)
        return ingest.begin_submission(phase, team, method, at, by=by, environment=environment)

    @extend_schema(
        operation_id="list_submissions",
        parameters=[MineSerializer],
        responses=page_of(ListedSubmissionSerializer),
    )
    def get(self, request: Request) -> Response:
        """List the team's own submissions to one phase, the newest first."""
        require_login(request)
        asked = MineSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        phase = _phase(request, asked.validated_data["challenge"], asked.validated_data["phase"])
        if not isinstance(request.user, TeamLogin):
            raise serializers.ValidationError("Log in as a team; organizers have the desk.")
        team = actor_asking(request, phase.challenge, self.received_at).team
        own, pages = Submission.objects.filter(phase=phase, team=team), NewestFirst()
        related = own.select_related("phase__challenge", "phase__decoders_from", "team", "decoder")
        rows = pages.paginate_queryset(related, request, self) or []
        visible = own_scores_open(phase, self.received_at)
        on_page = own.filter(pk__in=[row.pk for row in rows])
        scores = (
            {scored.submission.pk: scored for scored in submission_scores(on_page)}
            if visible
            else {}
        )
        return pages.get_paginated_response(listed_submissions(rows, scores))


class SubmissionView(ApiView):
    """One submission, for its own team and for organizers."""

    authentication_classes = WHO_SUBMITS

    def own(self, request: Request, submission_id: UUID) -> Submission:
        """Return the submission. Raises Http404 if there is none, or it is another team's."""
        return self.asked_for(request, submission_id)[0]

    def asked_for(self, request: Request, submission_id: UUID) -> tuple[Submission, str]:
        """Return the submission, and how acts of who asks are signed. Raises Http404 as `own`."""
        require_login(request)
        rows = Submission.objects.select_related("phase__challenge", "team", "decoder")
        submission = rows.filter(pk=submission_id).first()
        if submission is None:
            raise Http404
        if not isinstance(request.user, TeamLogin):
            return submission, organizer_name(request)
        actor = actor_asking(request, submission.phase.challenge, self.received_at)
        if actor.team != submission.team:
            raise Http404
        return submission, actor.signature

    @extend_schema(operation_id="read_submission", responses=SubmissionSerializer)
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Tell state, progress, every problem, and the files that are missing."""
        return self.shown(request, self.own(request, submission_id))

    @extend_schema(operation_id="delete_submission", responses={204: None})
    def delete(self, request: Request, submission_id: UUID) -> Response:
        """Delete an open submission with its files, to make room for another one."""
        submission, by = self.asked_for(request, submission_id)
        ingest.delete_open(submission.pk, self.received_at, by=by)
        return Response(status=204)

    def shown(self, request: Request, submission: Submission) -> Response:
        """Show the submission; its scores as the phase's visibility says, to organizers at once."""
        to_organizer = is_organizer(request)
        visible = to_organizer or own_scores_open(submission.phase, self.received_at)
        scores = (
            next(submission_scores(Submission.objects.filter(pk=submission.pk)), None)
            if visible
            else None
        )
        return Response(shown_submission(submission, scores, to_organizer=to_organizer))


class SubmitView(SubmissionView):
    """Where a submission is closed."""

    http_method_names = ["post", "options"]

    @extend_schema(operation_id="submit", request=None, responses=SubmissionSerializer)
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Check everything and queue the submission; every problem is listed at once."""
        submission, by = self.asked_for(request, submission_id)
        # A form without fields is what some clients send for no body at all.
        if request.content_type == StrictJSONParser.media_type and request.data:
            raise serializers.ValidationError("Submitting takes no fields.")
        with transaction.atomic():
            free = is_organizer(request)  # of the quota
            if closing.submit(submission.pk, self.received_at, by=by, by_organizer=free):
                queue_scoring(submission.pk)
        submission.refresh_from_db()
        return self.shown(request, submission)


def _phase(request: Request, challenge: str, phase: str) -> Phase:
    visible = seen(organizer=is_organizer(request), challenge="challenge__")
    phases = Phase.objects.select_related("challenge").filter(visible)
    if isinstance(request.user, User):
        phases = phases.filter(within(request.user, Permission.CHANGE, "challenge__"))
    named = phases.filter(challenge__slug=challenge, slug=phase).first()
    if named is None:
        raise serializers.ValidationError(
            {"phase": f"There is no phase {phase!r} of a challenge {challenge!r}."}
        )
    return named


def _team(request: Request, challenge: Challenge, fields: dict[str, Any]) -> tuple[Team, str]:
    """Return whose submission it is, and how its beginning is signed."""
    if is_organizer(request):
        if "team" not in fields:
            raise serializers.ValidationError({"team": "Say whose submission this is."})
        team = enter_team(challenge, fields["team"], fields.get("kind", Team.Kind.COMPETING))
        return team, organizer_name(request)
    login = cast(TeamLogin, request.user)
    problems: dict[str, Any] = {
        name: "Only organizers may set it." for name in FOR_ORGANIZERS if name in fields
    }
    stated = fields.get("team")
    if isinstance(login, Claim) and stated and clean_name(stated) != clean_name(login.name):
        problems["team"] = f"You log in as {login.name!r}; it must be the same, or be left out."
    if problems:
        raise serializers.ValidationError(problems)
    actor = login.submitting_in(challenge, stated, fields.get("email", ""))
    return actor.team, actor.signature
