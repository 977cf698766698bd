"""Addresses of the site's pages as letters and hooks have them: from its settings alone."""

from django.conf import settings
from django.urls import reverse

from ratings.challenge.models import Challenge
from ratings.submissions.models import Submission


def absolute(path: str) -> str:
    """Return the whole address of a path that begins with a slash."""
    return f"{settings.SITE_ADDRESS}{path}"


def challenge_page(challenge: Challenge) -> str:
    """Return where everybody reads of a challenge."""
    return absolute(reverse("web:challenge", args=[challenge.slug]))


def submission_page(submission: Submission, *, to_team: bool) -> str:
    """Return where a team sees its submission, or an organizer does."""
    if not to_team:
        return absolute(reverse("web:desk-submission", args=[submission.pk]))
    slug = submission.phase.challenge.slug
    return absolute(reverse("web:own-submission", args=[slug, submission.pk]))


def password_page(challenge: Challenge, token: str) -> str:
    """Return where a token sets a new password."""
    return absolute(reverse("web:new-password", args=[challenge.slug, token]))


def join_page(challenge: Challenge, token: str) -> str:
    """Return where a token lets somebody join a team."""
    return absolute(reverse("web:team-join", args=[challenge.slug, token]))


def stop_page(token: str) -> str:
    """Return where a token switches mail off."""
    return absolute(reverse("web:mail-choices", args=[token]))


def hooks_path(challenge: int) -> str:
    """Return the path of the desk's page of a challenge's hooks; "" where it is gone."""
    slug = Challenge.objects.filter(pk=challenge).values_list("slug", flat=True).first()
    return reverse("web:desk-hooks", args=[slug]) if slug else ""
