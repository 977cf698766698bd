"""What is shown to everyone, and from when on; organizers see all of it always."""

from datetime import datetime

from django.db.models import Q

from ratings.challenge.models import Dataset, Original, Phase


def seen(*, organizer: bool, challenge: str = "") -> Q:
    """Return what filters rows for whoever asks: of a draft there is nothing but for organizers.

    `challenge` is the path from the rows to their challenge, such as "phase__challenge__"; for
    challenges themselves "".
    """
    return Q() if organizer else Q(**{f"{challenge}draft": False})


def boards_open(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see the phase's boards."""
    return _passed(phase.boards_open_at, now) and not phase.challenge.draft


def boards_frozen(phase: Phase, now: datetime) -> datetime | None:
    """Return the instant as of which everyone sees the boards, None where they are live."""
    begin = phase.boards_frozen_from
    is_frozen = _passed(begin, now) and not _passed(phase.boards_frozen_until, now)
    return begin if is_frozen else None


def boards_live(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see the phase's boards as they are now, and all that tells them."""
    return boards_open(phase, now) and boards_frozen(phase, now) is None


def own_scores_open(phase: Phase, now: datetime) -> bool:
    """Tell whether a team may see the scores of its own submissions."""
    return phase.own_scores or boards_open(phase, now)


def originals_open(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see the phase's originals."""
    return _passed(phase.originals_open_at, now) and not phase.challenge.draft


def picture_released(original: Original, now: datetime) -> bool:
    """Tell whether any phase has released this picture: what is out once stays out."""
    return dataset_open(original.dataset, now)


def dataset_open(dataset: Dataset, now: datetime) -> bool:
    """Tell whether everyone may have the data set: by its own date, or with a phase."""
    if dataset.challenge.draft:
        return False
    opened = _passed(dataset.opens_at, now)
    return opened or dataset.phases.filter(originals_open_at__lte=now).exists()


def _passed(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
