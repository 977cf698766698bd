"""Challenges, their phases, and the originals once they are released."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    is_organizer,
    organizer_name,
)
from ratings.api.base import ApiView, Pages, StrictSerializer, TextField
from ratings.challenge import files
from ratings.challenge.archives import DatasetZip
from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.limits import effective_limits
from ratings.challenge.models import (
    Announcement,
    CalendarEntry,
    Challenge,
    Dataset,
    Original,
    Phase,
)
from ratings.challenge.teams import team_key
from ratings.challenge.visibility import dataset_open, originals_open
from ratings.submissions.exceptions import register_decoder


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    """A phase; `now` in the context decides its state."""

    state = serializers.SerializerMethodField(help_text="upcoming, open or closed.")
    deadline = serializers.SerializerMethodField(help_text="The last second in time, as announced.")
    datasets = serializers.SlugRelatedField[Dataset]("slug", many=True, read_only=True)
    decoders_from = serializers.SlugRelatedField[Phase]("slug", read_only=True)
    originals_released = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    originals_url = serializers.SerializerMethodField()
    limits = serializers.SerializerMethodField(help_text="Of a decoder's run.")

    class Meta:
        model = Phase
        fields = [
            "slug",
            "name",
            "state",
            "opens_at",
            "closes_at",
            "deadline",
            "originals_open_at",
            "boards_open_at",
            "byte_budget",
            "board_rule",
            "decoder_rule",
            "decoders_from",
            "limits",
            "submissions_per_day",
            "submissions_in_all",
            "own_scores",
            "factsheet_closes_at",
            "datasets",
            "originals_released",
            "url",
            "originals_url",
        ]
        extra_kwargs = {"closes_at": {"help_text": "The first instant that is too late."}}

    def get_state(self, phase: Phase) -> str:
        """Return the state at the request's instant."""
        return phase_state(phase, self.context["now"])

    def get_deadline(self, phase: Phase) -> str:
        """Return the announced deadline in its own offset."""
        return announced_deadline(phase.closes_at).astimezone(phase.zone).isoformat()

    def get_limits(self, phase: Phase) -> dict[str, int]:
        """Return the limits of a decoder's run, in seconds, bytes and processes."""
        return effective_limits(phase.decoder_limits)

    def get_originals_released(self, phase: Phase) -> bool:
        """Tell whether everyone may have the originals."""
        return originals_open(phase, self.context["now"])

    def get_url(self, phase: Phase) -> str:
        """Return the phase's address."""
        return reverse("api:phase", args=[phase.challenge.slug, phase.slug])

    def get_originals_url(self, phase: Phase) -> str:
        """Return the address of the manifest of originals."""
        return reverse("api:originals", args=[phase.challenge.slug, phase.slug])


class CalendarSerializer(serializers.ModelSerializer[CalendarEntry]):
    """A date that is shown; in the offset in which it was announced."""

    at = serializers.SerializerMethodField()

    class Meta:
        model = CalendarEntry
        fields = ["title", "at"]

    def get_at(self, entry: CalendarEntry) -> str:
        """Return the instant as it was announced."""
        return entry.at.astimezone(entry.zone).isoformat()


class AnnouncementSerializer(serializers.ModelSerializer[Announcement]):
    """News, in the offset in which they were dated."""

    at = serializers.SerializerMethodField()

    class Meta:
        model = Announcement
        fields = ["title", "text", "at"]

    def get_at(self, announcement: Announcement) -> str:
        """Return the instant in its own offset."""
        return announcement.at.astimezone(announcement.zone).isoformat()


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A data set's name and what it is."""

    archive_url = serializers.SerializerMethodField(help_text="One zip, once released.")

    class Meta:
        model = Dataset
        fields = ["slug", "name", "description", "opens_at", "archive_url"]

    def get_archive_url(self, dataset: Dataset) -> str:
        """Return the address of the archive."""
        return reverse("api:dataset-archive", args=[dataset.challenge.slug, dataset.slug])


class ChallengeSerializer(serializers.ModelSerializer[Challenge]):
    """A challenge with its calendar, announcements, data sets and phases."""

    calendar = CalendarSerializer(many=True)
    announcements = serializers.SerializerMethodField(help_text="The newest first.")
    datasets = DatasetSerializer(many=True)
    phases = PhaseSerializer(many=True)

    class Meta:
        model = Challenge
        fields = [
            "slug",
            "name",
            "summary",
            "description",
            "forum_url",
            "calendar",
            "announcements",
            "datasets",
            "phases",
        ]

    @extend_schema_field(AnnouncementSerializer(many=True))
    def get_announcements(self, challenge: Challenge) -> list[Any]:
        """Return what has been announced by now."""
        due = [one for one in challenge.announcements.all() if one.at <= self.context["now"]]
        return list(AnnouncementSerializer(due, many=True).data)


class ChallengesSerializer(serializers.Serializer[Any]):
    """A page of challenges."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ChallengeSerializer(many=True)


class OriginalSerializer(serializers.ModelSerializer[Original]):
    """One line of the manifest of originals."""

    bytes = serializers.IntegerField(source="size_bytes")
    dataset = serializers.CharField(source="dataset.slug")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Original
        fields = ["name", "dataset", "width", "height", "bytes", "sha256", "url"]

    def get_url(self, original: Original) -> str:
        """Return the file's address."""
        return reverse("api:original", args=[*self.context["address"], original.name])


class OriginalsSerializer(serializers.Serializer[Any]):
    """A page of the manifest."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = OriginalSerializer(many=True)


class ChallengeList(ApiView):
    """All challenges."""

    @extend_schema(operation_id="list_challenges", responses=ChallengesSerializer)
    def get(self, request: Request) -> Response:
        """List the challenges with their phases."""
        pages = Pages()
        rows = pages.paginate_queryset(_challenges(), request, self)
        serializer = ChallengeSerializer(rows, many=True, context={"now": self.received_at})
        return pages.get_paginated_response(serializer.data)


class ChallengeView(ApiView):
    """One challenge."""

    @extend_schema(operation_id="read_challenge", responses=ChallengeSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Show one challenge."""
        challenge = get_object_or_404(_challenges(), slug=slug)
        return Response(ChallengeSerializer(challenge, context={"now": self.received_at}).data)


class PhaseView(ApiView):
    """One phase."""

    @extend_schema(operation_id="read_phase", responses=PhaseSerializer)
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """Show one phase."""
        row = get_object_or_404(_phases(), challenge__slug=slug, slug=phase)
        return Response(PhaseSerializer(row, context={"now": self.received_at}).data)


class _ReleasedView(ApiView):
    """A view of what is hidden until its release, from everyone but organizers."""

    authentication_classes = [OrganizerAuthentication]

    def released(self, request: Request, slug: str, phase: str) -> Phase:
        """Return the phase. Raises Http404 alike for what is hidden and for what is not there."""
        row = get_object_or_404(_phases(), challenge__slug=slug, slug=phase)
        if not (originals_open(row, self.received_at) or is_organizer(request)):
            raise Http404
        return row


class OriginalList(_ReleasedView):
    """The manifest of a phase's originals."""

    @extend_schema(operation_id="list_originals", responses=OriginalsSerializer)
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """List name, size, bytes, SHA-256 and address of each original, once released."""
        originals = self.released(request, slug, phase).originals()
        pages = Pages()
        pages.ordering = "name"
        rows = pages.paginate_queryset(originals, request, self)
        context = {"address": [slug, phase]}
        return pages.get_paginated_response(
            OriginalSerializer(rows, many=True, context=context).data
        )


class OriginalFile(_ReleasedView):
    """One original."""

    @extend_schema(
        operation_id="download_original",
        responses={(200, "image/png"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, phase: str, name: str) -> FileResponse:
        """Download the PNG of one original, once released."""
        released = self.released(request, slug, phase)
        names = {original.name: original for original in released.originals()}
        if name not in names:
            raise Http404
        original = names[name]
        headers = {"ETag": f'"{original.sha256}"', "Cache-Control": "no-cache"}
        file = files.path(original.sha256).open("rb")
        return FileResponse(file, content_type="image/png", filename=name, headers=headers)


class DatasetArchive(ApiView):
    """A whole data set as one zip."""

    authentication_classes = [OrganizerAuthentication, DeskAuthentication]

    @extend_schema(
        operation_id="download_dataset",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, dataset: str) -> StreamingHttpResponse:
        """Download all pictures with manifest and digests, once released; the same bytes always."""
        row = get_object_or_404(Dataset, challenge__slug=slug, slug=dataset)
        if not (dataset_open(row, self.received_at) or is_organizer(request)):
            raise Http404
        archive = DatasetZip(row)
        headers = {
            "Content-Disposition": f'attachment; filename="{slug}-{dataset}.zip"',
            "ETag": f'"{archive.etag}"',
            "Cache-Control": "no-cache",
        }
        if archive.size_bytes is not None:
            headers["Content-Length"] = str(archive.size_bytes)
        return StreamingHttpResponse(
            archive.pieces(), content_type="application/zip", headers=headers
        )


class RegisterSerializer(StrictSerializer):
    """A decoder that a team may use, and why."""

    team = TextField(max_length=128)
    sha256 = TextField(max_length=64)
    note = TextField(max_length=500)


class DecoderRegister(ApiView):
    """Where organizers register decoders by hand."""

    authentication_classes = [OrganizerAuthentication]
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="register_decoder", request=RegisterSerializer, responses=RegisterSerializer
    )
    def post(self, request: Request, slug: str, phase: str) -> Response:
        """Let a team use a decoder in this phase as if it had submitted it in time; on record."""
        by = organizer_name(request)
        if not by:
            raise NotAuthenticated("Decoders are registered by organizers: send a bearer token.")
        row = get_object_or_404(_phases(), challenge__slug=slug, slug=phase)
        body = RegisterSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        team = row.challenge.teams.filter(key=team_key(fields["team"])).first()
        if team is None:
            raise serializers.ValidationError({"team": "There is no such team."})
        sha256, note = fields["sha256"], fields["note"]
        register_decoder(row, team, sha256, self.received_at, note=note, by=by)
        return Response(fields)


def _challenges() -> QuerySet[Challenge]:
    return Challenge.objects.prefetch_related(
        *(
            "calendar",
            "announcements",
            "datasets__challenge",
            "phases__datasets",
            "phases__challenge",
            "phases__decoders_from",
        )
    )


def _phases() -> QuerySet[Phase]:
    return Phase.objects.select_related("challenge", "decoders_from").prefetch_related("datasets")
