"""Which mail somebody gets, as a list of switches: shown, and set as they were sent."""

from dataclasses import dataclass

from django.http import HttpRequest

from ratings.notices.mail_choices import SITE_USER, choices_of, choose
from ratings.outbox.models import Event

Kind = Event.Kind
_TO_TEAM = {
    Kind.SCORED: "a submission of the team is scored",
    Kind.FAILED: "a submission of the team fails, with the cause",
    Kind.MOVED: "a deadline is moved",
    Kind.SOON: "a deadline is 24 hours away",
    Kind.ANNOUNCED: "the organizers announce something",
}
_TO_USER = {
    Kind.NEEDED: "a person is needed: a fault of the site, a decoder that waits, a ruling",
    Kind.FAILED: "a submission of any team fails",
    Kind.SCORED: "a submission of any team is scored",
    Kind.MOVED: "a deadline is moved",
    Kind.ANNOUNCED: "something is announced",
}


@dataclass(frozen=True)
class Switch:
    """One kind of mail, in words that follow "when", and whether it is on."""

    kind: str
    words: str
    is_on: bool


def switches(receiver: str) -> list[Switch]:
    """Return a receiver's switches, as they stand."""
    is_user = receiver == SITE_USER or receiver.startswith("user ")
    words = _TO_USER if is_user else _TO_TEAM
    return [Switch(kind, words[kind], is_on) for kind, is_on in choices_of(receiver).items()]


def set_switches(request: HttpRequest, receiver: str) -> None:
    """Set a receiver's switches as the page has sent them."""
    choose(receiver, request.POST.getlist("kind"))
