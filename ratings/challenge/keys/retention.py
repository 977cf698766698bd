"""How long files stay that nothing counts on, as a challenge's definition says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from ratings.challenge.keys.checks import whole

# Each key of `retention`, in days. Of submissions, open: after the phase has closed. Failed and
# superseded: after it has ended so, long enough to ask why. Staged: after a picture file was sent.
DEFAULTS: Mapping[str, int] = {
    "open_days": 30,
    "failed_days": 30,
    "superseded_days": 30,
    "staged_days": 30,
}
MOST_DAYS = 36_500


@dataclass(frozen=True)
class GivenRetention:
    """The `retention` of a challenge, each in days, None where its definition leaves it out."""

    open_days: Annotated[int | None, whole(0, MOST_DAYS)] = None
    failed_days: Annotated[int | None, whole(0, MOST_DAYS)] = None
    superseded_days: Annotated[int | None, whole(0, MOST_DAYS)] = None
    staged_days: Annotated[int | None, whole(0, MOST_DAYS)] = None


def retention(given: Mapping[str, int], key: str) -> timedelta:
    """Return how long the files stay by this key, from what a challenge sets."""
    return timedelta(days=given.get(key, DEFAULTS[key]))
