"""How far a rater is: in training, judging, done, or screened out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Case, Count, Q, Value, When

from ratings.comparisons.agenda import agenda_of, expected_total
from ratings.comparisons.models import PairCount, Rater, Trial
from ratings.comparisons.protocol import Training


class State(StrEnum):
    """What a rater does next, if anything."""

    TRAINING = "training"
    JUDGING = "judging"
    DONE = "done"
    SCREENED_OUT = "screened-out"


@dataclass(frozen=True)
class Answers:
    """How many trials were issued, judged (answers undone left out), and judged right.

    Right is the original where it stands against a degraded version of itself.
    """

    issued: int = 0
    judged: int = 0
    right: int = 0


@dataclass(frozen=True)
class TrainingProgress:
    """The training's rule, the attempt that the rater is at, from 1, and what they did in it.

    `trials`, `right` and `attempts` are the study's: so many trials, so many to be right, so
    many attempts. `before` is what they did in the attempt before, if any.
    """

    trials: int
    right: int
    attempts: int
    attempt: int
    answers: Answers
    before: Answers = Answers()

    @property
    def is_begun(self) -> bool:
        """Whether a trial of any attempt was judged."""
        return self.attempt > 1 or self.answers.judged > 0

    @property
    def is_over(self) -> bool:
        """Whether every trial of this attempt was judged."""
        return self.answers.judged >= self.trials

    @property
    def is_failed(self) -> bool:
        """Whether it is over and was not passed, the last attempt too."""
        return self.is_over and self.answers.right < self.right


@dataclass(frozen=True)
class Progress:
    """Trials judged and trials in all, training left out; `training` is None where there is none.

    `total` is what is expected until the rater is done.
    """

    state: State
    judged: int
    total: int
    training: TrainingProgress | None


def progress(rater: Rater) -> Progress:
    """Return how far a rater is.

    The cost does not grow with the number of judgments: at most `trials_per_rater` rows of each
    table are looked at.
    """
    answers = _answers(rater)
    main = answers.pop(0, Answers())
    training = at_training(rater.study.how.training, answers)
    state = _state(rater, main, training)
    total = main.judged if state is State.DONE else max(main.issued, _expected(rater))
    return Progress(state, main.judged, total, training)


def at_training(rule: Training, answers: Mapping[int, Answers]) -> TrainingProgress | None:
    """Return which attempt the rater is at, given the answers by attempt; None without training.

    An attempt that is failed is followed by the next one, as long as there are any.
    """
    if rule.trials == 0:
        return None
    attempt = max(answers, default=1)
    found, before = answers.get(attempt, Answers()), answers.get(attempt - 1, Answers())
    training = TrainingProgress(rule.trials, rule.right, rule.attempts, attempt, found, before)
    if training.is_failed and attempt < rule.attempts:
        return replace(training, attempt=attempt + 1, answers=Answers(), before=found)
    return training


def _state(rater: Rater, main: Answers, training: TrainingProgress | None) -> State:
    if rater.screened_out_at:
        return State.SCREENED_OUT
    # Who was issued other trials is through with the training, whatever its rule says now.
    training = None if main.issued else training
    if training and training.is_failed:
        return State.SCREENED_OUT
    # What was issued and not judged when a study closed is not asked for any more.
    if not rater.study.is_open and (main.judged or (training and training.is_begun)):
        return State.DONE
    if training and not training.is_over:
        return State.TRAINING
    # An answer undone after the last trial opens it again.
    ended = rater.finished_at or main.judged >= rater.study.trials_per_rater
    return State.DONE if ended and main.judged >= main.issued else State.JUDGING


def _answers(rater: Rater) -> dict[int, Answers]:
    """Return the rater's answers by training attempt; 0 are those to all other trials."""
    holds = Q(judgments__isnull=False, judgments__undone_at__isnull=True)
    original = Case(When(first_left=True, then=Value("left")), default=Value("right"))
    found = (
        Trial.objects.filter(rater=rater)
        .values_list("training_attempt")
        .annotate(
            issued=Count("pk", distinct=True),
            judged=Count("judgments", filter=holds),
            right=Count("judgments", filter=holds & Q(judgments__choice=original)),
        )
        .order_by()
    )
    return {attempt: Answers(*counts) for attempt, *counts in found}


def _expected(rater: Rater) -> int:
    """Return how many trials there are for a rater: the study's, or fewer in a small study.

    A check that turns out not to be possible is a comparison: then it ends a little earlier.
    """
    active = Q(pair__first__active=True, pair__second__active=True)
    cells = PairCount.objects.filter(active, pair__study=rater.study)
    available = len(cells.values_list("pk")[: rater.study.trials_per_rater])
    return expected_total(agenda_of(rater), available)
