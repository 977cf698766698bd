"""Teams: their factsheets, and all that is kept about them."""

from typing import Any

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.authentication import (
    Claim,
    DeskAuthentication,
    OrganizerAuthentication,
    TeamAuthentication,
    organizer_name,
    require_login,
    slowed_down,
)
from ratings.api.base import ApiView, read_body
from ratings.api.submissions import DIGEST, content_digest
from ratings.challenge import files
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams import team_key
from ratings.challenge.visibility import boards_open
from ratings.submissions.factsheets import put_factsheet
from ratings.submissions.models import Factsheet, Submission

TEAM = OpenApiParameter("team", str, description="By organizers: whose factsheet it is.")
NOTE = OpenApiParameter("note", str, description="By organizers: why it is taken in late.")
PDF_HEADERS = {
    # A stranger's document: never shown within the site, whatever a browser thinks of it.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


class FactsheetSerializer(serializers.ModelSerializer[Factsheet]):
    """A factsheet that was received."""

    bytes = serializers.IntegerField(source="size_bytes")

    class Meta:
        model = Factsheet
        fields = ["bytes", "sha256", "received_at"]


class OwnSubmissionSerializer(serializers.ModelSerializer[Submission]):
    """A submission, in a team's own data."""

    phase = serializers.SlugRelatedField[Phase]("slug", read_only=True)

    class Meta:
        model = Submission
        fields = ["id", "phase", "method", "state", "created_at", "submitted_at", "finished_at"]


class TeamSerializer(serializers.ModelSerializer[Team]):
    """All that is kept about a team; the password is kept as a hash and never shown."""

    submissions = OwnSubmissionSerializer(many=True)
    factsheets = FactsheetSerializer(many=True)

    class Meta:
        model = Team
        fields = ["name", "email", "kind", "kind_reason", "created_at", "submissions", "factsheets"]


class FactsheetView(ApiView):
    """The PDF in which a team details its approach to a phase."""

    authentication_classes = [TeamAuthentication, OrganizerAuthentication, DeskAuthentication]

    @extend_schema(
        operation_id="put_factsheet",
        request={"application/pdf": OpenApiTypes.BINARY},
        parameters=[DIGEST, TEAM, NOTE],
        responses=FactsheetSerializer,
    )
    def put(self, request: Request, slug: str, phase: str) -> Response:
        """Send the factsheet, until its deadline; another one takes its place."""
        found = _phase(slug, phase)
        team = self._team(request, found.challenge)
        factsheet = put_factsheet(
            found,
            team,
            read_body(request._request),
            self.received_at,
            sha256=content_digest(request),
            late_note=request.query_params.get("note", ""),
            by=organizer_name(request),
        )
        return Response(FactsheetSerializer(factsheet).data)

    @extend_schema(
        operation_id="download_factsheet",
        parameters=[TEAM],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, phase: str) -> FileResponse:
        """Download one's own factsheet; any team's as an organizer, or once the boards are open."""
        found = _phase(slug, phase)
        if request.user is None and boards_open(found, self.received_at):
            team = _named(found.challenge, request)
        else:
            team = self._team(request, found.challenge)
        factsheet = get_object_or_404(Factsheet, phase=found, team=team)
        return FileResponse(
            files.path(factsheet.sha256).open("rb"),
            as_attachment=True,
            filename=f"factsheet-{slug}-{phase}-{team.pk}.pdf",
            content_type="application/pdf",
            headers=PDF_HEADERS,
        )

    def _team(self, request: Request, challenge: Challenge) -> Team:
        """Return the team that asks, or whom an organizer names."""
        require_login(request)
        if isinstance(request.user, Claim):
            with slowed_down(request, challenge, self.received_at):
                return request.user.team_in(challenge)
        return _named(challenge, request)


class OwnTeamView(ApiView):
    """A team's own data."""

    authentication_classes = [TeamAuthentication]

    @extend_schema(operation_id="read_team", responses=TeamSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Export all that is kept about the team that asks."""
        challenge = get_object_or_404(Challenge, slug=slug)
        if not isinstance(request.user, Claim):
            raise NotAuthenticated("Log in with HTTP Basic: team name and password.")
        with slowed_down(request, challenge, self.received_at):
            team = request.user.team_in(challenge)
        return Response(TeamSerializer(team).data)


def _phase(slug: str, phase: str) -> Phase:
    phases = Phase.objects.select_related("challenge")
    return get_object_or_404(phases, challenge__slug=slug, slug=phase)


def _named(challenge: Challenge, request: Request) -> Team:
    """Return the team of `?team=`. Raises Http404 where there is none."""
    try:
        key: Any = team_key(request.query_params.get("team", ""))
    except Refused as refused:
        raise Http404 from refused
    return get_object_or_404(Team, challenge=challenge, key=key)
