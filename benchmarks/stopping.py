"""How often a study that may stop at any time stops with a wrong order, and what safety costs.

Run with `python -m benchmarks stopping [RUNS]`; prints the table of docs/validation.md. Four
methods stand at equal gaps but for the two best, who are closer. The careless rule stops as soon as
the ranking, fitted anew whenever there are 10 % more judgments, tells neighbours apart at 95 %.
"""

import sys
from dataclasses import dataclass

import numpy as np

from benchmarks.page import percent, print_header, print_row
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.design.stopping import Rule, looks, verdict
from ratings.psychometrics.inference.fitting import Fit, fit

METHODS, RATERS, PICTURES, MOST = 4, 100, 100, 10_000
HEADERS = (
    "lead | spread | wrong stops, careless | ours | stopped, careless | ours "
    "| median judgments, careless | ours",
)
# Who looks carelessly looks whenever there are 10 % more.
OFTEN = 1.1


@dataclass(frozen=True)
class Scenario:
    """The best method's lead over the second, all other gaps, and how much tastes differ."""

    lead: float
    gap: float
    spread: float


SCENARIOS = tuple(Scenario(lead, 0.8, spread) for spread in (0.0, 0.4) for lead in (0.02, 0.2, 0.4))
# Judgments at the stop, and whether the order is wrong there.
Found = tuple[int, bool]
NEVER = (MOST + 1, False)


def main(runs: int = 200) -> None:
    """Print one line per scenario: wrong stops of each rule, then how many judgments each took."""
    print_header(HEADERS[0])
    for number, plan in enumerate(SCENARIOS):
        outcomes = np.array([_study(plan, [11, number, run]) for run in range(runs)])
        wrong, stops = outcomes[:, :, 1].mean(axis=0), np.median(outcomes[:, :, 0], axis=0)
        stopped = (outcomes[:, :, 0] <= MOST).mean(axis=0)
        cells = [percent(share) for share in (*wrong, *stopped)]
        cells += [f"{stop:,.0f}" if stop <= MOST else f"> {MOST:,}" for stop in stops]
        print_row([f"{plan.lead}", f"{plan.spread}", *cells])


def _study(plan: Scenario, seed: list[int]) -> tuple[Found, Found]:
    """Let a crowd judge; return when each rule stops it, and whether wrongly."""
    behind = np.cumsum([0, plan.lead, *[plan.gap] * (METHODS - 2)])
    crowd = SyntheticCrowd(
        [f"m{i}" for i in range(METHODS)],
        [f"p{i}" for i in range(PICTURES)],
        RATERS,
        np.random.default_rng(seed),
        strengths=(-behind).tolist(),
        rater_model=RaterModel(taste_sd=plan.spread, picture_sd=plan.spread, unsure=0.1),
    )
    made = crowd.simulate(MOST)
    return _careless(made), _valid(made)


def _careless(made: Simulated) -> Found:
    """Look often, each time at 95 %."""
    looks = 100 * OFTEN ** np.arange(np.log(MOST / 100) / np.log(OFTEN))
    for judgments in looks.astype(int).tolist():
        fitted = fit(_tally(made, judgments))
        if not fitted.provisional:
            return judgments, _wrong(fitted, made)
    return NEVER


def _valid(made: Simulated) -> Found:
    """Look as `ratings.psychometrics.design.stopping` says."""
    for look in (look for look in looks(METHODS) if look <= MOST):
        tally = _tally(made, look)
        if verdict(tally, made.methods, Rule(separated=True), last_look=0).reason:
            return look, _wrong(fit(tally), made)
    return NEVER


def _wrong(fitted: Fit, made: Simulated) -> bool:
    """Say whether the order isn't the true one."""
    return [row.method for row in fitted.rows] != list(made.methods)


def _tally(made: Simulated, judgments: int) -> Tally:
    """Return the first so many judgments as counts."""
    columns = (made.rater, made.picture, made.left, made.right, made.choice)
    return tally_codes(made.methods, *(column[:judgments] for column in columns))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
