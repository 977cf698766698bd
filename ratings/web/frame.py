"""What every page of a challenge shares: who is asking, and where one can go from here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ratings.challenge.models import Challenge, Phase
from ratings.challenge.visibility import boards_open
from ratings.comparisons.models import Study


@dataclass(frozen=True)
class Way:
    """A link of the head of the page; `here` marks the page itself."""

    label: str
    url: str
    here: bool = False


def is_organizer(request: HttpRequest) -> bool:
    """Tell whether a signed-in organizer is asking."""
    return bool(request.user.is_active and request.user.is_staff)


def phases_with_boards(challenge: Challenge, now: datetime, *, organizer: bool) -> list[Phase]:
    """Return the phases whose boards may be seen, the latest first."""
    phases = challenge.phases.order_by("-position")
    return [phase for phase in phases if organizer or boards_open(phase, now)]


def board_url(phase: Phase) -> str:
    """Return the address of the phase's boards."""
    return reverse("web:board", args=[phase.challenge.slug, phase.slug])


def open_studies(challenge: Challenge) -> list[Study]:
    """Return the studies in which anybody may judge now."""
    found = Study.objects.filter(phase__challenge=challenge, is_open=True).order_by("pk")
    return [study for study in found if takes_anybody(study)]


def takes_anybody(study: Study) -> bool:
    """Tell whether whoever finds a study may judge in it: it is open, and not for those sent."""
    return study.is_open and study.how.recruiting.open


def challenge_frame(
    request: HttpRequest, challenge: Challenge, now: datetime, here: str = ""
) -> dict[str, Any]:
    """Return the context of a challenge's page: the challenge, its ways, its open studies."""
    slug = challenge.slug
    boards = phases_with_boards(challenge, now, organizer=is_organizer(request))
    studies = open_studies(challenge)
    ways = [("Overview", reverse("web:challenge", args=[slug]))]
    ways += [("Boards", board_url(boards[0]))] if boards else []
    ways += [
        ("How scores are made", reverse("web:method", args=[slug])),
        ("Submit", reverse("web:submit", args=[slug])),
    ]
    ways += [("Judge pictures", rate_url(studies[0]))] if studies else []
    return {
        "challenge": challenge,
        "ways": [Way(label, url, label == here) for label, url in ways],
        "studies": studies,
        "boards": boards,
    }


def rate_url(study: Study) -> str:
    """Return the address where people judge the study's pictures."""
    return reverse("web:rate", args=[study.slug])
