"""Metrics as entrants: the track, the list of pairs, and what is sent; the board is in `boards`."""

from typing import Any

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.factsheet_calls import SignatureField, named_team
from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    TeamAuthentication,
    TeamLogin,
    actor_asking,
    is_organizer,
    organizer_name,
    require_login,
    require_organizer,
)
from ratings.api.parts.json_views import (
    ApiView,
    StrictSerializer,
    TextField,
    TrueOrFalse,
    WholeNumber,
)
from ratings.api.parts.table_views import as_file
from ratings.api.parts.uploads import CSV, read_body
from ratings.challenge.access.visibility import seen
from ratings.challenge.models import Phase, Team
from ratings.jobs.metric_actions import change_track, remove_metric, send_metric
from ratings.metrics.crop_package import crop_package
from ratings.metrics.judged_units import asked_units
from ratings.metrics.metric_entries import attempts_left, newest_entries, require_may_send
from ratings.metrics.metric_files import LARGEST_BYTES, pairs_csv
from ratings.metrics.metric_tracks import closed_because, track_of
from ratings.metrics.models import ATTEMPTS, MetricEntry, MetricTrack

BETTER = OpenApiParameter(
    "better", str, enum=("higher", "lower"), description="Which values are better; of values alone."
)
TEAM = OpenApiParameter("team", str, description="By organizers: whose metric it is; else yours.")


class NewTrackSerializer(StrictSerializer):
    """How metrics take part in a phase."""

    study = TextField(max_length=50, help_text="Slug: whose judgments are held back.")
    attempts = WholeNumber(
        required=False, default=ATTEMPTS, help_text="How often a team may send metrics in all."
    )
    open = TrueOrFalse(required=False, default=False, help_text="Whether teams may send metrics.")
    released = TrueOrFalse(
        required=False, default=False, help_text="Whether everybody sees the board of metrics."
    )


class MetricEntrySerializer(serializers.ModelSerializer[MetricEntry]):
    """What was sent last for a metric."""

    team = serializers.CharField(source="team.name", default="", help_text="Empty: organizers.")
    sent_by = SignatureField()

    class Meta:
        model = MetricEntry
        fields = ["name", "team", "form", "higher_is_better", "sent_sha256", "sent_by", "sent_at"]


class TrackSerializer(serializers.Serializer[Any]):
    """The track, and the metrics of whoever asks; organizers see those of all."""

    study = serializers.CharField(source="track.study.slug")
    attempts = serializers.IntegerField(source="track.attempts")
    attempts_left = serializers.IntegerField(allow_null=True, help_text="Null for organizers.")
    open = serializers.BooleanField(source="track.is_open")
    released = serializers.BooleanField(source="track.is_released")
    closed_because = serializers.CharField(help_text="Why teams can't send now; else empty.")
    scored_at = serializers.DateTimeField(source="track.scored_at", allow_null=True)
    results = MetricEntrySerializer(many=True)


class SentMetricSerializer(serializers.Serializer[Any]):
    """What was taken in, with what its sender should know."""

    entry = MetricEntrySerializer()
    notes = serializers.ListField(child=serializers.CharField())
    attempts_left = serializers.IntegerField(allow_null=True, help_text="Null for organizers.")


class _MetricView(ApiView):
    """A view for teams and organizers, about a phase's track."""

    authentication_classes = [TeamAuthentication, OrganizerAuthentication, DeskAuthentication]

    def asking(self, request: Request, phase: Phase) -> tuple[Team | None, str]:
        """Return the team that asks, None for an organizer, and how acts are signed."""
        require_login(request)
        if isinstance(request.user, TeamLogin):
            actor = actor_asking(request, phase.challenge, self.received_at)
            return actor.team, actor.signature
        return None, organizer_name(request)

    def pictured(self, request: Request, slug: str, phase: str) -> MetricTrack:
        """Return the track, whose pictures who asks may have. Raises Refused as sending does."""
        found = _phase(request, slug, phase)
        team, _ = self.asking(request, found)
        track = track_of(found)
        return require_may_send(track, found, self.received_at) if team else _track(found)


class MetricTrackView(_MetricView):
    """A phase's track of metrics."""

    @extend_schema(operation_id="metric_track", responses=TrackSerializer)
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """Return how metrics take part, and what was sent last for each of one's own."""
        found = _phase(request, slug, phase)
        team, _ = self.asking(request, found)
        return self._answer(found, _track(found), team)

    @extend_schema(
        operation_id="set_metric_track", request=NewTrackSerializer, responses=TrackSerializer
    )
    def put(self, request: Request, slug: str, phase: str) -> Response:
        """Let metrics take part, open the track to teams, or release its board."""
        require_organizer(request, "Tracks are set by organizers: send a bearer token.")
        found, body = _phase(request, slug, phase), NewTrackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        track = change_track(
            found,
            fields["study"],
            fields["attempts"],
            organizer_name(request),
            self.received_at,
            is_open=fields["open"],
            is_released=fields["released"],
        )
        return self._answer(found, track, None)

    def _answer(self, phase: Phase, track: MetricTrack, team: Team | None) -> Response:
        entries = [one for one in newest_entries(track) if team is None or one.team == team]
        shown = {
            "track": track,
            "attempts_left": attempts_left(track, team) if team else None,
            "closed_because": closed_because(track, phase, self.received_at),
            "results": entries,
        }
        return Response(TrackSerializer(shown).data)


class MetricView(_MetricView):
    """What is sent for one metric."""

    @extend_schema(
        operation_id="put_metric",
        request=CSV,
        parameters=[BETTER],
        responses={201: SentMetricSerializer},
    )
    def put(self, request: Request, slug: str, phase: str, name: str) -> Response:
        """Send a metric's values, or its decisions; another file takes its place."""
        found = _phase(request, slug, phase)
        team, by = self.asking(request, found)
        track = track_of(found)
        track = require_may_send(track, found, self.received_at) if team else _track(found)
        sent = send_metric(
            track,
            name,
            read_body(request, LARGEST_BYTES),
            self.received_at,
            team=team,
            by=by,
            higher_is_better=_better(request) == "higher",
        )
        left = attempts_left(track, team) if team else None
        shown = {"entry": sent.entry, "notes": sent.notes, "attempts_left": left}
        return Response(SentMetricSerializer(shown).data, status=201)

    @extend_schema(operation_id="delete_metric", parameters=[TEAM], responses={204: None})
    def delete(self, request: Request, slug: str, phase: str, name: str) -> Response:
        """Delete a metric, as an organizer; of a team all that it sent for it."""
        require_organizer(request, "Organizers delete metrics: send a bearer token.")
        found = _phase(request, slug, phase)
        team = named_team(found.challenge, request) if "team" in request.query_params else None
        by = organizer_name(request)
        if not remove_metric(_track(found), name, by, self.received_at, team=team):
            raise Http404
        return Response(status=204)


class MetricPairs(_MetricView):
    """The pairs that decisions are asked of."""

    @extend_schema(operation_id="metric_pairs", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Return the files O, A and B of each pair, without answers or methods; see /crops/."""
        listed = pairs_csv(asked_units(self.pictured(request, slug, phase).study))
        return as_file(request, listed, f"{slug}-{phase}-pairs", "csv")


class MetricCrops(_MetricView):
    """The crops of the pairs that decisions are asked of."""

    @extend_schema(
        operation_id="metric_crops", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Download the files of all pairs, by the names of the list, which is in it."""
        asked = asked_units(self.pictured(request, slug, phase).study)
        name = f"{slug}-{phase}-crops.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(
            crop_package(asked), content_type="application/zip", headers=headers
        )


def _phase(request: Request, slug: str, phase: str) -> Phase:
    visible = seen(organizer=is_organizer(request), challenge="challenge__")
    phases = Phase.objects.select_related("challenge").filter(visible)
    return get_object_or_404(phases, challenge__slug=slug, slug=phase)


def _track(phase: Phase) -> MetricTrack:
    track = track_of(phase)
    if track is None:
        raise Http404
    return track


def _better(request: Request) -> str:
    better = request.query_params.get("better", "higher")
    if better not in ("higher", "lower"):
        raise ValidationError({"better": ["Choose one of: higher, lower."]})
    return better
