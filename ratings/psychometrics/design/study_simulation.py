"""One study, simulated from its first rater to its last with the real pairing policy."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ratings.psychometrics.arrays import BoolArray, IntArray
from ratings.psychometrics.counts.counting import count_outcomes, wins
from ratings.psychometrics.counts.tally import Tally
from ratings.psychometrics.design.floor import NO_FLOOR, variance_floor
from ratings.psychometrics.design.pairing import EXPLORATION, Policy, next_pairs
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.inference.fitting import Fit, Settings

# The floor is estimated anew when there are so many times the judgments: it moves slowly, and a
# real study's refits are more frequent.
_RENEWED = 1.3
# Their squares and exponentials are still numbers, and no crowd differs so much.
_MOST_SPREAD = 100.0


@dataclass(frozen=True)
class Plan:
    """A study to be. Raises ValueError, naming what to mend, where no such study can be.

    `strengths` of the methods, in log odds, before tastes, pictures and slips (`rater_model`) blur
    them; with a `covariance`, (methods, methods), each study draws its own from a normal
    distribution about them. Raters come one after the other, each for a session of `trials`
    judgments, and then again from the first, until each has come `visits` times; `activity_sd`
    says how unequal their sessions are (log-normal, `trials` on average). No rater judges a pair on
    a picture twice. The aim: each of the `top` best methods is told apart from the next at the
    level of `settings`, all pairs at once.
    """

    strengths: tuple[float, ...]
    pictures: int
    raters: int
    top: int
    trials: int = 80
    visits: int = 4
    policy: Policy = Policy.BALANCED
    exploration: float = EXPLORATION
    rater_model: RaterModel = field(default_factory=RaterModel)
    settings: Settings = field(default_factory=Settings)
    covariance: tuple[tuple[float, ...], ...] | None = None
    activity_sd: float = 0.0

    def __post_init__(self) -> None:
        methods, model = len(self.strengths), self.rater_model
        problems = (
            (methods < 2, "A study needs at least two methods."),
            (not np.isfinite(self.strengths).all(), "Strengths must be finite numbers."),
            (self.raters < 2, "With a single rater no honest interval exists: plan for two."),
            (self.pictures < 2, "With a single picture no honest interval exists: plan for two."),
            (not 1 <= self.top <= methods, f"The top must be 1 to {methods} methods."),
            (self.trials < 1, "A rater must give at least one judgment a visit."),
            (self.visits < 1, "A rater must come at least once."),
            (not 0 <= self.exploration <= 1, "Exploration is a share between 0 and 1."),
            (
                not all(
                    0 <= spread <= _MOST_SPREAD
                    for spread in (model.taste_sd, model.picture_sd, model.sensitivity_sd)
                ),
                "Spreads of tastes, pictures and sensitivities are log odds from 0 on, "
                f"at most {_MOST_SPREAD:g}.",
            ),
            (
                not 0 <= self.activity_sd <= _MOST_SPREAD,
                f"The spread of activities is a number from 0 on, at most {_MOST_SPREAD:g}.",
            ),
            (
                self.covariance is not None
                and not (
                    np.shape(self.covariance) == (methods, methods)
                    and np.isfinite(self.covariance).all()
                ),
                "The covariance of strengths needs a finite row and column for each method.",
            ),
            (
                not (0 <= model.careless < 1 and 0 <= model.unsure < 1),
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


class StudySimulation:
    """A simulated study under way; `crowd` are its raters."""

    def __init__(self, plan: Plan, rng: np.random.Generator) -> None:
        self._plan, self._rng = plan, rng
        methods = len(plan.strengths)
        strengths = np.array(plan.strengths)
        if plan.covariance is not None:
            strengths = rng.multivariate_normal(strengths, plan.covariance)
        self._methods = [f"m{i:04}" for i in range(methods)]
        self.crowd = SyntheticCrowd(
            self._methods,
            [f"p{i}" for i in range(plan.pictures)],
            plan.raters,
            rng,
            strengths=strengths.tolist(),
            rater_model=plan.rater_model,
        )
        self._strength = dict(zip(self._methods, strengths.tolist(), strict=True))
        self._trials = [plan.trials] * plan.raters
        if plan.activity_sd:
            activity = np.exp(rng.normal(-(plan.activity_sd**2) / 2, plan.activity_sd, plan.raters))
            self._trials = np.maximum(1, np.rint(plan.trials * activity)).astype(int).tolist()
        self._sessions = 0
        self._wins = np.zeros((methods, methods))
        # How often a rater has judged a pair; which picture comes first is random.
        self._seen = np.zeros((plan.raters, methods, methods), np.int32)
        self._seen[:, range(methods), range(methods)] = plan.pictures  # no method meets itself
        self._start = rng.integers(0, plan.pictures, plan.raters)
        self._shift = rng.integers(0, plan.pictures, (methods, methods))
        # Rows: rater, picture, left, right, choice, response time.
        self._judged: list[IntArray] = []
        self._floor, self._floor_until = NO_FLOOR, 1.0

    def advance(self, sessions: int) -> None:
        """Let raters come until there were so many sessions."""
        for session in range(self._sessions, sessions):
            self._sit(session % self._plan.raters)
        self._sessions = sessions

    def next_pairs(self, trials: int, allowed: BoolArray) -> IntArray:
        """Return how many trials of each pair come next, (methods, methods), by the policy."""
        return next_pairs(
            self._plan.policy,
            self._wins,
            np.zeros(self._wins.shape, np.int64),
            trials,
            self._rng,
            exploration=self._plan.exploration,
            allowed=allowed,
            floor=self._floor,
        )

    def judgments(self) -> Simulated:
        """Return the judgments so far, in the order in which they came."""
        return Simulated(self.crowd.methods, *np.hstack(self._judged))

    def tally(self) -> Tally:
        """Return the judgments so far as counts."""
        return self.judgments().tally()

    def disordered(self, fit: Fit) -> bool:
        """Say whether the best methods of a fit aren't those they should be, in their order."""
        best = [self._strength[row.method] for row in fit.rows[: self._plan.top]]
        return best != sorted(self._strength.values(), reverse=True)[: self._plan.top]

    def errors(self, fit: Fit) -> list[float]:
        """Return the standard errors of the differences that the aim is about."""
        order = sorted(self._methods, key=lambda name: -self._strength[name])
        wanted = {frozenset(pair) for pair in pairwise(order[: self._plan.top + 1])}
        return [
            difference.se
            for difference in fit.differences
            if difference.se is not None and {difference.first, difference.second} in wanted
        ]

    def _sit(self, rater: int) -> None:
        """Let a rater judge, as long as there is a trial for them."""
        self._renew_floor()
        lacking = self._trials[rater]
        while lacking and (self._seen[rater] < self._plan.pictures).any():
            lacking -= self._judge(rater, lacking)

    def _renew_floor(self) -> None:
        """Estimate what judgments can't take from the variances, where pairing asks for it."""
        judgments = self._wins.sum()
        if self._plan.policy is Policy.ACTIVE and judgments >= self._floor_until:
            self._floor = variance_floor(self.tally())
            self._floor_until = _RENEWED * judgments

    def _judge(self, rater: int, trials: int) -> int:
        """Choose pairs and pictures for a rater, all beforehand; return how many were judged."""
        pictures, seen = self._plan.pictures, self._seen[rater]
        planned = self.next_pairs(trials, seen < pictures)
        row, column = np.nonzero(np.triu(planned))
        times = np.minimum(planned, pictures - seen)[row, column]
        first, second = np.repeat(row, times), np.repeat(column, times)
        turn = np.arange(len(first)) - np.repeat(np.cumsum(times) - times, times)
        start = self._start[rater] + self._shift[first, second]
        picture = (start + seen[first, second] + turn) % pictures
        turned = self._rng.random(len(first)) < 0.5
        left, right = np.where(turned, second, first), np.where(turned, first, second)
        everyone = np.full(len(first), rater)
        choice, response_ms = self.crowd.answers(everyone, picture, left, right)
        seen[row, column] += times
        seen[column, row] += times
        self._judged.append(np.array([everyone, picture, left, right, choice, response_ms]))
        self._wins += wins(count_outcomes(left, right, choice, len(seen)))
        return len(first)
