"""Password guessing is throttled: after too many failures not even the right one is looked at."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db.models import Count, Q

from ratings.challenge.models import SignInFailure
from ratings.challenge.refusals import Refused

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class LoginThrottle:
    """Limits the failures of a login: few for a name from one address, more from anywhere.

    The second limit stops those who have many addresses; it is higher, so that a stranger can't
    easily lock somebody out.
    """

    name: str
    from_address: int
    from_anywhere: int

    def is_locked(self, who: str, address: str | None, now: datetime) -> bool:
        """Tell whether `who` failed so often within the window that they have to wait.

        A name that nobody has is treated alike: the answer does not tell who exists.
        """
        recent = SignInFailure.objects.filter(name_sha256=self._digest(who), at__gt=now - WINDOW)
        failures = recent.aggregate(here=Count("pk", filter=Q(address=address)), all=Count("pk"))
        here, everywhere = int(failures["here"]), int(failures["all"])
        return here >= self.from_address or everywhere >= self.from_anywhere

    def record(self, who: str, address: str | None, now: datetime) -> None:
        """Keep a failure for as long as it counts."""
        SignInFailure.objects.filter(at__lte=now - WINDOW).delete()
        SignInFailure.objects.create(name_sha256=self._digest(who), address=address, at=now)

    @contextmanager
    def attempt(self, who: str, address: str | None, now: datetime) -> Iterator[None]:
        """Refuse, code "too-many-failures", while locked; record a "wrong-password" from within.

        To be entered outside of a transaction, which would take the record away with it.
        """
        if self.is_locked(who, address, now):
            minutes = WINDOW.seconds // 60
            raise Refused(
                "too-many-failures",
                f"Too many failures. Try again in {minutes} minutes.",
                retry_at=now + WINDOW,
            )
        try:
            yield
        except Refused as refused:
            if refused.code == "wrong-password":
                self.record(who, address, now)
            raise

    def count(self, who: str, address: str | None, now: datetime) -> None:
        """Count what may be done a few times only. Raises Refused, code "too-often"."""
        if self.is_locked(who, address, now):
            minutes = WINDOW.seconds // 60
            raise Refused(
                "too-often", f"Too often. Try again in {minutes} minutes.", retry_at=now + WINDOW
            )
        self.record(who, address, now)

    def _digest(self, who: str) -> str:
        return hashlib.sha256(f"{self.name} {who}".encode(errors="replace")).hexdigest()


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


DESK_LOGIN = LoginThrottle("desk", from_address=5, from_anywhere=50)
# Rivals know each other's names: to lock a team out before a deadline takes many addresses.
TEAM_LOGIN = LoginThrottle("team", from_address=10, from_anywhere=1000)
# Names are claimed a class at a time, not by the thousand.
REGISTERING = LoginThrottle("register", from_address=40, from_anywhere=1000)
# A team is a few people; letter boxes of strangers are none of its.
INVITATIONS = LoginThrottle("invitation", from_address=20, from_anywhere=50)
# What fills a team's letter box is no help to it.
PASSWORD_LINKS = LoginThrottle("password link", from_address=3, from_anywhere=10)
