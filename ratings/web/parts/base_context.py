"""What every page of a challenge shares: who is asking, and where one can go from here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from ratings.challenge.access.permissions import Permission, may_there
from ratings.challenge.access.visibility import boards_frozen, boards_open, seen
from ratings.challenge.calendar import phase_state
from ratings.challenge.models import Challenge, Phase
from ratings.comparisons.models import Study
from ratings.submissions.models import Submission
from ratings.web.parts.shared_pages import feed_of, shared_page
from ratings.web.parts.viewpoint import preview_of


@dataclass(frozen=True)
class Way:
    """A link of the head of the page; `here` marks the page itself."""

    label: str
    url: str
    here: bool = False


def is_organizer(request: HttpRequest) -> bool:
    """Tell whether one is asking who may read at the desk what the page is about.

    In a preview it is nobody: organizers look at it as somebody else.
    """
    return _may(request, Permission.READ)


def may_change(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """Let every template ask whether the user may change what the page is about."""
    return {"may_change": lambda: _may(request, Permission.CHANGE)}


def _may(request: HttpRequest, permission: Permission) -> bool:
    in_earnest = preview_of(request) is None
    return in_earnest and may_there(request.user, permission, request.resolver_match)


def visible_challenge(request: HttpRequest, slug: str) -> Challenge:
    """Return a challenge, framed. Raises Http404 for a draft where no organizer asks."""
    visible = Challenge.objects.filter(seen(organizer=is_organizer(request)))
    challenge: Challenge = get_object_or_404(framed(visible), slug=slug)
    return challenge


def framed(challenges: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """Let challenges come with what their frames need, in the same few queries for any number."""
    return challenges.prefetch_related(*_phases_and_studies())


def _phases_and_studies() -> "list[Prefetch[str, QuerySet[Any], str]]":
    scored = Submission.objects.filter(phase=OuterRef("pk"), state=Submission.State.SCORED)
    phases = Phase.objects.annotate(has_scores=Exists(scored)).order_by("position")
    studies = Study.objects.order_by("pk")
    return [Prefetch("phases", phases), Prefetch("phases__studies", studies)]


def phases_with_boards(challenge: Challenge, now: datetime, *, organizer: bool) -> list[Phase]:
    """Return the phases whose boards may be seen, the latest first."""
    phases = sorted(challenge.phases.all(), key=lambda phase: -phase.position)
    return [phase for phase in phases if organizer or boards_open(phase, now)]


def foremost(phases: Sequence[Phase], now: datetime) -> Phase | None:
    """Return the phase whose boards say most, of framed ones: the latest with anything on them.

    One that everybody sees comes before one that only organizers do; where none has anything on
    it, it is the latest that has begun.
    """
    public = [phase for phase in phases if boards_open(phase, now)]
    ranked = [*public, *phases]
    scored = [phase for phase in ranked if phase.has_scores]  # type: ignore[attr-defined]
    begun = [phase for phase in ranked if phase_state(phase, now) != "upcoming"]
    return next(iter([*scored, *begun, *phases]), None)


def closed_phases(request: HttpRequest, phases: Iterable[Phase], now: datetime) -> frozenset[str]:
    """Return the slugs of those phases of which whoever asks sees frozen boards and no more."""
    if is_organizer(request):
        return frozenset()
    return frozenset(phase.slug for phase in phases if boards_frozen(phase, now))


def board_url(phase: Phase) -> str:
    """Return the address of the phase's boards."""
    return reverse("web:board", args=[phase.challenge.slug, phase.slug])


def open_studies(challenge: Challenge) -> list[Study]:
    """Return the studies in which anybody may judge now, of a framed challenge."""
    studies = [study for phase in challenge.phases.all() for study in phase.studies.all()]
    return sorted(filter(takes_anybody, studies), key=lambda study: study.pk)


def takes_anybody(study: Study) -> bool:
    """Tell whether whoever finds a study may judge in it: it is open, and not for those sent."""
    return study.is_open and study.protocol.recruiting.open


def challenge_frame(
    request: HttpRequest, challenge: Challenge, now: datetime, here: str = ""
) -> dict[str, Any]:
    """Return the context of a challenge's page: the challenge, its ways, its open studies.

    `foremost` is the phase whose boards come first to whoever asks, None where there is none.
    """
    slug = challenge.slug
    prefetch_related_objects([challenge], *_phases_and_studies())
    boards = phases_with_boards(challenge, now, organizer=is_organizer(request))
    first = foremost(boards, now)
    studies = open_studies(challenge)
    ways = [("Overview", reverse("web:challenge", args=[slug]))]
    ways += [("Boards", board_url(first))] if first else []
    ways += [
        ("How scores are made", reverse("web:method", args=[slug])),
        ("Submit", reverse("web:submit", args=[slug])),
    ]
    ways += [("Judge pictures", rate_url(studies[0]))] if studies else []
    return {
        "challenge": challenge,
        "shared": None
        if challenge.draft
        else shared_page(request, challenge.name, challenge.summary, feed_of(challenge)),
        "ways": [Way(label, url, label == here) for label, url in ways],
        "studies": studies,
        "foremost": first,
    }


def rate_url(study: Study) -> str:
    """Return the address where people judge the study's pictures."""
    return reverse("web:rate", args=[study.slug])
