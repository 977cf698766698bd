"""Accounts: who there is with which roles, invitations, and passwords."""

from typing import Any, cast

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ratings.api.parts.authentication import DeskAuthentication, organizer_name
from ratings.api.parts.json_views import (
    CURSOR,
    ApiView,
    Pages,
    PasswordField,
    StrictSerializer,
    TextField,
    page_of,
)
from ratings.api.parts.organizer_views import OrganizerView
from ratings.challenge.access import account_links
from ratings.challenge.access.accounts import (
    accounts,
    change_password,
    give_role,
    roles_held,
    take_role,
)
from ratings.challenge.access.limits import client_address
from ratings.challenge.access.links import LASTS, LONGEST_LABEL
from ratings.challenge.access.permissions import Permission
from ratings.challenge.models import AccountLink, Challenge, Membership

WHERE = OpenApiParameter(
    "challenge", str, required=True, description="Its slug; empty for the whole site."
)


class RoleSerializer(StrictSerializer):
    """A role, in the challenge of this slug or (null) on the whole site."""

    role = serializers.ChoiceField(Membership.Role.choices)
    challenge = TextField(max_length=50, allow_null=True)


class InviteSerializer(RoleSerializer):
    """Whom an invitation is for, and which role it gives."""

    label = TextField(max_length=LONGEST_LABEL)  # type: ignore[assignment]


class ChooseSerializer(StrictSerializer):
    """What somebody chooses by a link; an invitation asks for a name too."""

    name = TextField(max_length=150, required=False, default="")
    password = PasswordField()


class PasswordChangeSerializer(StrictSerializer):
    """One's own password, old and new."""

    old = PasswordField()
    new = PasswordField()


class LinkSerializer(serializers.Serializer[Any]):
    """A link to give to one person; it is shown this once."""

    url = serializers.URLField()
    expires_at = serializers.DateTimeField()


class AccountInvitationSerializer(serializers.ModelSerializer[AccountLink]):
    """An invitation that nobody has used yet."""

    challenge = serializers.SlugRelatedField[Challenge]("slug", read_only=True)

    class Meta:
        model = AccountLink
        fields = ["id", "label", "role", "challenge", "by", "created_at", "expires_at"]


class AccountSerializer(serializers.ModelSerializer[User]):
    """An account; without a role it may do nothing."""

    name = serializers.CharField(source="username")
    roles = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "name", "is_active", "last_login", "roles"]

    @extend_schema_field(RoleSerializer(many=True))
    def get_roles(self, user: User) -> list[dict[str, Any]]:
        """Return the roles that the account has."""
        return [
            {"role": held.role, "challenge": held.challenge and held.challenge.slug}
            for held in roles_held(user)
        ]


class AccountList(OrganizerView):
    """All accounts."""

    @extend_schema(
        operation_id="list_accounts", parameters=[CURSOR], responses=page_of(AccountSerializer)
    )
    def get(self, request: Request) -> Response:
        """List the accounts by name: their roles, and when they signed in last."""
        pages = Pages()
        pages.ordering = "username"
        rows = pages.paginate_queryset(accounts(), request, self)
        return pages.get_paginated_response(AccountSerializer(rows, many=True).data)


class AccountRole(OrganizerView):
    """The role of an account, in one challenge or on the whole site."""

    @extend_schema(operation_id="give_role", request=RoleSerializer, responses=AccountSerializer)
    def put(self, request: Request, account_id: int) -> Response:
        """Give the account a role, in place of the one that it has there."""
        user = get_object_or_404(accounts(), pk=account_id)
        body = RoleSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        challenge, by = _challenge(fields["challenge"]), organizer_name(request)
        give_role(user, fields["role"], challenge, by, self.received_at)
        return Response(AccountSerializer(accounts().get(pk=account_id)).data)

    @extend_schema(operation_id="take_role", parameters=[WHERE], responses={204: None})
    def delete(self, request: Request, account_id: int) -> Response:
        """Take the role away; with its last one the account's tokens end."""
        user = get_object_or_404(accounts(), pk=account_id)
        where = request.query_params.get("challenge")
        if where is None:
            raise serializers.ValidationError({"challenge": "Say where: a slug, or empty."})
        take_role(user, _challenge(where), organizer_name(request), self.received_at)
        return Response(status=204)


class PasswordReset(OrganizerView):
    """Where organizers let somebody choose a new password."""

    http_method_names = ["post", "options"]

    @extend_schema(operation_id="reset_password", request=None, responses={201: LinkSerializer})
    def post(self, request: Request, account_id: int) -> Response:
        """End the account's password, sessions and tokens; return a link to a new password."""
        user, by = get_object_or_404(accounts(), pk=account_id), cast(User, request.user)
        token = account_links.reset_password(user, by, self.received_at)
        return _link(self, request, token)


class AccountInvitations(OrganizerView):
    """Invitations to accounts."""

    @extend_schema(
        operation_id="list_account_invitations",
        parameters=[CURSOR],
        responses=page_of(AccountInvitationSerializer),
    )
    def get(self, request: Request) -> Response:
        """List the invitations that may still be used."""
        pages = Pages()
        waiting = account_links.open_invitations(self.received_at)
        rows = pages.paginate_queryset(waiting, request, self)
        return pages.get_paginated_response(AccountInvitationSerializer(rows, many=True).data)

    @extend_schema(operation_id="invite", request=InviteSerializer, responses={201: LinkSerializer})
    def post(self, request: Request) -> Response:
        """Make a link by which one person makes an account with a role."""
        body = InviteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        challenge, by = _challenge(fields["challenge"]), organizer_name(request)
        role, label = fields["role"], fields["label"]
        token = account_links.invite(label, role, challenge, by, self.received_at)
        return _link(self, request, token)


class AccountInvitation(OrganizerView):
    """One invitation."""

    @extend_schema(operation_id="uninvite", responses={204: None})
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Take an invitation back that nobody has used."""
        waiting = account_links.open_invitations(self.received_at)
        invitation = get_object_or_404(waiting, pk=invitation_id)
        account_links.uninvite(invitation, organizer_name(request), self.received_at)
        return Response(status=204)


class FollowLink(ApiView):
    """Where whoever has a link chooses a password."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="follow_link", request=ChooseSerializer, responses={201: AccountSerializer}
    )
    def post(self, request: Request, token: str) -> Response:
        """Make the account that the link invites to, or set the password that it is for; once."""
        body = ChooseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        name, password = body.validated_data["name"], body.validated_data["password"]
        user = account_links.follow_link(token, name, password, self.received_at)
        return Response(AccountSerializer(user).data, status=201)


class OwnPassword(OrganizerView):
    """One's own password."""

    reads = changes = Permission.ENTER
    anywhere = True

    @extend_schema(
        operation_id="change_own_password", request=PasswordChangeSerializer, responses={204: None}
    )
    def put(self, request: Request) -> Response:
        """Change it, with the old one; other sessions of the account end, its tokens stay."""
        body = PasswordChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        old, new = body.validated_data["old"], body.validated_data["new"]
        user, address = cast(User, request.user), client_address(request.META)
        change_password(user, old, new, address, self.received_at)
        if isinstance(request.successful_authenticator, DeskAuthentication):
            update_session_auth_hash(request._request, user)
        return Response(status=204)


def _challenge(slug: str | None) -> Challenge | None:
    """Return the challenge of a slug, None for the whole site. Raises ValidationError."""
    if not slug:
        return None
    challenge = Challenge.objects.filter(slug=slug).first()
    if challenge is None:
        raise serializers.ValidationError({"challenge": f"There is no challenge {slug!r}."})
    return challenge


def _link(view: ApiView, request: Request, token: str) -> Response:
    url = request.build_absolute_uri(reverse("web:account-link", args=[token]))
    body = {"url": url, "expires_at": view.received_at + LASTS}
    return Response(LinkSerializer(body).data, status=201)
