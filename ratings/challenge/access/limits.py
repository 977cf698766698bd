"""Acts that are limited, counted in the database for all processes: a row for each who acts.

A row says until when what was done is worked off, under a digest: neither names nor addresses are
kept. What counts is one statement.
"""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ratings.challenge.access.limit_table import ActLimit, Per
from ratings.challenge.models import SpentLimit
from ratings.challenge.refusals import Refused

_SPEND = """
INSERT INTO ratings_spentlimit AS spent (key, until) VALUES (%(key)s, %(now)s + %(step)s)
ON CONFLICT (key) DO UPDATE SET until = greatest(spent.until, %(now)s) + %(step)s
WHERE greatest(spent.until, %(now)s) + %(step)s <= %(now)s + %(window)s
RETURNING until
"""
_TAKE = """
INSERT INTO ratings_spentlimit AS spent (key, until)
SELECT slot, %(until)s FROM unnest(%(slots)s::text[]) WITH ORDINALITY AS slots (slot, place)
WHERE NOT EXISTS (SELECT FROM ratings_spentlimit WHERE key = slot AND until > %(now)s)
ORDER BY place LIMIT 1
ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE spent.until <= %(now)s
RETURNING key
"""
_SWEEP = """
DELETE FROM ratings_spentlimit WHERE key IN (
    SELECT key FROM ratings_spentlimit WHERE until <= %s FOR UPDATE SKIP LOCKED
)
"""
_TRIES = 5  # at a slot that another request takes at the same time
_SOON = timedelta(seconds=5)  # a file is sent within seconds, mostly


@dataclass(frozen=True)
class LimitedAct:
    """An act that one or several limits hold back, by their names, the narrowest first."""

    limits: tuple[str, ...]

    def locked_until(self, who: str, address: str | None, now: datetime) -> datetime | None:
        """Return when `who` may act again, None for now.

        A name that nobody has is treated alike: the answer does not tell who exists.
        """
        keys = {_key(limit, who, address): limit for limit in self._limits()}
        spent = SpentLimit.objects.filter(pk__in=keys).values_list("key", "until")
        free = [until + keys[key].step - keys[key].window for key, until in spent]
        return max((at for at in free if at > now), default=None)

    def record(self, who: str, address: str | None, now: datetime) -> bool:
        """Count an act; tell whether every limit had room for it."""
        return all([*self._spend(who, address, now)])

    def count(self, who: str, address: str | None, now: datetime) -> None:
        """Count what may be done a few times only. Raises Refused, code "too-often".

        To be called outside of a transaction, which would hold the row.
        """
        # Whom a limit refuses spends nothing of the wider ones, which hold others back too.
        if not all(self._spend(who, address, now)):
            at = self.locked_until(who, address, now) or now
            raise Refused("too-often", f"Too often. {try_again(at, now)}", retry_at=at)

    @contextmanager
    def attempt(self, who: str, address: str | None, now: datetime) -> Iterator[None]:
        """Refuse, code "too-many-failures", while locked; record a "wrong-password" from within.

        To be entered outside of a transaction, which would take the record away with it.
        """
        if at := self.locked_until(who, address, now):
            words = f"Too many failures. {try_again(at, now)}"
            raise Refused("too-many-failures", words, retry_at=at)
        try:
            yield
        except Refused as refused:
            if refused.code == "wrong-password":
                self.record(who, address, now)
            raise

    def _spend(self, who: str, address: str | None, now: datetime) -> Iterator[bool]:
        """Count an act by one limit after the other; tell of each whether it had room."""
        return (_spend(limit, _key(limit, who, address), now) for limit in self._limits())

    def _limits(self) -> Iterable[ActLimit]:
        return (settings.LIMITS[name] for name in self.limits)


class HeldSlot:
    """One of the acts that may be under way at the same time."""

    def __init__(self, key: str, limit: ActLimit, until: datetime) -> None:
        self._key, self._limit, self._until = key, limit, until

    def move(self, until: datetime) -> None:
        """Hold it until then; nothing is done where it was taken for gone, and is another's."""
        held = SpentLimit.objects.filter(pk=self._key, until=self._until)
        held.update(until=until)
        self._until = until

    def keep(
        self, chunks: Iterable[bytes], clock: Callable[[], datetime] = timezone.now
    ) -> Iterator[bytes]:
        """Pass on a body as it arrives; as long as it does, the slot is held."""
        for chunk in chunks:
            now = clock()
            if self._until - now < self._limit.window / 2:
                self.move(now + self._limit.window)
            yield chunk


@contextmanager
def one_of(name: str, who: str, now: datetime) -> Iterator[HeldSlot]:
    """Hold one of the slots that `who` has by this limit.

    To be entered outside of a transaction. Raises Refused, code "at-once".
    """
    limit: ActLimit = settings.LIMITS[name]
    slots = [_digest(limit, f"{who} {number}") for number in range(limit.most)]
    random.shuffle(slots)  # two who come at once try different ones
    for _ in range(_TRIES):
        sent = {"slots": slots, "now": now, "until": now + limit.window}
        if taken := _execute(_TAKE, sent):
            break
    else:
        words = f"{limit.most} are under way, and more may not be at the same time. Send it again."
        raise Refused("at-once", words, retry_at=now + _SOON)
    slot = HeldSlot(taken, limit, now + limit.window)
    try:
        yield slot
    finally:
        slot.move(now)


def sweep_spent(now: datetime) -> None:
    """Delete the rows of what is worked off."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [now])


def try_again(at: datetime, now: datetime) -> str:
    """Return when to try again, in words."""
    seconds = max(1, math.ceil((at - now).total_seconds()))
    minutes = math.ceil(seconds / 60)
    wait = f"{seconds} s" if seconds <= 90 else f"{minutes} minutes"
    return f"Try again in {wait}."


def client_address(meta: Mapping[str, Any]) -> str | None:
    """Return the address that asks, from a request's META.

    Behind a proxy (RATINGS_HTTPS) it is the last one of X-Forwarded-For, which the proxy itself
    has added; the ones before it are what the client likes to say.
    """
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")) if settings.HTTPS else ""
    address = forwarded.rpartition(",")[2].strip() or str(meta.get("REMOTE_ADDR", ""))
    try:
        return str(ip_address(address))
    except ValueError:
        return None


def _spend(limit: ActLimit, key: str, now: datetime) -> bool:
    sent = {"key": key, "now": now, "step": limit.step, "window": limit.window}
    return _execute(_SPEND, sent) is not None


def _execute(statement: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row and row[0]


def _key(limit: ActLimit, who: str, address: str | None) -> str:
    here = _network(address)
    of = {Per.BOTH: f"{who} {here}", Per.SUBJECT: who, Per.ADDRESS: here}
    return _digest(limit, of[limit.per])


def _digest(limit: ActLimit, of: str) -> str:
    # Keyed: there are few enough addresses to try them all, and people type passwords into the
    # field of the name.
    text = of.encode(errors="replace").decode(errors="replace")
    return salted_hmac(f"ratings.limit.{limit.name}", text, algorithm="sha256").hexdigest()


def _network(address: str | None) -> str:
    """Return what one household or machine has: an IPv4 address, or 64 bits of an IPv6 one."""
    if address is None:
        return ""
    known = ip_address(address)
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped:  # as a server that listens on both kinds sees those of the older one
        return str(known.ipv4_mapped)
    return str(IPv6Network((int(known), 64), strict=False))


DESK_LOGIN = LimitedAct(("desk-login", "desk-login-anywhere", "guesses"))
TEAM_LOGIN = LimitedAct(("team-login", "team-login-anywhere", "guesses"))
REGISTERING = LimitedAct(("register", "register-anywhere"))
INVITATIONS = LimitedAct(("invitation", "invitation-anywhere"))
PASSWORD_LINKS = LimitedAct(("password-link", "password-link-anywhere"))
BEGINNING = LimitedAct(("begin",))
VISITING = LimitedAct(("visit",))
