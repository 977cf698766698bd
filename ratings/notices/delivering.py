"""One turn of whoever delivers: events are spread, and what is due is sent."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from ratings.challenge.teams.lost_passwords import mail_is_set_up
from ratings.notices import spreading
from ratings.notices.composing import compose
from ratings.notices.hook_bodies import hook_body, message_name
from ratings.notices.hook_rules import secrets_of
from ratings.notices.site_pages import hooks_path
from ratings.outbox.dispatching import (
    URGENT,
    Errand,
    claim_next,
    conclude,
    prune,
    put_off,
    spread,
    waiting_events,
)
from ratings.outbox.hook_posting import HookAway, HookRefused, post_signed
from ratings.outbox.hook_signing import signed_headers
from ratings.outbox.letters import as_mail
from ratings.outbox.models import Dispatch, Event, Hook
from ratings.outbox.recording import call_for_a_person
from ratings.outbox.retry_times import FIRST_WAIT

Clock = Callable[[], datetime]
Outcome = Dispatch.Outcome
# A turn holds a worker of the site's; what is left is sent by the next one.
TURN_SECONDS = 15.0
# A hook that takes nothing for so long is left alone.
DISABLED_AFTER = timedelta(days=5)
GONE = 410  # HTTP: the receiver wants no more
_log = logging.getLogger(__name__)


def deliver(now: Clock) -> None:
    """Spread what has happened, and send what is due, for a while."""
    ends = time.monotonic() + TURN_SECONDS
    _spread_waiting(now, ends)
    while time.monotonic() < ends and (errand := claim_next(now())):
        if errand.hook:
            _post(errand, errand.hook, now)
        else:
            _mail(errand, now)
    prune(now())


def _spread_waiting(now: Clock, ends: float) -> None:
    """Spread events, those first that happened first; many at once are often of one kind."""
    asked: dict[tuple[object, ...], tuple[list[str], list[Hook]]] = {}
    for event in waiting_events():
        if time.monotonic() >= ends:
            return
        alike = (event.kind, event.challenge, event.team, event.kind in URGENT and event.about)
        if alike not in asked:
            asked[alike] = spreading.receivers(event), spreading.hooks(event)
        spread(event, *asked[alike], now())


def _mail(errand: Errand, now: Clock) -> None:
    letter = compose(errand.receiver, errand.events, now()) if mail_is_set_up() else None
    if letter is None or errand.letter is None:
        conclude(errand, Outcome.DROPPED, now())
        return
    try:
        as_mail(letter, errand.letter, get_connection()).send()
    except SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        _not_mailed(errand, now, code, is_for_good=code >= 500)
    except SMTPResponseException as error:
        _not_mailed(errand, now, error.smtp_code)
    except (SMTPException, OSError) as error:
        _log.warning("The mail server can't be reached: %s", type(error).__name__)
        _not_mailed(errand, now, None)
        put_off(Dispatch.objects.filter(hook=None), now() + FIRST_WAIT)
    else:
        conclude(errand, Outcome.DELIVERED, now())


def _not_mailed(errand: Errand, now: Clock, code: int | None, *, is_for_good: bool = False) -> None:
    """Put on record that a mail server took nothing; its words may have an address in them."""
    error = f"the mail server said {code}" if code else "the mail server can't be reached"
    outcome = Outcome.GIVEN_UP if is_for_good else Outcome.OPEN
    _conclude_failed(errand, outcome, now, code, error)


def _post(errand: Errand, hook: Hook, now: Clock) -> None:
    if hook.disabled_at:
        conclude(errand, Outcome.DROPPED, now())
        return
    (event,) = errand.events
    body = hook_body(event)
    headers = signed_headers(secrets_of(hook, now()), message_name(event), now(), body)
    try:
        status = post_signed(hook.url, headers, body, here=settings.HOOKS_HERE)
    except HookRefused as refused:
        _not_posted(errand, hook, now, None, str(refused))
    except HookAway as away:
        _not_posted(errand, hook, now, None, str(away))
    else:
        if 200 <= status < 300:
            Hook.objects.filter(pk=hook.pk).update(failing_since=None)
            conclude(errand, Outcome.DELIVERED, now(), status=status)
        else:
            _not_posted(errand, hook, now, status, "")


def _not_posted(errand: Errand, hook: Hook, now: Clock, status: int | None, error: str) -> None:
    """Let what is due there wait too: it would only meet the same."""
    at = now()
    since = hook.failing_since or at
    Hook.objects.filter(pk=hook.pk).update(failing_since=since)
    _conclude_failed(errand, Outcome.OPEN, now, status, error)
    if status == GONE or at - since >= DISABLED_AFTER:
        why = "says that it is gone" if status == GONE else "took nothing for five days"
        _disable(hook, why, at)
    put_off(Dispatch.objects.filter(hook=hook), errand.dispatches[0].next_at)


def _disable(hook: Hook, why: str, at: datetime) -> None:
    with transaction.atomic():
        Hook.objects.filter(pk=hook.pk).update(disabled_at=at)
        words = f"A hook {why} and is disabled. Mend the receiver and enable it, or remove it."
        single = f"hook {hook.pk} disabled {at.isoformat()}"
        path = hooks_path(hook.challenge)
        call_for_a_person(words, at, single=single, challenge=hook.challenge, path=path)


def _conclude_failed(
    errand: Errand, outcome: Outcome, now: Clock, status: int | None, error: str
) -> None:
    """Conclude an attempt; what is given up is told to a person, once a day."""
    at = now()
    with transaction.atomic():
        given_up = conclude(errand, outcome, at, status=status, error=error)
        if given_up and any(event.kind != Event.Kind.NEEDED for event in errand.events):
            words = (
                "Some of what the site had to tell could not be delivered, and is given up. "
                "The desk's page of mail lists it."
            )
            single = f"given up {at.date()}"
            call_for_a_person(words, at, single=single, path="/desk/mail/")
