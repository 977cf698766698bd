"""The versions of a challenge's definition: what changes one is kept, with who, when and why."""

import hashlib
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ratings.challenge.definitions.changes import changes, picture_changes
from ratings.challenge.exchange import dumping
from ratings.challenge.models import Challenge, DefinitionVersion
from ratings.challenge.pictures.dataset_pictures import current_pictures
from ratings.challenge.refusals import Refused
from ratings.comparisons.locking import locking
from ratings.comparisons.models import Study
from ratings.comparisons.study.study_tables import dump_study

# What a version says that is only there because something was about to change.
AS_IT_WAS = "As it was before versions were kept."


@dataclass(frozen=True)
class Snapshot:
    """A definition's text, and the SHA-256 of each picture by data set and name."""

    text: str
    digests: dict[str, dict[str, str]]

    @property
    def etag(self) -> str:
        """The SHA-256 of the text, in hex: who changes a definition says which one they saw."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def tables(self) -> dict[str, Any]:
        """Return the definition as TOML reads it."""
        return tomllib.loads(self.text, parse_float=Decimal)


NOTHING = Snapshot("", {})


@dataclass(frozen=True)
class Author:
    """Who changes a definition, and why; nobody's name where a command does it."""

    by: str = ""
    note: str = ""


NOBODY = Author()


def whole_toml(challenge: Challenge) -> str:
    """Return the challenge, with its studies, as a definition file."""
    studies = Study.objects.filter(phase__challenge=challenge).order_by("pk")
    return dumping.challenge_toml(challenge, [dump_study(study) for study in studies])


def snapshot(challenge: Challenge | None) -> Snapshot:
    """Return what a challenge is now; of none, nothing."""
    if challenge is None:
        return NOTHING
    pictures = current_pictures(challenge.slug)
    digests = {slug: {one.name: one.sha256 for one in some} for slug, some in pictures.items()}
    return Snapshot(whole_toml(challenge), digests)


def differences(before: Snapshot, after: Snapshot) -> list[str]:
    """Return in lines what differs; nothing where all is the same."""
    of_text = changes(before.tables(), after.tables())
    return of_text + picture_changes(before.digests, after.digests)


def locked(slug: str) -> Challenge | None:
    """Return the challenge, whose definition nobody else changes until the transaction ends."""
    return Challenge.objects.select_for_update(no_key=True).filter(slug=slug).first()


def require_seen(challenge: Challenge | None, etag: str, current: Snapshot) -> None:
    """Raise Refused, code "definition-changed", where it is not the one that was seen.

    `etag` is that of the definition that a change began from; "" where there was none.
    """
    if etag == (current.etag if challenge else ""):
        return
    if challenge is None:
        raise Refused("definition-changed", "There is no such challenge any more.")
    if not etag:
        taken = f"There is a challenge {challenge.slug!r} already; take another slug."
        raise Refused("definition-changed", taken)
    last = challenge.versions.first()
    who = f", last by {last.by}" if last and last.by else ""
    raise Refused(
        "definition-changed",
        f"The definition was changed meanwhile{who}; nothing is saved. Read it again, and make "
        "your change on that.",
    )


def keep(
    challenge: Challenge, before: Snapshot, after: Snapshot, author: Author, at: datetime
) -> DefinitionVersion | None:
    """Keep what a definition became as its next version; None where nothing is different."""
    lines = differences(before, after)
    if not lines:
        return None
    last = challenge.versions.first()
    if last is None and before != NOTHING:
        last = challenge.versions.create(number=1, text=before.text, note=AS_IT_WAS, at=at)
    return challenge.versions.create(
        number=last.number + 1 if last else 1,
        text=after.text,
        changes=lines if before != NOTHING else [],
        by=author.by,
        note=author.note,
        at=at,
    )


@contextmanager
def versioned(slug: str, author: Author) -> Iterator[Challenge]:
    """Open a transaction that changes a challenge's definition, and keep what it became.

    It is for whatever changes rows that the definition describes other than by loading a text.
    Raises Challenge.DoesNotExist.
    """
    with locking():
        challenge = locked(slug)
        if challenge is None:
            raise Challenge.DoesNotExist(slug)
        before = snapshot(challenge)
        yield challenge
        challenge.refresh_from_db()
        keep(challenge, before, snapshot(challenge), author, timezone.now())
