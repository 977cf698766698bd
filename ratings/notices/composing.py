"""A letter of what happened: one of all that came together, so that nobody gets three hundred."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from django.contrib.auth.models import User
from django.urls import reverse

from ratings.challenge.models import AccountLink, Member, Team
from ratings.notices.account_letters import invitation_letter, password_letter
from ratings.notices.addressees import Addressee, addressee_of
from ratings.notices.event_words import EventWords, tell
from ratings.notices.mail_choices import choices_of
from ratings.notices.site_pages import absolute, stop_page
from ratings.notices.stop_links import stop_token
from ratings.outbox.letters import Letter
from ratings.outbox.models import Event

MOST_TOLD = 20  # in one letter; of what is left the number
FOOT = """
--
Sent to {whom} by {site}
Which mail you get, or none at all: {stop}
"""


def compose(receiver: str, events: Sequence[Event], now: datetime) -> Letter | None:
    """Return the letter that tells a receiver of events; None where there is nothing to tell.

    Neither is there to whom has left, or wants no such mail any more.
    """
    addressee = addressee_of(receiver)
    if addressee is None:
        return None
    if isinstance(addressee, AccountLink):
        return invitation_letter(addressee)
    if events[0].kind == Event.Kind.PASSWORD:
        return None if isinstance(addressee, User) else password_letter(addressee)
    wanted = {kind for kind, is_on in choices_of(receiver).items() if is_on}
    to_team = not isinstance(addressee, User)
    still = [event for event in events if event.kind in wanted]
    words = (tell(event, now, to_team=to_team) for event in still)
    told = list(islice(filter(None, words), MOST_TOLD))
    left = max(0, len(still) - MOST_TOLD) if len(told) == MOST_TOLD else 0
    return _letter(addressee, receiver, told, left) if told else None


def _letter(addressee: Addressee, receiver: str, told: Sequence[EventWords], left: int) -> Letter:
    stop = stop_page(stop_token(receiver))
    foot = FOOT.format(whom=_whom(addressee), site=absolute("/"), stop=stop)
    blocks = [_block(one) for one in told]
    if left:
        blocks.append(f"... and {left} more: {absolute(_home(addressee))}\n")
    subject = _subject(addressee, told, left)
    return Letter(addressee.email, subject, "\n".join(blocks) + foot, stop)


def _block(told: EventWords) -> str:
    lines = [told.heading, *(f"  {line}" if line else "" for line in told.lines)]
    return "\n".join([*lines, f"  {told.url}"]) + "\n"


def _subject(addressee: Addressee, told: Sequence[EventWords], left: int) -> str:
    more = len(told) - 1 + left
    about = f"{told[0].heading}, and {more} more" if more else told[0].heading
    if isinstance(addressee, Team | Member):
        return f"{addressee.challenge.name}: {about}"
    return about


def _whom(addressee: Addressee) -> str:
    if isinstance(addressee, Member):
        return f"{addressee.name}, of the team {addressee.team.name},"
    if isinstance(addressee, Team):
        return f"the team {addressee.name}"
    return str(addressee)


def _home(addressee: Addressee) -> str:
    if isinstance(addressee, Team | Member):
        return reverse("web:submit", args=[addressee.challenge.slug])
    return reverse("web:desk")
