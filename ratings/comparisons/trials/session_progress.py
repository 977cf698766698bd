"""How far a rater is: in training, judging, done, or screened out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from ratings.comparisons.models import Judgment, PairCount, Rater, Study, Trial
from ratings.comparisons.participation import left_entries
from ratings.comparisons.protocol import After, Training
from ratings.comparisons.session_plan import expected_total, plan_of

# What ends a session whether its judgments are used or not.
LASTING = (Rater.Ending.AWAY, Rater.Ending.FULL)


class State(StrEnum):
    """What a rater does next, if anything."""

    TRAINING = "training"
    JUDGING = "judging"
    DONE = "done"
    SCREENED_OUT = "screened-out"
    # Before the last trial: not used, rejected, or ended by a rule.
    ENDED = "ended"
    # The rater asked for their answers to be deleted.
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class TrialCounts:
    """How many trials were issued, judged (answers undone left out), and judged right.

    So many more were `skipped`, because the rater flagged them. Right is the original where it
    stands against a degraded version of itself.
    """

    issued: int = 0
    judged: int = 0
    right: int = 0
    skipped: int = 0


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
    answers: TrialCounts
    before: TrialCounts = TrialCounts()

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
class SessionProgress:
    """Trials judged and trials in all, training left out; `training` is None where there is none.

    `total` is what is expected until the rater is done; each trial that was flagged makes it one
    more.
    """

    state: State
    judged: int
    total: int
    training: TrainingProgress | None


def progress_of_rater(rater: Rater) -> SessionProgress:
    """Return how far a rater is.

    The cost does not grow with the number of judgments: at most `trials_per_rater` rows of each
    table are looked at.
    """
    return progress_of_raters(rater.study, [rater])[rater.pk]


def progress_of_raters(study: Study, raters: Iterable[Rater]) -> dict[UUID, SessionProgress]:
    """Return how far raters of a study are, each; however many, they are asked for at once."""
    answers, cells = _answers(study, raters), len(comparable_cells(study))
    return {rater.pk: progress_given(rater, answers.get(rater.pk, {}), cells) for rater in raters}


def progress_given(rater: Rater, answers: Mapping[int, TrialCounts], cells: int) -> SessionProgress:
    """Return how far a rater is, given the answers by training attempt (0: all other trials).

    `cells` is how many `comparable_cells` the study has.
    """
    main = answers.get(0, TrialCounts())
    attempts = {attempt: counts for attempt, counts in answers.items() if attempt}
    training = at_training(rater.study.protocol.training, attempts)
    state = _state(rater, main, training)
    if state is State.DONE:
        return SessionProgress(state, main.judged, main.judged, training)
    # A check that turns out not to be possible is a comparison: then it ends a little earlier.
    expected = expected_total(plan_of(rater), cells)
    return SessionProgress(state, main.judged, max(main.issued, expected) + main.skipped, training)


def at_training(rule: Training, answers: Mapping[int, TrialCounts]) -> TrainingProgress | None:
    """Return which attempt the rater is at, given the answers by attempt; None without training.

    An attempt that is failed is followed by the next one, as long as there are any.
    """
    if rule.trials == 0:
        return None
    attempt = max(answers, default=1)
    counts, before = answers.get(attempt, TrialCounts()), answers.get(attempt - 1, TrialCounts())
    training = TrainingProgress(rule.trials, rule.right, rule.attempts, attempt, counts, before)
    if training.is_failed and attempt < rule.attempts:
        return replace(training, attempt=attempt + 1, answers=TrialCounts(), before=counts)
    return training


def ends_early(rater: Rater) -> bool:
    """Tell whether a rater gets no more trials: withdrawn, ended by a rule, or not used."""
    if rater.withdrawn_at or rater.ending in LASTING:
        return True
    is_used = rater.state == Rater.State.USED
    return not is_used and rater.study.protocol.screening.after is After.END


def _state(rater: Rater, main: TrialCounts, training: TrainingProgress | None) -> State:
    if rater.withdrawn_at:
        return State.WITHDRAWN
    if rater.screened_out_at:
        return State.SCREENED_OUT
    # Who was issued other trials is through with the training, whatever its rule says now.
    training = None if main.issued else training
    if training and training.is_failed:
        return State.SCREENED_OUT
    has_finished = rater.finished_at or main.judged >= rater.study.trials_per_rater
    if ends_early(rater) and not has_finished:
        return State.ENDED
    # What was issued and not judged when a study closed is not asked for any more.
    if not rater.study.is_open and (main.judged or (training and training.is_begun)):
        return State.DONE
    if training and not training.is_over:
        return State.TRAINING
    # An answer undone after the last trial opens it again.
    return State.DONE if has_finished and main.judged >= main.issued else State.JUDGING


def _answers(study: Study, raters: Iterable[Rater]) -> dict[UUID, dict[int, TrialCounts]]:
    """Return each rater's answers by training attempt; 0 are those to all other trials.

    Trials that were dropped, because an entry has left or the rater flagged them, are none of
    those issued.
    """
    holds = Q(judgments__isnull=False, judgments__undone_at__isnull=True)
    left = left_entries(study).values("pk")
    of_left = Q(pair__first__in=left) | Q(pair__second__in=left) | Q(entry__in=left)
    flagged = Q(flag__isnull=False)
    standing = Judgment.objects.filter(trial=OuterRef("pk"), undone_at=None)
    answered = Q(Exists(standing))
    original = Case(When(first_left=True, then=Value("left")), default=Value("right"))
    rows = (
        Trial.objects.filter(rater__in=raters)
        .values_list("rater", "training_attempt")
        .annotate(
            issued=Count("pk", distinct=True, filter=holds | ~(of_left | flagged)),
            judged=Count("judgments", filter=holds),
            right=Count("judgments", filter=holds & Q(judgments__choice=original)),
            skipped=Count("pk", distinct=True, filter=flagged & ~answered),
        )
        .order_by()
    )
    by_rater: dict[UUID, dict[int, TrialCounts]] = {}
    for rater, attempt, *counts in rows:
        by_rater.setdefault(rater, {})[attempt] = TrialCounts(*counts)
    return by_rater


def comparable_cells(study: Study) -> QuerySet[PairCount, int]:
    """Return the pairs on crops that there are, or as many as a rater is shown at most."""
    active = Q(pair__first__active=True, pair__second__active=True)
    cells = PairCount.objects.filter(active, pair__study=study, crop__paused_at=None)
    return cells.values_list("pk", flat=True)[: study.trials_per_rater]
