"""Members of a team: listed, invited, joined by a link, removed, let in again."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.entries.factsheet_calls import TEAM, SignatureField, named_team
from ratings.api.parts.authentication import (
    OrganizerAuthentication,
    PageAuthentication,
    TeamAuthentication,
    TeamLogin,
    actor_asking,
    is_organizer,
    organizer_name,
    require_login,
)
from ratings.api.parts.json_views import (
    CURSOR,
    ApiView,
    Pages,
    PasswordField,
    StrictSerializer,
    TextField,
    page_of,
)
from ratings.api.people.account_calls import LinkSerializer
from ratings.challenge.access.limits import client_address
from ratings.challenge.access.links import LASTS, LONGEST_LABEL
from ratings.challenge.access.visibility import seen
from ratings.challenge.models import AccountLink, Challenge, Member, Team
from ratings.challenge.teams.lost_passwords import link_expires
from ratings.challenge.teams.team_logins import Actor
from ratings.challenge.teams.team_members import (
    join_team,
    owner_of,
    remove_member,
    require_owner,
    reset_member,
    team_invitations,
    uninvite_member,
)
from ratings.jobs.mailing import invite_to_team


class MemberSerializer(serializers.ModelSerializer[Member]):
    """A member of a team; who joined first owns it."""

    is_owner = serializers.SerializerMethodField()

    class Meta:
        model = Member
        fields = ["id", "name", "email", "joined_at", "is_owner"]

    def get_is_owner(self, member: Member) -> bool:
        """Tell whether the member owns the team."""
        return member == owner_of(member.team)


class MemberInvitationSerializer(serializers.ModelSerializer[AccountLink]):
    """An invitation into a team that nobody has used yet."""

    by = SignatureField()

    class Meta:
        model = AccountLink
        fields = ["id", "label", "email", "by", "created_at", "expires_at"]


class InviteMemberSerializer(StrictSerializer):
    """Whom an invitation is for; it goes to the address, where the site sends mail."""

    label = TextField(max_length=LONGEST_LABEL)  # type: ignore[assignment]
    email = serializers.EmailField(max_length=128, required=False, default="")


class MemberLinkSerializer(LinkSerializer):
    """A link for one person, shown this once; empty where it goes to them by mail."""

    url = serializers.CharField()  # type: ignore[assignment]


class JoinSerializer(StrictSerializer):
    """What somebody chooses who joins a team."""

    name = TextField(max_length=128)
    password = PasswordField()
    email = serializers.EmailField(max_length=128, required=False, default="")


class MembersView(ApiView):
    """What a team asks about its members, or an organizer about those of the team they name."""

    authentication_classes = [TeamAuthentication, OrganizerAuthentication, PageAuthentication]

    def asked(self, request: Request, slug: str) -> Team:
        """Return the team that is asked about. Raises Http404, NotAuthenticated or Refused."""
        return self._asks(request, slug)[0]

    def owned(self, request: Request, slug: str, leaving: int | None = None) -> tuple[Team, str]:
        """Return the team, and how the act of its owner or of an organizer is signed.

        Whoever is `leaving` need not own it. Raises what `asked` does; Refused, code "not-owner".
        """
        team, actor = self._asks(request, slug)
        if actor is None:
            return team, organizer_name(request)
        if actor.member is None or actor.member.pk != leaving:
            require_owner(actor)
        return team, actor.signature

    def _asks(self, request: Request, slug: str) -> tuple[Team, Actor | None]:
        """Return the team, and who of it asks; None for organizers. A team names no other one."""
        challenge = _challenge(request, slug)
        require_login(request)
        if not isinstance(request.user, TeamLogin):
            return named_team(challenge, request), None
        actor = actor_asking(request, challenge, self.received_at)
        if "team" in request.query_params and named_team(challenge, request) != actor.team:
            raise Http404
        return actor.team, actor


class MemberList(MembersView):
    """All members of a team."""

    @extend_schema(
        operation_id="list_members",
        parameters=[TEAM, CURSOR],
        responses=page_of(MemberSerializer),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the team's members, its owner first."""
        pages = Pages()
        pages.ordering = "joined_at"
        found = self.asked(request, slug).members.select_related("team")
        rows = pages.paginate_queryset(found, request, self)
        return pages.get_paginated_response(MemberSerializer(rows, many=True).data)


class MemberView(MembersView):
    """One member."""

    @extend_schema(operation_id="remove_member", parameters=[TEAM], responses={204: None})
    def delete(self, request: Request, slug: str, member_id: int) -> Response:
        """Remove a member, as the team's owner, an organizer, or oneself."""
        team, by = self.owned(request, slug, leaving=member_id)
        remove_member(_member(team, member_id), by, self.received_at)
        return Response(status=204)


class MemberReset(MembersView):
    """Where a member's lost password is replaced."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="reset_member",
        request=None,
        parameters=[TEAM],
        responses={201: LinkSerializer},
    )
    def post(self, request: Request, slug: str, member_id: int) -> Response:
        """End a member's password; return a link to a new one, for the owner or an organizer."""
        team, by = self.owned(request, slug)
        token = reset_member(_member(team, member_id), by, self.received_at)
        url = request.build_absolute_uri(reverse("web:new-password", args=[slug, token]))
        body = {"url": url, "expires_at": link_expires(self.received_at)}
        return Response(LinkSerializer(body).data, status=201)


class MemberInvitations(MembersView):
    """Invitations into a team."""

    @extend_schema(
        operation_id="list_member_invitations",
        parameters=[TEAM, CURSOR],
        responses=page_of(MemberInvitationSerializer),
    )
    def get(self, request: Request, slug: str) -> Response:
        """List the invitations that may still be used."""
        team, pages = self.asked(request, slug), Pages()
        waiting = team_invitations(team, self.received_at)
        rows = pages.paginate_queryset(waiting, request, self)
        return pages.get_paginated_response(MemberInvitationSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="invite_member",
        request=InviteMemberSerializer,
        parameters=[TEAM],
        responses={201: MemberLinkSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Invite somebody into the team by a link that works once."""
        team, by = self.owned(request, slug)
        body = InviteMemberSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        address = client_address(request.META)
        token = invite_to_team(
            team, **body.validated_data, by=by, now=self.received_at, address=address
        )
        page = join_page(request, slug)
        shown = {"url": f"{page}{token}/" if token else "", "expires_at": self.received_at + LASTS}
        return Response(MemberLinkSerializer(shown).data, status=201)


class MemberInvitation(MembersView):
    """One invitation."""

    @extend_schema(operation_id="uninvite_member", parameters=[TEAM], responses={204: None})
    def delete(self, request: Request, slug: str, invitation_id: int) -> Response:
        """Take an invitation back that nobody has used."""
        team, by = self.owned(request, slug)
        waiting = team_invitations(team, self.received_at)
        uninvite_member(get_object_or_404(waiting, pk=invitation_id), by, self.received_at)
        return Response(status=204)


class JoinView(ApiView):
    """Where whoever has an invitation joins."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="join_team", request=JoinSerializer, responses={201: MemberSerializer}
    )
    def post(self, request: Request, slug: str, token: str) -> Response:
        """Join the team that the link invites to, by a name and password of one's own; once."""
        body = JoinSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        actor = join_team(_challenge(request, slug), token, self.received_at, **body.validated_data)
        return Response(MemberSerializer(actor.member).data, status=201)


def join_page(request: Request | HttpRequest, slug: str) -> str:
    """Return the address below which invitations into teams are taken."""
    return request.build_absolute_uri(reverse("web:team-members", args=[slug]) + "join/")


def _challenge(request: Request, slug: str) -> Challenge:
    return get_object_or_404(Challenge, seen(organizer=is_organizer(request)), slug=slug)


def _member(team: Team, member_id: int) -> Member:
    return get_object_or_404(team.members.select_related("team__challenge"), pk=member_id)
