"""How many judgments a study will need, by simulating such studies before it is made."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ratings.psychometrics.fitting import Fit, fit
from ratings.psychometrics.pairing import EXPLORATION, Policy, next_pairs
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.psychometrics.tally import FloatArray, IntArray, Tally, tally_codes

_GROWTH = 1.25
# Before there are so many judgments per method (each is one of two) nothing is worth a look.
_FIRST_JUDGMENTS_PER_METHOD = 20


@dataclass(frozen=True)
class Design:
    """A study to simulate.

    Raters come one after the other, `at_once` of them at work at a time, and stay for
    `trials_per_rater` trials on pictures drawn at random; the next pairs are planned when all
    issued ones are answered.
    """

    pictures: int = 30
    raters: int = 100
    trials_per_rater: int = 80
    at_once: int = 10
    policy: Policy = Policy.BALANCED
    exploration: float = EXPLORATION
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        """Refuse what no study can be."""
        if min(self.pictures, self.raters) < 2 or min(self.trials_per_rater, self.at_once) < 1:
            raise ValueError("A study needs two pictures, two raters and a trial for each.")
        if not 0 <= self.exploration <= 1:
            raise ValueError(f"exploration is a share from 0 to 1, not {self.exploration}.")

    @property
    def judgments(self) -> int:
        """How many judgments the raters give in all."""
        return self.raters * self.trials_per_rater


@dataclass(frozen=True)
class Forecast:
    """What became of simulated studies: `separated[run][k]` at `judgments[k]` judgments."""

    judgments: tuple[int, ...]
    separated: tuple[tuple[bool, ...], ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of studies that were separated at each number of judgments."""
        return tuple(float(share) for share in np.mean(self.separated, axis=0))

    def needed(self, share: float) -> int | None:
        """Return from which of `judgments` on at least such a share is separated; None if never."""
        enough = [reached >= share for reached in self.shares]
        lasting = [all(enough[place:]) for place in range(len(enough))]
        return self.judgments[lasting.index(True)] if any(lasting) else None


def checkpoints(methods: int, judgments: int) -> tuple[int, ...]:
    """Return at how many judgments to look: each a quarter more than the one before."""
    at = [float(_FIRST_JUDGMENTS_PER_METHOD * methods / 2)]
    while at[-1] * _GROWTH < judgments:
        at.append(at[-1] * _GROWTH)
    return tuple(sorted({min(judgments, round(count)) for count in [*at, judgments]}))


def forecast(
    design: Design,
    scores: Callable[[np.random.Generator], Sequence[float]],
    top: int,
    runs: int,
    seed: int,
    report: Callable[[int], None] = lambda run: None,
) -> Forecast:
    """Simulate `runs` studies and return in which the first `top` methods came to be separated.

    `scores` draws the true scores (log odds) of a study. Separated: each of the `top` best has
    one possible rank at 95 %, all ranks taken together, and it is the true one. `report` is told
    the number of each finished run. Raises ValueError where there are not `top` methods.
    """
    size = len(scores(np.random.default_rng(0)))
    if not 1 <= top <= size or size < 2 or runs < 1:
        raise ValueError(f"Of {size} methods at least 1 and at most {size} can be at the top.")
    at = checkpoints(size, design.judgments)
    separated = []
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        crowd = cast(design, scores(rng), rng)
        best = np.array(crowd.methods)[np.argsort(-crowd.strengths, kind="stable")[:top]]
        fits = (fit(tally) for tally in simulate(design, crowd, at, rng))
        separated.append(tuple(is_separated(fitted, best.tolist()) for fitted in fits))
        report(run + 1)
    return Forecast(at, tuple(separated))


def is_separated(fitted: Fit, best: Sequence[str]) -> bool:
    """Say whether the best methods, in their true order, each have that one possible rank."""
    leading = fitted.rows[: len(best)]
    return [row.method for row in leading] == list(best) and all(
        row.rank_low == row.rank_high == place for place, row in enumerate(leading, start=1)
    )


def cast(design: Design, scores: Sequence[float], rng: np.random.Generator) -> SyntheticCrowd:
    """Return the raters, pictures and methods of one study."""
    return SyntheticCrowd(
        [f"m{number:03}" for number in range(len(scores))],
        [f"p{number:04}" for number in range(design.pictures)],
        design.raters,
        rng,
        strengths=scores,
        habits=design.habits,
    )


def simulate(
    design: Design, crowd: SyntheticCrowd, at: Sequence[int], rng: np.random.Generator
) -> Iterator[Tally]:
    """Yield the judgments of one study as they are at each of these numbers (ascending)."""
    size, done = len(crowd.methods), 0
    wins, columns = np.zeros((size, size)), [np.zeros((5, 0), np.int64)]
    for count in at:
        while done < count:
            batch = min(count - done, max(size - 1, design.at_once))
            plan = _plan(design, wins, batch, rng)
            columns.append(_judged(design, crowd, plan, done, rng))
            _count(wins, columns[-1])
            done += batch
        yield tally_codes(crowd.methods, *np.concatenate(columns, axis=1))


def _plan(design: Design, wins: FloatArray, batch: int, rng: np.random.Generator) -> IntArray:
    """Return the pairs of the next trials, shape (2, batch), left first, in random order."""
    pending = np.zeros(wins.shape, np.int64)
    plan = next_pairs(design.policy, wins, pending, batch, rng, exploration=design.exploration)
    first, second = np.nonzero(np.triu(plan))
    pairs = np.repeat([first, second], plan[first, second], axis=1)[:, rng.permutation(batch)]
    return np.where(rng.random(batch) < 0.5, pairs, pairs[::-1])


def _judged(
    design: Design, crowd: SyntheticCrowd, pairs: IntArray, done: int, rng: np.random.Generator
) -> IntArray:
    """Return the judgments of a batch: rater, picture, left, right, choice, one column each."""
    number = done + np.arange(pairs.shape[1])
    shift, place = np.divmod(number, design.at_once * design.trials_per_rater)
    rater = np.minimum(shift * design.at_once + place % design.at_once, design.raters - 1)
    picture = rng.integers(0, design.pictures, len(rater))
    choice, _ = crowd.answers(rater, picture, *pairs)
    return np.stack([rater, picture, *pairs, choice])


def _count(wins: FloatArray, judged: IntArray) -> None:
    """Add judgments to the wins, ties as halves."""
    _, _, left, right, choice = judged
    np.add.at(wins, (left, right), np.array([1, 0, 0.5])[choice])
    np.add.at(wins, (right, left), np.array([0, 1, 0.5])[choice])
