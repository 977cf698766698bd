"""Hooks as organizers have them: added, tried, given another secret, removed; on record."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from ratings.challenge.access.audit_log import record
from ratings.challenge.models import AuditEntry, Challenge
from ratings.challenge.refusals import Refused
from ratings.outbox.hook_posting import HookAway, HookRefused, allowed_addresses, read_target
from ratings.outbox.hook_signing import new_secret
from ratings.outbox.models import Dispatch, Event, Hook

MOST_HOOKS = 10  # of one challenge
# What is sent is signed with the secret before too, for so long after a rotation.
BOTH_FOR = timedelta(hours=24)
HOOK_KINDS = tuple(
    kind
    for kind in Event.Kind
    if kind not in (Event.Kind.PASSWORD, Event.Kind.INVITED, Event.Kind.TEST)
)
Kind = AuditEntry.Kind


def hooks_of(challenge: Challenge) -> QuerySet[Hook]:
    """Return a challenge's hooks, the oldest first."""
    return Hook.objects.filter(challenge=challenge.pk)


def deliveries_of(challenge: Challenge) -> QuerySet[Dispatch]:
    """Return what was sent to a challenge's hooks, or is on its way, the newest first."""
    rows = Dispatch.objects.filter(hook__challenge=challenge.pk)
    return rows.select_related("event", "hook").order_by("-event__at", "-pk")


def add_hook(challenge: Challenge, url: str, kinds: Sequence[str], by: str, at: datetime) -> Hook:
    """Add a hook; its secret is to be shown once. Raises Refused, code "hook"."""
    require_hook(url, kinds)
    with transaction.atomic():
        Challenge.objects.select_for_update().get(pk=challenge.pk)
        if hooks_of(challenge).count() >= MOST_HOOKS:
            raise Refused("hook", f"There are {MOST_HOOKS} hooks already; remove one.")
        record(challenge, Kind.HOOK, by, at, subject=host_of(url))
        return Hook.objects.create(
            challenge=challenge.pk,
            url=url,
            kinds=list(kinds),
            secret=new_secret(),
            by=by,
            created_at=at,
        )


def require_hook(url: str, kinds: Sequence[str]) -> None:
    """Raise Refused, code "hook", for an address or for kinds that no hook can have."""
    unknown = [kind for kind in kinds if kind not in HOOK_KINDS]
    if unknown or not kinds:
        raise Refused("hook", f"Choose of these what is sent: {', '.join(HOOK_KINDS)}.")
    here = settings.HOOKS_HERE
    try:
        allowed_addresses(read_target(url, here=here), here=here)
    except HookRefused as refused:
        raise Refused("hook", str(refused)) from refused
    except HookAway as away:
        raise Refused("hook", f"The address can't be used: {away}.") from away


def rotate_secret(hook: Hook, by: str, at: datetime) -> str:
    """Give a hook another secret and return it; the one before signs too, for a day."""
    with transaction.atomic():
        hook.secret, hook.secret_before, hook.rotated_at = new_secret(), hook.secret, at
        hook.save(update_fields=["secret", "secret_before", "rotated_at"])
        _record(hook, Kind.HOOK, by, at, "another secret")
    return hook.secret


def secrets_of(hook: Hook, now: datetime) -> list[str]:
    """Return the secrets by which what is sent now is signed, the newest first."""
    rotated = hook.rotated_at
    is_both = bool(hook.secret_before) and rotated is not None and now < rotated + BOTH_FOR
    return [hook.secret, hook.secret_before] if is_both else [hook.secret]


def enable_hook(hook: Hook, by: str, at: datetime) -> None:
    """Let a hook be posted to again that was disabled."""
    with transaction.atomic():
        Hook.objects.filter(pk=hook.pk).update(disabled_at=None, failing_since=None)
        _record(hook, Kind.HOOK, by, at, "enabled again")


def remove_hook(hook: Hook, by: str, at: datetime) -> None:
    """Remove a hook with all that is on its way there."""
    with transaction.atomic():
        _record(hook, Kind.NO_HOOK, by, at, "")
        hook.delete()


def try_hook(hook: Hook, at: datetime) -> None:
    """Send a hook an event that says that it is a trial."""
    with transaction.atomic():
        event = Event.objects.create(
            kind=Event.Kind.TEST, at=at, challenge=hook.challenge, spread_at=at
        )
        Dispatch.objects.create(event=event, receiver=f"hook {hook.pk}", hook=hook, next_at=at)


def _record(hook: Hook, kind: AuditEntry.Kind, by: str, at: datetime, note: str) -> None:
    challenge = Challenge.objects.filter(pk=hook.challenge).first()
    record(challenge, kind, by, at, subject=host_of(hook.url), note=note)


def host_of(url: str) -> str:
    """Return what may be told of an address: its path may be a secret."""
    return read_target(url, here=True).host
