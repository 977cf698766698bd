"""Factsheets: sent by teams, read by them, by organizers, and by all once the boards are open."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import (
    DeskAuthentication,
    OrganizerAuthentication,
    TeamAuthentication,
    TeamLogin,
    actor_asking,
    is_organizer,
    organizer_name,
    require_login,
)
from ratings.api.parts.downloads import send_file, stored
from ratings.api.parts.json_views import ApiView
from ratings.api.parts.uploads import DIGEST, PDF, content_digest, read_body
from ratings.challenge.access.visibility import boards_open, seen
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_logins import told_to_team
from ratings.challenge.teams.team_names import team_key
from ratings.submissions.intake.factsheets import put_factsheet
from ratings.submissions.models import Factsheet

TEAM = OpenApiParameter("team", str, description="By organizers: whose factsheet it is.")
NOTE = OpenApiParameter("note", str, description="By organizers: why it is taken in late.")
PDF_HEADERS = {
    # A stranger's document: never shown within the site, whatever a browser thinks of it.
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class SignatureField(serializers.CharField):
    """Who did something for a team, as the team reads it."""

    def to_representation(self, value: str) -> str:
        """Return a member, the team, or an organizer, who has no name here."""
        return told_to_team(value)


class FactsheetSerializer(serializers.ModelSerializer[Factsheet]):
    """A factsheet that was received."""

    bytes = serializers.IntegerField(source="size_bytes")
    received_from = SignatureField()

    class Meta:
        model = Factsheet
        fields = ["bytes", "sha256", "received_at", "received_from"]


class FactsheetView(ApiView):
    """The PDF in which a team details its approach to a phase."""

    authentication_classes = [TeamAuthentication, OrganizerAuthentication, DeskAuthentication]

    @extend_schema(
        operation_id="put_factsheet",
        request=PDF,
        parameters=[DIGEST, TEAM, NOTE],
        responses=FactsheetSerializer,
    )
    def put(self, request: Request, slug: str, phase: str) -> Response:
        """Send the factsheet, until its deadline; another one takes its place."""
        shown_phase = _phase(request, slug, phase)
        team, by = self._asks(request, shown_phase.challenge)
        factsheet = put_factsheet(
            shown_phase,
            team,
            read_body(request),
            self.received_at,
            sha256=content_digest(request),
            late_note=request.query_params.get("note", ""),
            by=by,
        )
        return Response(FactsheetSerializer(factsheet).data)

    @extend_schema(
        operation_id="download_factsheet",
        parameters=[TEAM],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, phase: str) -> HttpResponseBase:
        """Download one's own factsheet; any team's as an organizer, or once the boards are open."""
        shown_phase = _phase(request, slug, phase)
        if request.user is None and boards_open(shown_phase, self.received_at):
            team = named_team(shown_phase.challenge, request)
        else:
            team, _ = self._asks(request, shown_phase.challenge)
        factsheet = get_object_or_404(Factsheet, phase=shown_phase, team=team)
        name = f"factsheet-{slug}-{phase}-{team.pk}.pdf"
        file = stored(factsheet.sha256, "application/pdf", name, attached=True)
        return send_file(request, file, PDF_HEADERS)

    def _asks(self, request: Request, challenge: Challenge) -> tuple[Team, str]:
        """Return the team that asks, or whom an organizer names; and how the act is signed."""
        require_login(request)
        if isinstance(request.user, TeamLogin):
            actor = actor_asking(request, challenge, self.received_at)
            return actor.team, actor.signature
        return named_team(challenge, request), organizer_name(request)


def _phase(request: Request, slug: str, phase: str) -> Phase:
    visible = seen(organizer=is_organizer(request), challenge="challenge__")
    phases = Phase.objects.select_related("challenge").filter(visible)
    return get_object_or_404(phases, challenge__slug=slug, slug=phase)


def named_team(challenge: Challenge, request: Request) -> Team:
    """Return the team of `?team=`. Raises Http404 where there is none."""
    try:
        key: Any = team_key(request.query_params.get("team", ""))
    except Refused as refused:
        raise Http404 from refused
    return get_object_or_404(Team, challenge=challenge, key=key)
