"""How many judgments a study will need: simulated from beginning to end, again and again.

The pairing policy, the fit, its intervals and who it tells apart are those of a real study; only
the raters are synthetic. What is assumed of them is in `Plan`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import special

from ratings.psychometrics.counting import count_outcomes, wins
from ratings.psychometrics.fitting import Fit, Settings, fit
from ratings.psychometrics.pairing import Policy, next_pairs
from ratings.psychometrics.simulation import Habits, SyntheticCrowd
from ratings.psychometrics.tally import IntArray, Tally, tally_codes

# The next number of sessions tried is this many times as large, the first one is two.
_GROWTH = 2**0.5
# No more judgments are tried when as many runs have reached the aim.
_ENOUGH = 0.95


@dataclass(frozen=True)
class Plan:
    """A study to be. Raises ValueError, naming what to mend, where no such study can be.

    `strengths` of the methods, in log odds, before tastes, pictures and slips (`habits`) blur
    them. Raters come one after the other, each for a session of `trials` judgments, and then
    again from the first, until each has come `visits` times. Nobody judges a pair on a picture
    twice. The aim: each of the `top` best methods is told apart from the next at the level of
    `settings`, all pairs at once.
    """

    strengths: tuple[float, ...]
    pictures: int
    raters: int
    top: int
    trials: int = 80
    visits: int = 4
    policy: Policy = Policy.BALANCED
    habits: Habits = field(default_factory=Habits)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        methods, habits = len(self.strengths), self.habits
        problems = (
            (methods < 2, "A study needs at least two methods."),
            (not np.isfinite(self.strengths).all(), "Strengths must be finite numbers."),
            (self.raters < 2, "With a single rater no honest interval exists: plan for two."),
            (self.pictures < 2, "With a single picture no honest interval exists: plan for two."),
            (not 1 <= self.top <= methods, f"The top must be 1 to {methods} methods."),
            (self.trials < 1, "A rater must give at least one judgment a visit."),
            (self.visits < 1, "A rater must come at least once."),
            (
                not (0 <= habits.taste_sd < np.inf and 0 <= habits.picture_sd < np.inf),
                "Spreads of tastes and pictures are log odds from 0 on.",
            ),
            (
                not (0 <= habits.careless < 1 and 0 <= habits.unsure < 1),
                "Shares of careless raters and of ties lie between 0 and 1, 1 excluded.",
            ),
        )
        for wrong, problem in problems:
            if wrong:
                raise ValueError(problem)

    @property
    def possible(self) -> int:
        """How many different trials there are for one rater."""
        methods = len(self.strengths)
        return methods * (methods - 1) // 2 * self.pictures


@dataclass(frozen=True)
class Point:
    """What a number of judgments achieves: shares of all runs.

    `reached`: the aim is; `wrong`: it seems to be, in an order that isn't the true one. `error`
    is the mean standard error of the differences that the aim is about, in log odds.
    """

    judgments: int
    reached: float
    wrong: float
    error: float


@dataclass(frozen=True)
class Forecast:
    """What `forecast` found, numbers of judgments ascending."""

    plan: Plan
    runs: int
    points: tuple[Point, ...]

    def judgments(self, share: float) -> int | None:
        """Return how many judgments a share of runs needs, None if more than were tried.

        Between two points it is interpolated in the logarithm of the number.
        """
        before = Point(1, 0.0, 0.0, np.nan)
        for point in self.points:
            if point.reached >= share:
                part = (share - before.reached) / (point.reached - before.reached)
                return round(before.judgments * (point.judgments / before.judgments) ** part)
            before = point
        return None

    def floor(self) -> float | None:
        """Return the share of the last error's square that no further judgments take away.

        What endless judgments by the same raters on the same pictures leave, because tastes and
        pictures differ: error^2 = a + b / judgments, through the last point and the one at
        half its judgments. None if there is no such point.
        """
        known = [point for point in self.points if np.isfinite(point.error)]
        half = [point for point in known if point.judgments <= known[-1].judgments * 0.55]
        if not half:
            return None
        (n1, v1), (n2, v2) = ((p.judgments, p.error**2) for p in (half[-1], known[-1]))
        return float(np.clip((v2 * n2 - v1 * n1) / (n2 - n1) / v2, 0, 1))


def spread_strengths(methods: int, spread: float) -> tuple[float, ...]:
    """Return strengths like a normal distribution's: its quantiles, with this deviation."""
    quantiles = special.ndtri((np.arange(methods)[::-1] + 0.5) / methods)
    return tuple((quantiles / max(quantiles.std(), 1e-9) * spread).tolist())


def even_strengths(methods: int, gap: float) -> tuple[float, ...]:
    """Return strengths with a mean of 0 and this gap between neighbours."""
    return tuple((((methods - 1) / 2 - np.arange(methods)) * gap).tolist())


def forecast(plan: Plan, runs: int, seed: int) -> Iterator[Forecast]:
    """Simulate a study `runs` times; yield what is known after each number of judgments tried.

    The last one is the result. Raises ValueError for fewer than one run.
    """
    if runs < 1:
        raise ValueError(f"At least one run is needed, not {runs}.")
    studies = [_Study(plan, np.random.default_rng([seed, run])) for run in range(runs)]
    points: list[Point] = []
    for sessions in _grid(plan.raters * min(plan.visits, -(-plan.possible // plan.trials))):
        for study in studies:
            study.advance(sessions)
        points.append(_point(plan, studies))
        yield Forecast(plan, runs, tuple(points))
        if points[-1].reached >= _ENOUGH:
            return


def _grid(most: int) -> list[int]:
    """Return the numbers of sessions to try, ascending, from 2 to `most`."""
    powers = np.arange(2, 2 * np.log2(most) - 1e-9)
    return sorted({*np.rint(_GROWTH**powers).astype(int).tolist(), most})


def _point(plan: Plan, studies: Sequence["_Study"]) -> Point:
    """Fit all studies as they stand."""
    fits = [fit(study.tally(), plan.settings) for study in studies]
    reached = np.array([_reached(one, plan.top) for one in fits])
    wrong = [study.disordered(one) for one, study in zip(fits, studies, strict=True)]
    errors = [
        error for one, study in zip(fits, studies, strict=True) for error in study.errors(one)
    ]
    return Point(
        judgments=round(float(np.mean([one.judgments for one in fits]))),
        reached=float(reached.mean()),
        wrong=float((reached & wrong).mean()),
        error=float(np.mean(errors)) if errors else np.nan,
    )


def _reached(found: Fit, top: int) -> bool:
    """Say whether each of the best methods is told apart from the next."""
    best = [row.method for row in found.rows[: top + 1] if row.rank is not None]
    apart = {(one.first, one.second): one.told_apart for one in found.differences}
    pairs = list(pairwise(best))
    wanted = min(top, len(found.rows) - 1)
    return len(pairs) == wanted and all(apart[pair] for pair in pairs)


class _Study:
    """A simulated study under way."""

    def __init__(self, plan: Plan, rng: np.random.Generator) -> None:
        self._plan, self._rng = plan, rng
        methods = len(plan.strengths)
        self._methods = [f"m{i}" for i in range(methods)]
        self._crowd = SyntheticCrowd(
            self._methods,
            [f"p{i}" for i in range(plan.pictures)],
            plan.raters,
            rng,
            strengths=plan.strengths,
            habits=plan.habits,
        )
        self._strength = dict(zip(self._methods, plan.strengths, strict=True))
        self._sessions = 0
        self._wins = np.zeros((methods, methods))
        # How often a rater has judged a pair; the first picture of each is random.
        self._seen = np.zeros((plan.raters, methods, methods), np.int64)
        self._seen[:, range(methods), range(methods)] = plan.pictures  # no method meets itself
        self._start = rng.integers(0, plan.pictures, self._seen.shape)
        self._judged: list[IntArray] = []  # rows: rater, picture, left, right, choice

    def advance(self, sessions: int) -> None:
        """Let raters come until there were so many sessions."""
        for session in range(self._sessions, sessions):
            self._sit(session % self._plan.raters)
        self._sessions = sessions

    def tally(self) -> Tally:
        """Return the judgments so far."""
        return tally_codes(self._methods, *np.hstack(self._judged))

    def disordered(self, found: Fit) -> bool:
        """Say whether the best methods of a fit aren't those they should be, in their order."""
        best = [self._strength[row.method] for row in found.rows[: self._plan.top]]
        return best != sorted(self._plan.strengths, reverse=True)[: self._plan.top]

    def errors(self, found: Fit) -> list[float]:
        """Return the standard errors of the differences that the aim is about."""
        order = sorted(self._methods, key=lambda name: -self._strength[name])
        wanted = {frozenset(pair) for pair in pairwise(order[: self._plan.top + 1])}
        return [
            one.se
            for one in found.differences
            if one.se is not None and {one.first, one.second} in wanted
        ]

    def _sit(self, rater: int) -> None:
        """Let a rater judge, as long as there is a trial for them."""
        lacking = self._plan.trials
        while lacking and (self._seen[rater] < self._plan.pictures).any():
            lacking -= self._judge(rater, lacking)

    def _judge(self, rater: int, trials: int) -> int:
        """Choose pairs and pictures for a rater, all beforehand; return how many were judged."""
        pictures, seen = self._plan.pictures, self._seen[rater]
        pending = np.zeros(self._wins.shape, np.int64)
        planned = next_pairs(
            self._plan.policy, self._wins, pending, trials, self._rng, allowed=seen < pictures
        )
        one, other = np.nonzero(np.triu(planned))
        times = np.minimum(planned, pictures - seen)[one, other]
        first, second = np.repeat(one, times), np.repeat(other, times)
        turn = np.arange(len(first)) - np.repeat(np.cumsum(times) - times, times)
        picture = (self._start[rater, first, second] + seen[first, second] + turn) % pictures
        turned = self._rng.random(len(first)) < 0.5
        left, right = np.where(turned, second, first), np.where(turned, first, second)
        everyone = np.full(len(first), rater)
        choice, _ = self._crowd.answers(everyone, picture, left, right)
        seen[one, other] += times
        seen[other, one] += times
        self._judged.append(np.array([everyone, picture, left, right, choice]))
        self._wins += wins(count_outcomes(left, right, choice, len(seen)))
        return len(first)
