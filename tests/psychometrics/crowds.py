"""Judgments of synthetic crowds, one by one."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ratings.psychometrics.counts.counted_answers import CountedAnswers
from ratings.psychometrics.counts.judgment_arrays import TIE, JudgmentArrays
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd


def judged(
    seed: int,
    *,
    raters: int = 40,
    each: int = 60,
    methods: int = 6,
    pictures: int = 20,
    random: int = 0,
    **changes: Any,
) -> JudgmentArrays:
    """Return judgments of a crowd whose last `random` raters flip coins.

    Raters come one after the other, in the order of their numbers.
    """
    crowd = SyntheticCrowd(
        [f"m{i:02}" for i in range(methods)],
        [f"p{i:02}" for i in range(pictures)],
        raters,
        np.random.default_rng(seed),
        strengths=np.linspace(-1.5, 1.5, methods).tolist(),
        rater_model=RaterModel(**({"careless": 0.0} | changes)),
    )
    crowd.careless[raters - random :] = True
    made = crowd.simulate(raters * each)
    number = np.arange(len(made.rater))
    return replace(
        made.arrays(raters, crowd.pictures),
        judged_at=made.rater * len(number) + number,
    )


def of(judgments: JudgmentArrays, rater: int) -> np.ndarray:
    """Return the places of a rater's judgments."""
    return np.flatnonzero(judgments.rater == rater)


def once(judgments: JudgmentArrays) -> JudgmentArrays:
    """Return each rater's first judgment of each pair on what was shown, whichever sides."""
    sides = np.sort([judgments.left, judgments.right], axis=0)
    trials = np.stack([judgments.rater, judgments.shown, *sides])
    return judgments.where(np.unique(trials, axis=1, return_index=True)[1])


def changed(judgments: JudgmentArrays, **columns: Any) -> JudgmentArrays:
    """Return the judgments with some columns replaced."""
    return replace(judgments, **columns)


def answered(
    rater: ArrayLike, left_won: ArrayLike, times: ArrayLike | None = None
) -> CountedAnswers:
    """Return answers by how far the left was preferred (1, 0, 1/2), each given once or more."""
    number = np.asarray(rater, np.int64)
    choice = np.array([1, TIE, 0])[(2 * np.asarray(left_won, np.float64)).astype(np.int64)]
    count = np.ones(len(number)) if times is None else np.asarray(times, np.float64)
    return CountedAnswers(number, 0 * number, 1 + 0 * number, choice, count)
