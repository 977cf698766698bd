"""What a platform's answers mean: statuses as Prolific writes them, and calls that came to nothing.

A message never holds the token: it is of the platform's answer alone, and cut.
"""

from enum import StrEnum

LONGEST_WORDS = 300


class Status(StrEnum):
    """Of a submission; what is not known is kept as it was told."""

    RESERVED = "RESERVED"
    ACTIVE = "ACTIVE"
    AWAITING_REVIEW = "AWAITING REVIEW"
    APPROVED = "APPROVED"
    PARTIAL = "PARTIALLY APPROVED"
    SCREENED_OUT = "SCREENED OUT"
    REJECTED = "REJECTED"
    RETURNED = "RETURNED"
    TIMED_OUT = "TIMED-OUT"


class RemoteState(StrEnum):
    """Of a study at the platform."""

    UNPUBLISHED = "UNPUBLISHED"
    PUBLISHING = "PUBLISHING"
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    AWAITING_REVIEW = "AWAITING REVIEW"
    COMPLETED = "COMPLETED"


def told_status(text: str) -> str:
    """Return a status as `Status` and `RemoteState` write it: platforms differ in underscores."""
    upper = text.upper().replace("_", " ")
    return Status.TIMED_OUT.value if upper == "TIMED OUT" else upper


class PlatformAway(Exception):
    """A call without an answer, or one to be made later; it may have taken effect.

    `mend` is what a person can do; `after` how many seconds the platform asks to wait, if it does.
    `untouched` tells that the call was turned away at the door: it has taken no effect.
    """

    def __init__(
        self, what: str, mend: str, *, after: float | None = None, untouched: bool = False
    ) -> None:
        super().__init__(what[:LONGEST_WORDS])
        self.mend = mend
        self.after = after
        self.untouched = untouched


class PlatformRefused(Exception):
    """A call that the platform refuses for good, in its words."""

    def __init__(self, what: str) -> None:
        super().__init__(what[:LONGEST_WORDS])
