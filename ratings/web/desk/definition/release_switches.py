"""What of a phase is shown to whom, and from when on: the definition file's switches in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.access.visibility import (
    boards_frozen,
    boards_open,
    dataset_open,
    originals_open,
)
from ratings.challenge.models import Dataset, Phase
from ratings.web.parts.words.formatting import Moment, moment, span

PUBLIC, OWN, HIDDEN = "public", "own only", "hidden"


@dataclass(frozen=True)
class Release:
    """One thing that is released: its state now, since or until when, and the keys that say so."""

    what: str
    state: str
    words: str
    at: Moment | None
    keys: str


def releases(phase: Phase, now: datetime) -> list[Release]:
    """Return all that is released of a phase, with what its definition means now."""
    draft = phase.challenge.draft
    return [
        Release(
            what,
            state,
            _words(state, at, now, draft=draft),
            moment(at, phase.zone) if at else None,
            keys,
        )
        for what, state, at, keys in _released(phase, now)
    ]


def _released(phase: Phase, now: datetime) -> Iterator[tuple[str, str, datetime | None, str]]:
    """Yield what is released, its state, its instant, and the definition's keys that say so."""
    boards, at = _state(boards_open(phase, now)), phase.boards_open_at
    own = OWN if boards == HIDDEN and phase.own_scores else boards
    if boards_frozen(phase, now):
        keys = "boards_frozen_from, boards_frozen_until"
        yield "Boards as they are now", HIDDEN, phase.boards_frozen_until, keys
    made = phase.awards.filter(withdrawn_at=None).count()
    yield "Boards, pages of methods, exports, factsheets", own, at, "boards_open, own_scores"
    yield f"Awards of the panel ({made or 'none'} made)", boards, at, "boards_open"
    originals = _state(originals_open(phase, now))
    yield "Originals of this phase", originals, phase.originals_open_at, "originals_open"
    for dataset in phase.datasets.order_by("pk"):
        state, keys = _state(dataset_open(dataset, now)), "opens (of the data set), originals_open"
        yield f"Data set {dataset.name}", state, _first_release(dataset), keys


def _state(is_open: bool) -> str:
    return PUBLIC if is_open else HIDDEN


def _words(state: str, at: datetime | None, now: datetime, *, draft: bool) -> str:
    """Say since when something is public, or how long it is not, or that a draft hides it."""
    if at is None:
        until = "no date to open is set"
    elif at <= now:
        until = "the challenge is a draft"
    else:
        until = f"public in {span(at - now)}"
        until += ", if the challenge is no draft by then" if draft else ""
    if state == PUBLIC and at:
        return f"for {span(now - at)}"
    return f"each team sees its own scores; {until}" if state == OWN else until


def _first_release(dataset: Dataset) -> datetime | None:
    """Return the first instant at which the set is out: its own, or with a phase."""
    instants = dataset.phases.values_list("originals_open_at", flat=True)
    return min((at for at in [dataset.opens_at, *instants] if at), default=None)
