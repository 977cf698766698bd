"""How many places are bought next and why no more, and who of those who came is paid.

Pure: what is known goes in, what is to be done comes out. Money is in minor units, whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ratings.recruiters.platform_trouble import Status

# Places that are paid, or will be if nothing speaks against it; and people who may still finish.
FINISHED = (Status.AWAITING_REVIEW, Status.APPROVED, Status.PARTIAL)
AT_WORK = (Status.RESERVED, Status.ACTIVE)


@dataclass(frozen=True)
class Terms:
    """What the definition says of buying places, and what the platform takes for one (`price`)."""

    step: int
    money_limit: int
    price: int
    most_places: int | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class PlaceTally:
    """How a recruitment stands: places ordered in all, submissions by status, bonuses' cost.

    `over` says why the study takes no more judgments, "" while it does; `takes` how many people it
    takes yet, those at work among them, None for any number.
    """

    places: int
    counts: Mapping[str, int]
    bonuses: int = 0
    over: str = ""
    takes: int | None = None

    @property
    def finished(self) -> int:
        """Places of people who came to their end."""
        return sum(self.counts.get(status, 0) for status in FINISHED)

    @property
    def at_work(self) -> int:
        """People who reserved a place, or are at it."""
        return sum(self.counts.get(status, 0) for status in AT_WORK)

    @property
    def pending(self) -> int:
        """Places that may still bring somebody: free ones, and those of people at work."""
        return max(0, self.places - self.finished)


@dataclass(frozen=True)
class Purchase:
    """The total of places from now on, and why recruiting ends; "" where it goes on."""

    places: int
    ends: str = ""


def affordable(terms: Terms, bonuses: int = 0) -> int:
    """Return how many places the money limit and the number of places allow in all."""
    by_money = max(0, terms.money_limit - bonuses) // max(1, terms.price)
    return by_money if terms.most_places is None else min(by_money, terms.most_places)


def next_places(terms: Terms, standing: PlaceTally, now: datetime) -> Purchase:
    """Return what is to become of a recruitment that is running.

    At most `step` places are pending, so no more are paid beyond what the ranking needed; the next
    ones are bought when half of them or fewer are left. The total never falls: platforms only let
    it rise. Places that people left are filled again by the platform, within the same total. None
    are bought for people whom the study would turn away: it may take more later.
    """
    stays = standing.places
    if standing.over:
        return Purchase(stays, standing.over)
    if terms.until and now >= terms.until:
        return Purchase(stays, f"The date has come: {terms.until.isoformat()}.")
    if standing.pending > terms.step // 2:
        return Purchase(stays)
    most = affordable(terms, standing.bonuses)
    ahead = terms.step if standing.takes is None else min(terms.step, standing.takes)
    wanted = min(standing.finished + ahead, most)
    if wanted > stays:
        return Purchase(wanted)
    if standing.pending == 0 and stays >= most:
        return Purchase(stays, _spent(terms, standing))
    return Purchase(stays)


def _spent(terms: Terms, standing: PlaceTally) -> str:
    """Say what stands against one more place."""
    if terms.most_places is not None and standing.places >= terms.most_places:
        return f"All {terms.most_places} places are taken."
    return "The money limit is reached: one more place would go beyond it."


def committed(price: int, standing: PlaceTally) -> int:
    """Return the most that the places ordered and the bonuses can cost."""
    return standing.places * price + standing.bonuses


class Fate(StrEnum):
    """What becomes of a submission that waits for a review."""

    APPROVE = "approve"
    # Nobody whom the site knows, or somebody who did not finish: a person looks.
    LOOK = "look"


class Came(StrEnum):
    """How far a person of a submission came, as the site knows it."""

    FINISHED = "finished"  # used or not: the work is done
    ENDED = "ended"  # early, by the study's rule, which pays
    LEFT_OUT = "left-out"  # stayed away too long, or found their places taken: little or no work
    REJECTED = "rejected"  # by an organizer, with a reason
    SCREENED_OUT = "screened-out"  # failed the practice
    UNFINISHED = "unfinished"
    UNKNOWN = "unknown"  # nobody came by this submission


WHY = {
    Came.REJECTED: "An organizer rejected this rater.",
    Came.LEFT_OUT: "Stayed away too long, or the places of their kind were taken.",
    Came.SCREENED_OUT: "Failed the practice.",
    Came.UNFINISHED: "Handed a code in and is not done here.",
    Came.UNKNOWN: "Nobody has come here by this submission.",
    Came.FINISHED: "Finished; the definition leaves approving to you.",
    Came.ENDED: "Ended early by the study's rule; the definition leaves approving to you.",
}


def fate(came: Came, *, approve: bool) -> Fate:
    """Return what becomes of a submission that waits; nobody is ever refused without a person."""
    return Fate.APPROVE if approve and came in (Came.FINISHED, Came.ENDED) else Fate.LOOK
