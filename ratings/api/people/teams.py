"""Teams: registered, changed, let in again where a password is lost, and all that is kept."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.factsheet_calls import FactsheetSerializer, SignatureField
from ratings.api.parts.authentication import (
    Claim,
    PageAuthentication,
    TeamAuthentication,
    actor_asking,
)
from ratings.api.parts.json_views import ApiView, PasswordField, StrictSerializer, TextField
from ratings.api.people.member_calls import MemberSerializer
from ratings.challenge.access.limits import REGISTERING, client_address
from ratings.challenge.access.visibility import seen
from ratings.challenge.models import Challenge, Phase, Team
from ratings.challenge.teams.lost_passwords import renew_password
from ratings.challenge.teams.team_accounts import register
from ratings.challenge.teams.team_logins import Actor, change_account
from ratings.jobs.mailing import ask_for_password_link
from ratings.submissions.models import Submission


class NewTeamSerializer(StrictSerializer):
    """A new team."""

    name = TextField(max_length=128, help_text="As boards will show it.")
    password = PasswordField()
    email = serializers.EmailField(max_length=128, help_text="Where organizers reach the team.")


class ChangeSerializer(StrictSerializer):
    """What is to be changed; what is left out stays."""

    password = PasswordField(required=False)
    email = serializers.EmailField(
        max_length=128, required=False, allow_blank=True, help_text="A member may have none."
    )


class LostPasswordSerializer(StrictSerializer):
    """Whose password is lost."""

    name = TextField(max_length=128)


class NewPasswordSerializer(StrictSerializer):
    """The new password."""

    password = PasswordField()


class OwnSubmissionSerializer(serializers.ModelSerializer[Submission]):
    """A submission, in a team's own data."""

    phase = serializers.SlugRelatedField[Phase]("slug", read_only=True)
    begun_by, submitted_by = SignatureField(), SignatureField()

    class Meta:
        model = Submission
        fields = [
            *("id", "phase", "method", "state", "begun_by", "submitted_by"),
            *("created_at", "submitted_at", "finished_at"),
        ]


class TeamSerializer(serializers.ModelSerializer[Team]):
    """All that is kept about a team; the password is kept as a hash and never shown."""

    members = MemberSerializer(many=True)
    submissions = OwnSubmissionSerializer(many=True)
    factsheets = FactsheetSerializer(many=True)

    class Meta:
        model = Team
        fields = [
            *("name", "email", "kind", "kind_reason", "created_at"),
            *("members", "submissions", "factsheets"),
        ]


class TeamList(ApiView):
    """Where teams are registered."""

    @extend_schema(
        operation_id="register_team", request=NewTeamSerializer, responses={201: TeamSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Register a team, before its first submission or without one."""
        challenge = get_object_or_404(Challenge, seen(organizer=False), slug=slug)
        body = NewTeamSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        REGISTERING.count(slug, client_address(request.META), self.received_at)
        return Response(TeamSerializer(register(challenge, **body.validated_data)).data, status=201)


class OwnTeamView(ApiView):
    """A team's own data."""

    authentication_classes = [TeamAuthentication, PageAuthentication]

    @extend_schema(operation_id="read_team", responses=TeamSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Export all that is kept about the team that asks."""
        return Response(TeamSerializer(self._actor(request, slug).team).data)

    @extend_schema(operation_id="change_team", request=ChangeSerializer, responses=TeamSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change password or e-mail address of who logs in: the team's, or a member's own."""
        if not isinstance(request.user, Claim):
            raise NotAuthenticated("Log in with HTTP Basic: team name and password.")
        body = ChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        actor = self._actor(request, slug)
        if body.validated_data.get("email") == "" and actor.member is None:
            raise serializers.ValidationError({"email": "A team keeps an address; send another."})
        change_account(actor.holder, **body.validated_data)
        return Response(TeamSerializer(actor.team).data)

    def _actor(self, request: Request, slug: str) -> Actor:
        challenge = get_object_or_404(Challenge, seen(organizer=False), slug=slug)
        return actor_asking(request, challenge, self.received_at)


class LostPasswordView(ApiView):
    """Where a team asks for a link to a new password."""

    @extend_schema(
        operation_id="lose_password", request=LostPasswordSerializer, responses={204: None}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Send a link to the team's address; the answer doesn't tell whether there is one."""
        challenge = get_object_or_404(Challenge, seen(organizer=False), slug=slug)
        body = LostPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        name, address = body.validated_data["name"], client_address(request.META)
        ask_for_password_link(challenge, name, address, self.received_at)
        return Response(status=204)


class NewPasswordView(ApiView):
    """Where the link's token sets a new password."""

    @extend_schema(
        operation_id="renew_password", request=NewPasswordSerializer, responses=TeamSerializer
    )
    def post(self, request: Request, slug: str, token: str) -> Response:
        """Set a new password by the token at the end of the link."""
        challenge = get_object_or_404(Challenge, seen(organizer=False), slug=slug)
        body = NewPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        actor = renew_password(challenge, token, body.validated_data["password"])
        return Response(TeamSerializer(actor.team).data)
