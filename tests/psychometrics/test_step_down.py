"""Which pairs are told apart, against looking at every pair in every draw."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from ratings.psychometrics.inference import step_down
from ratings.psychometrics.inference.ranks import simulated_errors
from ratings.psychometrics.inference.step_down import distinguishable

Floats = NDArray[np.float64]
METHODS, ENDLESS = 20, np.full((20, 20), 1e9)
KINDS = ("alike", "seen unequally", "in two camps")


def covariance_of(kind: str, rng: np.random.Generator) -> Floats:
    """Return a covariance of the scores of `METHODS` methods."""
    root = rng.normal(size=(METHODS, METHODS + 2))
    if kind == "seen unequally":
        root *= rng.lognormal(0, 1.0, METHODS)[:, None]
    if kind == "in two camps":  # those of a camp are off together, far more than from each other
        root[:, 0] += np.tile([20.0, -20.0], METHODS // 2)
    root -= root.mean(axis=0)
    return np.asarray(root @ root.T / METHODS, np.float64)


def errors_of_differences(covariance: Floats) -> Floats:
    """Return standard errors of all differences."""
    own = np.diag(covariance)
    return np.sqrt(np.maximum(own[:, None] + own - 2 * covariance, 0))


def told_apart_one_by_one(
    errors: Floats, score: Floats, se: Floats, level: float
) -> set[tuple[int, int]]:
    """Test each pair with the largest error of all pairs that have no larger a lead."""
    first, second = np.nonzero(np.triu(se > 0, 1))
    error = se[first, second]
    lead = (score[first] - score[second]) / error
    order = np.argsort(lead)
    by = (errors[second] - errors[first]) / error[:, None]
    worst = np.maximum.accumulate(by[order], axis=0)
    doubt = (1 + (worst > lead[order, None]).sum(axis=1)) / (1 + errors.shape[1])
    refused = (doubt > 1 - level) & (lead[order] < stats.norm.isf((1 - level) / len(lead)))
    refused |= lead[order] < stats.norm.isf((1 - level) / 2)
    clear = order[np.flatnonzero(refused).max(initial=-1) + 1 :]
    return set(zip(first[clear].tolist(), second[clear].tolist(), strict=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", [0.3, 0.95, 0.9999])
def test_pairs_told_apart_are_those_of_all_pairs(
    kind: str, level: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, several = np.random.default_rng(KINDS.index(kind)), 0
    for spread in (2.0, 8.0, 30.0):
        covariance = covariance_of(kind, rng)
        score = np.sort(rng.normal(0, spread, METHODS))[::-1]
        errors, se = simulated_errors(score, covariance), errors_of_differences(covariance)
        se[3, 7] = se[7, 3] = np.nan  # of one pair nothing is known
        expected = told_apart_one_by_one(errors, score, se, level)
        several += 0 < len(expected) < METHODS * (METHODS - 1) // 2 - 1
        for few, at_once in ((0, 5_000), (0, 1 << 18), (METHODS, 5_000), (METHODS, 1 << 18)):
            monkeypatch.setattr(step_down, "_FEW_METHODS", few)
            monkeypatch.setattr(step_down, "_AT_ONCE", at_once)
            apart = distinguishable(errors, score, se, ENDLESS, level)
            assert (apart == apart.T).all()
            assert set(zip(*map(list, np.nonzero(np.triu(apart))), strict=True)) == expected
    assert several, "where all are told apart, or none, little is tested"


def test_student_s_tails_tell_fewer_apart() -> None:
    covariance = covariance_of("alike", np.random.default_rng(5))
    score = np.linspace(4, -4, METHODS)
    errors, se = simulated_errors(score, covariance), errors_of_differences(covariance)
    few, many = (distinguishable(errors, score, se, ENDLESS * 0 + dof, 0.95) for dof in (6, 60))
    assert few.sum() < many.sum() and not (few & ~many).any()
