"""What is shown to everyone, and from when on; organizers see all of it always."""

from datetime import datetime

from ratings.challenge.models import Dataset, Original, Phase


def boards_open(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see the phase's boards."""
    return phase.boards_open_at is not None and phase.boards_open_at <= now


def own_scores_open(phase: Phase, now: datetime) -> bool:
    """Tell whether a team may see the scores of its own submissions."""
    return phase.own_scores or boards_open(phase, now)


def originals_open(phase: Phase, now: datetime) -> bool:
    """Tell whether everyone may see the phase's originals."""
    return phase.originals_open_at is not None and phase.originals_open_at <= now


def picture_released(original: Original, now: datetime) -> bool:
    """Tell whether any phase has released this picture: what is out once stays out."""
    return dataset_open(original.dataset, now)


def dataset_open(dataset: Dataset, now: datetime) -> bool:
    """Tell whether everyone may have the data set: by its own date, or with a phase."""
    opened = dataset.opens_at is not None and dataset.opens_at <= now
    return opened or dataset.phases.filter(originals_open_at__lte=now).exists()
