"""Accounts: roles, links, tokens, and failures to sign in."""

from django.conf import settings
from django.db import models

from ratings.challenge.models.challenges import Challenge
from ratings.challenge.models.teams import Team


class Membership(models.Model):
    """A role of a user, in one challenge or (without one) on the whole site.

    What each permits is in `permissions`. Organizers of the whole site have none here: `is_staff`
    says it of them, so that Django's own commands make them.
    """

    class Role(models.TextChoices):
        VIEWER = "viewer", "viewer"
        PANEL = "panel", "panel member"
        ORGANIZER = "organizer", "organizer"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "challenge"], nulls_distinct=False, name="membership_unique"
            ),
            models.CheckConstraint(
                condition=~models.Q(role="organizer", challenge=None),
                name="membership_no_site_organizer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.challenge or 'the site'}"


class AccountLink(models.Model):
    """A link by which somebody chooses a password, once; only its SHA-256 is kept, until then.

    With a user it is for their lost password, without one an invitation: to be a member of a team,
    or to an account of a role.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="account_links"
    )
    label = models.CharField(max_length=100, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="invitations")
    email = models.EmailField(blank=True, max_length=128)  # where it was sent, if it was
    role = models.CharField(max_length=12, choices=Membership.Role, blank=True)
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="+")
    by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label or str(self.user)


class AccessToken(models.Model):
    """A bearer token of an organizer or a script; only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    label = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.label


class SpentLimit(models.Model):
    """How far a limit is used up: until when what was done is worked off."""

    # A keyed digest of the limit, and of whom or which address it counts.
    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField()
