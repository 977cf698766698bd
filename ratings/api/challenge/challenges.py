"""Challenges, their phases, and the originals once they are released."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import (
    OrganizerAuthentication,
    organizer_name,
    require_organizer,
)
from ratings.api.parts.json_views import (
    CURSOR,
    ApiView,
    Pages,
    StrictSerializer,
    TextField,
    page_of,
)
from ratings.challenge.access.visibility import originals_open, seen
from ratings.challenge.calendar import announced_deadline, phase_state
from ratings.challenge.keys.decoder_environments import environments_of
from ratings.challenge.keys.decoder_limits import effective_limits
from ratings.challenge.models import (
    Announcement,
    CalendarEntry,
    Challenge,
    Dataset,
    Phase,
)
from ratings.challenge.teams.team_names import team_key
from ratings.submissions.rulings.overrides import register_decoder
from ratings.submissions.runs import site_sources


class EnvironmentSerializer(serializers.Serializer[Any]):
    """An environment of a phase, in which decoders run."""

    slug = serializers.CharField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="A packaged one's name, or an image by its digest."
    )
    description = serializers.CharField()
    gpu = serializers.BooleanField()
    holds = serializers.DictField(
        child=serializers.CharField(), help_text="Versions by name; empty for images."
    )
    absence = serializers.CharField(help_text="Why decoders would wait for it; empty if not.")


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    """A phase; `now` in the context decides its state."""

    state = serializers.SerializerMethodField(help_text="upcoming, open or closed.")
    deadline = serializers.SerializerMethodField(help_text="The last second in time, as announced.")
    datasets = serializers.SlugRelatedField[Dataset]("slug", many=True, read_only=True)
    decoders_from = serializers.SlugRelatedField[Phase]("slug", read_only=True, allow_null=True)
    originals_released = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    originals_url = serializers.SerializerMethodField()
    limits = serializers.SerializerMethodField(help_text="Of a decoder's run.")
    environments = serializers.SerializerMethodField(help_text="The first is the default.")

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
            "boards_frozen_from",
            "boards_frozen_until",
            "byte_budget",
            "board_rule",
            "decoder_rule",
            "decoders_from",
            "elsewhere",
            "limits",
            "environments",
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

    @extend_schema_field(EnvironmentSerializer(many=True))
    def get_environments(self, phase: Phase) -> list[Any]:
        """Return the environments in which a submission's decoder may run, and what each holds."""
        shown = [
            asdict(one)
            | {
                "holds": site_sources.contents_of(one.source),
                "absence": site_sources.absence(one, self.context["now"]),
            }
            for one in environments_of(phase.environments)
        ]
        return list(EnvironmentSerializer(shown, many=True).data)

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

    license = serializers.CharField(help_text="Of its pictures, by SPDX; empty: none is stated.")
    archive_url = serializers.SerializerMethodField(help_text="One zip, once released.")

    class Meta:
        model = Dataset
        fields = ["slug", "name", "description", "license", "opens_at", "archive_url"]

    def get_archive_url(self, dataset: Dataset) -> str:
        """Return the address of the archive."""
        return reverse("api:dataset-archive", args=[dataset.challenge.slug, dataset.slug])


class ChallengeSerializer(serializers.ModelSerializer[Challenge]):
    """A challenge with its calendar, announcements, data sets and phases."""

    forum_url = serializers.CharField(help_text="Empty where there is none.")
    license = serializers.CharField(help_text="Of the results, by SPDX; empty: none is stated.")
    organizers = serializers.ListField(child=serializers.CharField())
    sponsors = serializers.ListField(child=serializers.CharField())
    doi = serializers.CharField(help_text="Of the results, such as 10.5281/zenodo.1234, or empty.")
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
            "license",
            "doi",
            "organizers",
            "sponsors",
            "calendar",
            "announcements",
            "datasets",
            "phases",
        ]

    @extend_schema_field(AnnouncementSerializer(many=True))
    def get_announcements(self, challenge: Challenge) -> list[Any]:
        """Return what has been announced by now."""
        due = [
            announcement
            for announcement in challenge.announcements.all()
            if announcement.at <= self.context["now"]
        ]
        return list(AnnouncementSerializer(due, many=True).data)


class ChallengeList(ApiView):
    """All challenges."""

    public = True

    @extend_schema(
        operation_id="list_challenges", parameters=[CURSOR], responses=page_of(ChallengeSerializer)
    )
    def get(self, request: Request) -> Response:
        """List the challenges with their phases."""
        pages = Pages()
        rows = pages.paginate_queryset(_challenges().filter(seen(organizer=False)), request, self)
        serializer = ChallengeSerializer(rows, many=True, context={"now": self.received_at})
        return pages.get_paginated_response(serializer.data)


class ChallengeView(ApiView):
    """One challenge."""

    public = True

    @extend_schema(operation_id="read_challenge", responses=ChallengeSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Show one challenge."""
        challenge = get_object_or_404(_challenges().filter(seen(organizer=False)), slug=slug)
        return Response(ChallengeSerializer(challenge, context={"now": self.received_at}).data)


class PhaseView(ApiView):
    """One phase."""

    public = True

    @extend_schema(operation_id="read_phase", responses=PhaseSerializer)
    def get(self, request: Request, slug: str, phase: str) -> Response:
        """Show one phase."""
        visible = seen(organizer=False, challenge="challenge__")
        row = get_object_or_404(_phases().filter(visible), challenge__slug=slug, slug=phase)
        return Response(PhaseSerializer(row, context={"now": self.received_at}).data)


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
        require_organizer(request, "Decoders are registered by organizers: send a bearer token.")
        by = organizer_name(request)
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
