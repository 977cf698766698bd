"""Protocols that say whom a study takes."""

from dataclasses import replace
from datetime import datetime

import pytest

from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study
from ratings.comparisons.protocol import Platform, Protocol, Recruiting
from ratings.comparisons.raters.recruiting import EntryRequest, admit
from tests.builders import NOW
from tests.comparisons.builders import PLAIN

PROLIFIC = Platform(
    "prolific",
    completion_code="C1",
    screenout_code="S1",
    completion_url="https://app.prolific.com/submissions/complete?cc={code}",
)


def recruiting(
    *,
    open: bool = True,
    most_raters: int | None = None,
    one_session: bool = True,
    platforms: tuple[Platform, ...] = (),
    languages: tuple[str, ...] = ("en",),
) -> Protocol:
    """Return a plain protocol with these rules of recruiting."""
    rules = Recruiting(open, most_raters, one_session, platforms)
    return replace(PLAIN, recruiting=rules, languages=languages)


def refused(study: Study, entry: EntryRequest, now: datetime = NOW) -> str:
    """Return the code with which whoever asks to enter is refused."""
    with pytest.raises(Refused) as caught:
        admit(study, None, entry, now)
    return caught.value.code
