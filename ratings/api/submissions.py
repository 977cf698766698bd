"""Submissions: begun, filled file by file or by one zip, submitted, followed."""

import base64
import binascii
import re
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import (
    Claim,
    OrganizerAuthentication,
    TeamAuthentication,
    is_organizer,
    organizer_name,
    require_login,
    slowed_down,
)
from ratings.api.base import (
    ApiView,
    Pages,
    StrictJSONParser,
    StrictSerializer,
    TextField,
    read_body,
)
from ratings.api.submission_shapes import (
    ArchiveSerializer,
    FileSerializer,
    ReceiptSerializer,
    SubmissionSerializer,
    SubmissionsSerializer,
    listed_submission,
    shown_submission,
)
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import claim_or_authenticate, clean_name, enter
from ratings.challenge.visibility import own_scores_open
from ratings.fidelity.scores import scores
from ratings.jobs.tasks import queue_scoring
from ratings.submissions import archive, closing, ingest
from ratings.submissions.exceptions import begin_late
from ratings.submissions.ingest import Receipt
from ratings.submissions.models import Submission
from ratings.submissions.quota import require_quota
from ratings.submissions.slots import Kind

SHA256_DIGEST = re.compile(r"\s*sha-256\s*=\s*:([A-Za-z0-9+/]{43}=):\s*")


class BeginSerializer(StrictSerializer):
    """What begins a submission."""

    challenge = TextField(max_length=50, help_text="The challenge's slug.")
    phase = TextField(max_length=50, help_text="The phase's slug.")
    method = TextField(max_length=100, help_text="The method's name, as boards will show it.")
    team = TextField(
        max_length=128, required=False, help_text="By organizers: whose submission it is."
    )
    email = serializers.EmailField(max_length=128, required=False)
    kind = serializers.ChoiceField(
        [Team.Kind.COMPETING, Team.Kind.BASELINE], required=False, help_text="By organizers only."
    )
    resume = serializers.BooleanField(
        required=False, help_text="Go on with the newest open one of this phase and method."
    )
    late_note = TextField(
        max_length=500, required=False, help_text="By organizers: why it is taken in late."
    )


class MineSerializer(StrictSerializer):
    """Which of a team's submissions are asked for."""

    challenge = TextField(max_length=50, help_text="The challenge's slug.")
    phase = TextField(max_length=50, help_text="The phase's slug.")
    cursor = TextField(max_length=200, required=False, help_text="Of the page, as `next` has it.")


RAW = {
    "application/octet-stream": OpenApiTypes.BINARY,
}
DIGEST = OpenApiParameter(
    "Content-Digest",
    str,
    OpenApiParameter.HEADER,
    description="`sha-256=:BASE64:` (RFC 9530), compared before anything is stored.",
)


class NewestFirst(Pages):
    """Pages of submissions: short ones, since much is counted for each."""

    page_size = 20
    ordering = "-created_at"


class SubmissionList(ApiView):
    """Where submissions begin."""

    authentication_classes = [TeamAuthentication, OrganizerAuthentication]

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
        phase = _phase(fields["challenge"], fields["phase"])
        if "late_note" not in fields and fields.get("kind") != Team.Kind.BASELINE:
            ingest.require_open(phase, self.received_at)
        with slowed_down(request, phase.challenge, self.received_at), transaction.atomic():
            team = _team(request, phase.challenge, fields)
            found = fields.get("resume") and ingest.newest_open(phase, team, fields["method"])
            submission = found or self._begin(request, phase, team, fields)
        address = reverse("api:submission", args=[submission.pk])
        shown = shown_submission(submission, None, to_organizer=is_organizer(request))
        return Response(shown, status=200 if found else 201, headers={"Location": address})

    def _begin(
        self, request: Request, phase: Phase, team: Team, fields: dict[str, Any]
    ) -> Submission:
        method, by = fields["method"], organizer_name(request)
        if "late_note" in fields:
            note = fields["late_note"]
            return begin_late(phase, team, method, self.received_at, note=note, by=by)
        if not by:  # before hundreds of files are sent in vain
            require_quota(phase, team, self.received_at)
            ingest.require_few_open(phase, team)
        return ingest.begin(phase, team, method, self.received_at)

    @extend_schema(
        operation_id="list_submissions",
        parameters=[MineSerializer],
        responses=SubmissionsSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the team's own submissions to one phase, the newest first."""
        require_login(request)
        asked = MineSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        phase = _phase(asked.validated_data["challenge"], asked.validated_data["phase"])
        if not isinstance(request.user, Claim):
            raise serializers.ValidationError("Log in as a team; organizers have the desk.")
        with slowed_down(request, phase.challenge, self.received_at):
            team = request.user.team_in(phase.challenge)
        own, pages = Submission.objects.filter(phase=phase, team=team), NewestFirst()
        related = own.select_related("phase__challenge", "team")
        rows = pages.paginate_queryset(related, request, self) or []
        visible = own_scores_open(phase, self.received_at)
        on_page = own.filter(pk__in=[row.pk for row in rows])
        found = {one.submission.pk: one for one in scores(on_page)} if visible else {}
        shown = [listed_submission(row, found.get(row.pk)) for row in rows]
        return pages.get_paginated_response(shown)


class SubmissionView(ApiView):
    """One submission, for its own team and for organizers."""

    authentication_classes = [TeamAuthentication, OrganizerAuthentication]

    def own(self, request: Request, submission_id: UUID) -> Submission:
        """Return the submission. Raises Http404 if there is none, or it is another team's."""
        require_login(request)
        rows = Submission.objects.select_related("phase__challenge", "team")
        submission = rows.filter(pk=submission_id).first()
        if submission is None:
            raise Http404
        if isinstance(request.user, Claim):
            challenge = submission.phase.challenge
            with slowed_down(request, challenge, self.received_at):
                team = request.user.team_in(challenge)
            if team != submission.team:
                raise Http404
        return submission

    @extend_schema(operation_id="read_submission", responses=SubmissionSerializer)
    def get(self, request: Request, submission_id: UUID) -> Response:
        """Tell state, progress, every problem, and the files that are missing."""
        return self.shown(request, self.own(request, submission_id))

    def shown(self, request: Request, submission: Submission) -> Response:
        """Show the submission; its scores as the phase's visibility says, to organizers at once."""
        to_organizer = is_organizer(request)
        visible = to_organizer or own_scores_open(submission.phase, self.received_at)
        found = next(scores(Submission.objects.filter(pk=submission.pk)), None) if visible else None
        return Response(shown_submission(submission, found, to_organizer=to_organizer))


class FileView(SubmissionView):
    """One file of a submission."""

    http_method_names = ["put", "options"]

    def store(self, request: Request, submission_id: UUID, kind: Kind, name: str) -> Response:
        """Store the request's body as that file."""
        submission = self.own(request, submission_id)
        receipt = ingest.put(
            submission,
            kind,
            name,
            read_body(request._request),
            received_at=self.received_at,
            sha256=content_digest(request),
        )
        status = 201 if receipt.outcome == "created" else 200
        return Response(ReceiptSerializer(receipt).data, status=status)


class DecodedImageView(FileView):
    """The decoded version of one original."""

    @extend_schema(
        operation_id="put_decoded_image",
        request={"image/png": OpenApiTypes.BINARY},
        parameters=[DIGEST],
        responses={200: ReceiptSerializer, 201: ReceiptSerializer},
    )
    def put(self, request: Request, submission_id: UUID, name: str) -> Response:
        """Send the PNG of one picture, called like its original; it is checked wholly at once."""
        return self.store(request, submission_id, "decoded", name)


class BitstreamView(FileView):
    """The bitstream of one original."""

    @extend_schema(
        operation_id="put_bitstream",
        request=RAW,
        parameters=[DIGEST],
        responses={200: ReceiptSerializer, 201: ReceiptSerializer},
    )
    def put(self, request: Request, submission_id: UUID, name: str) -> Response:
        """Send the compressed file of one picture: its original's name, any short suffix."""
        return self.store(request, submission_id, "bitstreams", name)


class DecoderView(FileView):
    """The submission's decoder."""

    @extend_schema(
        operation_id="put_decoder",
        request=RAW,
        parameters=[DIGEST],
        responses={200: ReceiptSerializer, 201: ReceiptSerializer},
    )
    def put(self, request: Request, submission_id: UUID) -> Response:
        """Send the decoder: an executable, or a zip that holds one called `decode`."""
        return self.store(request, submission_id, "decoder", "decoder")


class ArchiveView(SubmissionView):
    """All files of a submission in one zip."""

    http_method_names = ["put", "options"]

    @extend_schema(
        operation_id="put_archive",
        request={"application/zip": OpenApiTypes.BINARY},
        parameters=[DIGEST],
        responses=ArchiveSerializer,
    )
    def put(self, request: Request, submission_id: UUID) -> Response:
        """Send `decoded/NAME.png`, `bitstreams/NAME` and `decoder` as one zip, all or nothing."""
        submission = self.own(request, submission_id)
        receipts: list[Receipt] = archive.put_archive(
            submission,
            read_body(request._request),
            received_at=self.received_at,
            sha256=content_digest(request),
        )
        missing = closing.progress(submission).missing
        return Response(ArchiveSerializer({"files": receipts, "missing": missing}).data)


class SubmitView(SubmissionView):
    """Where a submission is closed."""

    http_method_names = ["post", "options"]

    @extend_schema(operation_id="submit", request=None, responses=SubmissionSerializer)
    def post(self, request: Request, submission_id: UUID) -> Response:
        """Check everything and queue the submission; every problem is listed at once."""
        submission = self.own(request, submission_id)
        # A form without fields is what some clients send for no body at all.
        if request.content_type == StrictJSONParser.media_type and request.data:
            raise serializers.ValidationError("Submitting takes no fields.")
        with transaction.atomic():
            by_organizer = is_organizer(request)
            if closing.submit(submission.pk, self.received_at, by_organizer=by_organizer):
                queue_scoring(submission.pk)
        submission.refresh_from_db()
        return self.shown(request, submission)


class FilesView(SubmissionView):
    """What a submission holds."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(operation_id="list_files", responses=FileSerializer(many=True))
    def get(self, request: Request, submission_id: UUID) -> Response:
        """List path, bytes and SHA-256 of each file, so that an upload can go on where it was."""
        files = ingest.files_of(self.own(request, submission_id))
        return Response({"results": FileSerializer(files, many=True).data})


def _phase(challenge: str, phase: str) -> Phase:
    row = Phase.objects.select_related("challenge").filter(challenge__slug=challenge, slug=phase)
    found = row.first()
    if found is None:
        raise serializers.ValidationError(
            {"phase": f"There is no phase {phase!r} of a challenge {challenge!r}."}
        )
    return found


def _team(request: Request, challenge: Challenge, fields: dict[str, Any]) -> Team:
    if is_organizer(request):
        if "team" not in fields:
            raise serializers.ValidationError({"team": "Say whose submission this is."})
        return enter(challenge, fields["team"], fields.get("kind", Team.Kind.COMPETING))
    claim = cast(Claim, request.user)
    problems: dict[str, Any] = {}
    for name in ("kind", "late_note"):
        if name in fields:
            problems[name] = "Only organizers may set it."
    if "team" in fields and fields["team"] != clean_name(claim.name):
        problems["team"] = "It must be the name that you log in with; or leave it out."
    if problems:
        raise serializers.ValidationError(problems)
    return claim_or_authenticate(
        challenge, claim.name, claim.password, email=fields.get("email", "")
    )


def content_digest(request: Request) -> str | None:
    """Return the SHA-256, in hex, that the header names; None without the header."""
    header = request.headers.get("Content-Digest")
    if header is None:
        return None
    matches = [m for m in map(SHA256_DIGEST.fullmatch, header.split(",")) if m]
    if len(matches) != 1:
        raise Refused("digest-invalid", "Content-Digest must hold one sha-256=:BASE64: value.")
    try:
        return base64.b64decode(matches[0][1], validate=True).hex()
    except binascii.Error as error:
        raise Refused("digest-invalid", f"Content-Digest: {error}.") from error
