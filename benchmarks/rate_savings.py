"""How often the interval of a rate saving at equal human score holds the truth.

Run with `python -m benchmarks rate_savings [RUNS [FIRST]]`: prints the table of docs/validation.md,
from RUNS crowds of each kind, numbered from FIRST on. Methods stand at several rates, and every
pair of entries is judged, whatever its rates. The truth is the same functional of the scores that
endless judgments by such a crowd would give. Beside the interval that inverts a test stand those of
the delta method and of draws, both from the same covariance.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmarks.page import print_header, print_row
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.inference.fitting import fit
from ratings.psychometrics.inference.rate_saving import (
    ScoreCurve,
    crossings,
    gap_contrasts,
    rate_saving,
)

LEVEL, DRAWS = 0.95, 400
HEADERS = (
    "raters x pictures, rates, judgments, log odds a doubling, tastes, true saving "
    "| inverted test | Monte Carlo error | delta method | draws | unbounded "
    "| half width, inverted",
)


@dataclass(frozen=True)
class RateStudy:
    """A study over rates; the second of two curves of `methods` takes `share` more rate.

    Rates double; `slope` is what a doubling gives in log odds.
    """

    raters: int
    pictures: int
    judgments: int
    rates: int = 4
    methods: int = 3
    share: float = -0.2
    slope: float = 0.8
    spread: float = 0.4

    def __str__(self) -> str:
        crowd = f"{self.raters} x {self.pictures}, {self.rates}, {self.judgments:,}"
        return f"{crowd}, {self.slope}, {self.spread}, {100 * self.share:+.0f} %"


STUDIES = (
    RateStudy(20, 20, 2_000),
    RateStudy(50, 40, 4_000),
    RateStudy(100, 60, 8_000),
    RateStudy(50, 40, 4_000, share=0.0),
    RateStudy(50, 40, 4_000, share=-0.5),
    RateStudy(50, 40, 4_000, rates=3),
    RateStudy(50, 40, 4_000, rates=6, methods=2),
    RateStudy(50, 40, 4_000, slope=0.3),
    RateStudy(50, 40, 4_000, spread=0.8),
)


def main(runs: int = 400, first: int = 0) -> None:
    """Print one line a study."""
    print_header(HEADERS[0])
    for number, study in enumerate(STUDIES):
        found = np.array([_run(study, [29, number, first + run]) for run in range(runs)])
        held = found[:, :3].mean(axis=0)
        error = np.sqrt(held[0] * (1 - held[0]) / runs)
        cells = [f"{held[0]:.3f}", f"{error:.3f}", f"{held[1]:.3f}", f"{held[2]:.3f}"]
        widths = found[found[:, 3] == 0, 4]
        width = f"{100 * np.median(widths):.1f} points" if widths.size else "none bounded"
        print_row([str(study), *cells, f"{found[:, 3].mean():.3f}", width])


def _strengths(study: RateStudy) -> tuple[FloatArray, list[ScoreCurve]]:
    """Return the strengths of all entries, and the curves of the first two methods.

    What is gained by a doubling grows less with the rate, so that curves bend as real ones do.
    """
    rates = 0.1 * 2.0 ** np.arange(study.rates)
    offsets = np.concatenate([[0, np.log2(1 + study.share)], np.full(study.methods - 2, 0.4)])
    steps = np.log2(rates / rates[0]) - offsets[:, None]
    strengths = study.slope * (steps - 0.04 * steps**2)
    places = np.arange(strengths.size).reshape(strengths.shape)
    curves = [ScoreCurve(rates.tolist(), places[method].tolist()) for method in (0, 1)]
    return strengths.ravel(), curves


def _run(study: RateStudy, seed: list[int]) -> tuple[float, float, float, float, float]:
    """Return what each interval holds, whether the inverted one is open, and its half width."""
    strengths, (anchor, test) = _strengths(study)
    names = [f"m{number:02}" for number in range(len(strengths))]
    crowd = SyntheticCrowd(
        names,
        [f"p{number}" for number in range(study.pictures)],
        study.raters,
        np.random.default_rng(seed),
        strengths=strengths.tolist(),
        rater_model=RaterModel(taste_sd=study.spread, picture_sd=study.spread),
    )
    truth = rate_saving(anchor, test, crowd.population_scores("half"), None, 1)
    result = fit(crowd.simulate(study.judgments).tally())
    rows = [row for row in result.rows if row.placed]
    place = {row.method: number for number, row in enumerate(rows)}
    scores = np.array([row.score for row in rows], float)
    freedom = min(row.degrees_of_freedom or 1.0 for row in rows)
    covariance = result.covariance
    assert truth is not None and covariance is not None and len(rows) == len(names)
    curves = _placed(anchor, names, place), _placed(test, names, place)
    found = rate_saving(*curves, scores, covariance, freedom, LEVEL)
    if found is None:
        return 0.0, 0.0, 0.0, 1.0, 0.0
    is_open = found.low is None or found.high is None
    width = 0.0 if is_open else ((found.high or 0.0) - (found.low or 0.0)) / 2
    ends = _delta(curves, scores, covariance, freedom), _draws(curves, scores, covariance, seed)
    held = [_holds(low, truth.share, high) for low, high in ((found.low, found.high), *ends)]
    return held[0], held[1], held[2], float(is_open), width


def _placed(curve: ScoreCurve, names: Sequence[str], place: Mapping[str, int]) -> ScoreCurve:
    return ScoreCurve(curve.bpp, [place[names[at]] for at in curve.places])


def _holds(low: float | None, value: float, high: float | None) -> float:
    return float((low is None or low <= value) and (high is None or value <= high))


def _delta(
    curves: tuple[ScoreCurve, ScoreCurve],
    scores: FloatArray,
    covariance: FloatArray,
    freedom: float,
) -> tuple[float, float]:
    """Return the interval whose half width is the gap's error over its slope at the estimate."""
    shifts, gaps = gap_contrasts(*curves, len(scores))
    level_at = crossings(shifts, gaps @ scores)
    shift = level_at[np.abs(level_at).argmin()]
    at = int(np.clip(np.searchsorted(shifts, shift), 1, len(shifts) - 2))
    slope = ((gaps[at + 1] - gaps[at - 1]) @ scores) / (shifts[at + 1] - shifts[at - 1])
    error = np.sqrt(gaps[at] @ np.asarray(covariance) @ gaps[at]) / abs(slope)
    reach = special.stdtrit(freedom, (1 + LEVEL) / 2) * error
    return float(10 ** (shift - reach) - 1), float(10 ** (shift + reach) - 1)


def _draws(
    curves: tuple[ScoreCurve, ScoreCurve],
    scores: FloatArray,
    covariance: FloatArray,
    seed: list[int],
) -> tuple[float, float]:
    """Return the middle 95 % of estimates over draws of the scores; those without one are out."""
    rng = np.random.default_rng([*seed, 1])
    shifts, gaps = gap_contrasts(*curves, len(scores))
    drawn = rng.multivariate_normal(scores, np.asarray(covariance), DRAWS, method="eigh")
    found = [crossings(shifts, gap) for gap in drawn @ gaps.T]
    nearest = [10 ** one[np.abs(one).argmin()] - 1 for one in found if one.size]
    low, high = np.quantile(nearest, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
