"""How many judgments a study will need: simulated from beginning to end, again and again.

The pairing policy, the fit, its intervals and who it tells apart are those of a real study; only
the raters are synthetic. What is assumed of them is in `Plan`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from ratings.psychometrics.design.study_simulation import Plan, StudySimulation
from ratings.psychometrics.inference.fitting import Fit, fit
from ratings.psychometrics.rounding import per_cent

# The next number of sessions tried is this many times as large, the first one is two.
_GROWTH = 2**0.5
# Pairs that raters have seen, in all runs together: 800 MB.
_MOST_CELLS = 200_000_000
# What counts as half of a number of judgments, which come in sessions.
HALF = 0.55
# From this share of the squared error on, more judgments are called useless.
_FLAT = 0.5
# No more judgments are tried when as many runs have reached the aim.
_ENOUGH = 0.95


@dataclass(frozen=True)
class SampleSizePoint:
    """What a number of judgments achieves: shares of all runs.

    `reached`: the aim is; `wrong`: it seems to be, in an order that isn't the true one. `error`
    is the mean standard error of the differences that the aim is about, in log odds; None where
    no fit has them.
    """

    judgments: int
    reached: float
    wrong: float
    error: float | None


@dataclass(frozen=True)
class Forecast:
    """What `forecast` found, numbers of judgments ascending."""

    plan: Plan
    runs: int
    points: tuple[SampleSizePoint, ...]

    def judgments(self, share: float) -> int | None:
        """Return how many judgments a share of runs needs, None if more than were tried.

        Between two points it is interpolated in the logarithm of the number.
        """
        return self._needed(share, [point.reached for point in self.points])

    def interval(self, point: SampleSizePoint) -> tuple[float, float]:
        """Return the ends of a 95 % interval for the share that reaches the aim (Wilson 1927)."""
        return wilson(point.reached, self.runs)

    def between(self, share: float) -> tuple[int | None, int | None]:
        """Return the ends of an interval for `judgments`: where those of the shares reach it.

        None for an end beyond what was tried.
        """
        low, high = zip(*(self.interval(point) for point in self.points), strict=True)
        return self._needed(share, high), self._needed(share, low)

    def _needed(self, share: float, reached: Sequence[float]) -> int | None:
        before, least = 0.0, 1
        for point, value in zip(self.points, reached, strict=True):
            if value >= share:
                part = (share - before) / (value - before) if value > before else 1.0
                return round(float(least * (point.judgments / least) ** part))
            before, least = value, point.judgments
        return None

    def floor(self) -> float | None:
        """Return the share of the last error's square that no further judgments take away.

        What endless judgments by the same raters on the same pictures leave, because tastes and
        pictures differ: error^2 = a + b / judgments, through the last point and the one at
        half its judgments. None if there is no such point.
        """
        known = [
            (looked_at.judgments, looked_at.error**2)
            for looked_at in self.points
            if looked_at.error is not None
        ]
        half = [point for point in known if point[0] <= known[-1][0] * HALF]
        if not half:
            return None
        return floor_share(half[-1], known[-1])


def floor_share(before: tuple[int, float], after: tuple[int, float]) -> float:
    """Return the share of an error's square, `after`, that no further judgments take away.

    From error^2 = a + b / judgments through two points (judgments, error^2): a / error^2.
    """
    (n1, v1), (n2, v2) = before, after
    return float(np.clip((v2 * n2 - v1 * n1) / (n2 - n1) / v2, 0, 1))


def wilson(share: float, runs: int) -> tuple[float, float]:
    """Return the ends of a 95 % interval for a probability, of which `runs` gave a share.

    Wilson 1927: of all shares that chance would not set so far from the one that came.
    """
    z2 = float(special.ndtri(0.975)) ** 2
    centre = (share + z2 / (2 * runs)) / (1 + z2 / runs)
    half = float(np.sqrt(z2 * (share * (1 - share) / runs + z2 / (4 * runs**2)))) / (1 + z2 / runs)
    return max(0.0, centre - half), min(1.0, centre + half)


def spread_covariance(methods: int, spread: float) -> tuple[tuple[float, ...], ...]:
    """Return the covariance of strengths that are drawn from one normal distribution."""
    return tuple(map(tuple, (np.eye(max(methods, 0)) * spread**2).tolist()))


def spread_strengths(methods: int, spread: float) -> tuple[float, ...]:
    """Return strengths like a normal distribution's: its quantiles, with this deviation."""
    if methods < 2:
        return (0.0,) * methods
    quantiles = special.ndtri((np.arange(methods)[::-1] + 0.5) / methods)
    return tuple((quantiles / quantiles.std() * spread).tolist())


def even_strengths(methods: int, gap: float) -> tuple[float, ...]:
    """Return strengths with a mean of 0 and this gap between neighbours."""
    return tuple((((methods - 1) / 2 - np.arange(methods)) * gap).tolist())


def forecast(plan: Plan, runs: int, seed: int) -> Iterator[Forecast]:
    """Simulate a study `runs` times; yield what is known after each number of judgments tried.

    The last one is the result. Raises ValueError for fewer than one run, a negative seed, or where
    memory for what all raters have seen would be short.
    """
    if runs < 1:
        raise ValueError(f"At least one run is needed, not {runs}.")
    if seed < 0:
        raise ValueError(f"A seed is a whole number from 0 on, not {seed}.")
    if runs * plan.raters * len(plan.strengths) ** 2 > _MOST_CELLS:
        raise ValueError("That is too much to simulate: take fewer runs, raters or methods.")
    studies = [StudySimulation(plan, np.random.default_rng([seed, run])) for run in range(runs)]
    points: list[SampleSizePoint] = []
    for sessions in sessions_tried(plan):
        for study in studies:
            study.advance(sessions)
        points.append(_point(plan, studies))
        yield Forecast(plan, runs, tuple(points))
        if points[-1].reached >= _ENOUGH:
            return


def sessions_tried(plan: Plan) -> list[int]:
    """Return the numbers of sessions to try, ascending, from 2 to as many as there can be."""
    most = plan.raters * min(plan.visits, -(-plan.possible // plan.trials))
    powers = np.arange(2, 2 * np.log2(most) - 1e-9)
    return sorted({*np.rint(_GROWTH**powers).astype(int).tolist(), most})


def _point(plan: Plan, studies: Sequence[StudySimulation]) -> SampleSizePoint:
    """Fit all studies as they stand."""
    fits = [fit(study.tally(), plan.settings) for study in studies]
    done = np.array([told_apart(fitted, plan.top) for fitted in fits])
    wrong = [study.disordered(fitted) for fitted, study in zip(fits, studies, strict=True)]
    errors = [
        error for fitted, study in zip(fits, studies, strict=True) for error in study.errors(fitted)
    ]
    return SampleSizePoint(
        judgments=round(float(np.mean([fitted.judgments for fitted in fits]))),
        reached=float(done.mean()),
        wrong=float((done & wrong).mean()),
        error=float(np.mean(errors)) if errors else None,
    )


def told_apart(fit: Fit, top: int) -> bool:
    """Say whether each of the `top` best methods is told apart from the next."""
    best = [row.method for row in fit.rows[: top + 1] if row.rank is not None]
    apart = {
        (difference.first, difference.second): difference.told_apart
        for difference in fit.differences
    }
    pairs = list(pairwise(best))
    wanted = min(top, len(fit.rows) - 1)
    return len(pairs) == wanted and all(apart.get(pair) for pair in pairs)


def sentences(forecast: Forecast) -> list[str]:
    """Return what a forecast says, and what it assumes, in plain words."""
    plan = forecast.plan
    best = "all methods" if plan.top >= len(plan.strengths) - 1 else f"the best {plan.top}"
    aim = f"{best} told apart at {100 * plan.settings.level:g} %"
    half, most = forecast.judgments(0.5), forecast.judgments(0.8)
    told = f"With {plan.policy} pairing, half of such studies have {aim} after {_about(half)}"
    if half is None:
        told = f"With {plan.policy} pairing, fewer than half of such studies get {aim}"
    if most is None:
        return [f"{told}.", *_limits(forecast), _assumptions(plan)]
    return [
        f"{told}, 80 % after {_about(most)} ({_between(forecast)}): {_each(plan, most)}.",
        _assumptions(plan),
    ]


def _between(forecast: Forecast) -> str:
    """Return the interval of what 80 % of studies need."""
    low, high = forecast.between(0.8)
    ends = f"from {_digits(low or 0)} " + (f"to {_digits(high)}" if high else "to more than tried")
    return f"{ends}, as {forecast.runs} runs tell"


def _about(judgments: int | None) -> str:
    """Return a number of judgments with two digits: a simulation knows no more."""
    return f"about {_digits(judgments or 0)} judgments"


def _digits(number: int) -> str:
    return f"{float(f'{number:.2g}'):,.0f}"


def _each(plan: Plan, judgments: int) -> str:
    """Say what a number of judgments is for the raters."""
    if judgments > plan.raters * plan.trials:
        return f"{plan.raters} raters would have to give {_about(judgments // plan.raters)} each"
    return f"about {-(-judgments // plan.trials)} raters would have to give {plan.trials} each"


def _limits(forecast: Forecast) -> list[str]:
    """Say what a study that doesn't reach its aim lacks."""
    plan, last, floor = forecast.plan, forecast.points[-1], forecast.floor()
    tried = (
        f"After {last.judgments:,} judgments ({last.judgments / plan.raters:.0f} a rater), the "
        f"most that was tried, {per_cent(last.reached)}% have ({_shares(forecast, last)})."
    )
    if floor is None or floor < _FLAT:
        return [tried, "More judgments may do: let raters come more often, or invite more raters."]
    by_taste = plan.rater_model.taste_sd**2 / plan.raters
    by_picture = plan.rater_model.picture_sd**2 / plan.pictures
    lacking = "raters" if by_taste > by_picture else "pictures"
    return [
        tried,
        f"More judgments by these raters on these pictures hardly help: {per_cent(floor)}% of the "
        "squared error would stay however many there are, since tastes and pictures differ. More "
        f"raters and pictures do, {lacking} first.",
    ]


def _shares(forecast: Forecast, point: SampleSizePoint) -> str:
    low, high = forecast.interval(point)
    return f"{per_cent(low)} to {per_cent(high)}%, as {forecast.runs} runs tell"


def _assumptions(plan: Plan) -> str:
    """Say what is assumed."""
    model = plan.rater_model
    strengths = "The strengths are yours to guess: try some."
    if plan.covariance is not None:
        strengths = (
            "Each simulated study draws its own strengths: in some of them two methods are nearly "
            "equal, and no number of judgments tells those apart."
        )
    return (
        "This is a simulation. It assumes normal tastes of raters (standard deviation "
        f"{model.taste_sd:.2g} log odds for each method) and effects of pictures "
        f"({model.picture_sd:.2g}), {per_cent(model.careless)}% of raters who answer at random, "
        f"{per_cent(model.unsure)}% ties between equal methods, and raters who come one after "
        f"the other for {plan.trials} judgments each, at most {plan.visits} times"
        f"{_unequal(plan)}. {strengths}"
    )


def _unequal(plan: Plan) -> str:
    """Say how unequal raters are, where they are."""
    parts = [
        (plan.activity_sd, "judge unequally much"),
        (plan.rater_model.sensitivity_sd, "see differences unequally well"),
    ]
    said = [f"{what} (log-normal, {value:.2g})" for value, what in parts if value]
    return "; they " + " and ".join(said) if said else ""
