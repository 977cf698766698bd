"""Golden trials that come sooner to raters whose golden trials so far look like random answers."""

from ratings.comparisons.trials.trial_history import Kind, TrialHistory
from ratings.psychometrics.raters.early_end import GOLDENS, in_doubt

# The share of comparisons that become golden trials then: nobody can count on one.
SOONER = 0.7
# So many trials are handed out at once then, so that their answers decide what comes.
FEW = 2


def checked_sooner(history: TrialHistory, planned: Kind) -> Kind:
    """Return the kind of the next trial: the planned one, or a golden trial of a rater in doubt.

    Only where the study ends hopeless sessions, and up to as many golden trials as that looks at.
    Which trials are checks changes nothing in the chance that an honest rater is ended by them.
    """
    protocol = history.rater.study.protocol
    if planned is not Kind.COMPARISON or protocol.hopeless is None:
        return planned
    is_full = len(history.of_kind(Kind.GOLDEN)) >= GOLDENS
    if is_full or not _in_doubt(history):
        return planned
    return Kind.GOLDEN if history.rng.random() < SOONER else planned


def fewer_at_once(history: TrialHistory, room: int) -> int:
    """Return how many trials are issued at once to a rater who asks for so many."""
    is_watched = history.rater.study.protocol.hopeless is not None
    return min(room, FEW) if is_watched and _in_doubt(history) else room


def _in_doubt(history: TrialHistory) -> bool:
    goldens = history.of_kind(Kind.GOLDEN)
    return in_doubt([trial.missed for trial in goldens if trial.choice is not None])
