"""What of a challenge is cited: itself, and each of its frozen rankings."""

from datetime import datetime

from ratings.challenge.models import Challenge
from ratings.ranking.frozen.citations import Citation
from ratings.ranking.frozen.frozen_rankings import read
from ratings.ranking.models import FrozenRanking

VERSION_DIGITS = 12


def cited_challenge(challenge: Challenge, url: str, now: datetime) -> Citation:
    """Return how a challenge is cited: of the day on which its last phase ended, or of today."""
    ends = challenge.phases.order_by("-closes_at").values_list("closes_at", flat=True).first()
    return Citation(
        key=challenge.slug,
        title=challenge.name,
        authors=authors(challenge),
        published=min(ends or challenge.created_at, now).date(),
        url=url,
        doi=challenge.doi,
        license=challenge.license,
    )


def cited_ranking(frozen: FrozenRanking, url: str) -> Citation:
    """Return how a frozen ranking is cited."""
    kept, challenge = read(frozen), frozen.phase.challenge
    of = kept.get("series_name") or kept["phase_name"]
    part = f", {kept['dataset_name']}" if kept["dataset_name"] else ""
    return Citation(
        key=f"{challenge.slug}-{frozen.digest[:VERSION_DIGITS]}",
        title=f"{kept['challenge_name']}: {of}, {kept['study_name']}{part}",
        authors=authors(challenge),
        published=frozen.computed_at.date(),
        url=url,
        version=frozen.digest[:VERSION_DIGITS],
        doi=challenge.doi,
        license=challenge.license,
    )


def authors(challenge: Challenge) -> list[str]:
    """Return who is cited: the organizers, by the challenge's name where they give none."""
    return list(challenge.organizers) or [f"Organizers of {challenge.name}"]
