"""What a metric decides on each pair, and how it orders methods."""

from collections.abc import Mapping

import numpy as np

from ratings.metrics.judged_units import AskedUnits
from ratings.metrics.models import MetricEntry
from ratings.psychometrics.arrays import FloatArray

# Values by submission and picture, as text.
Values = Mapping[str, Mapping[str, float]]


def decisions_of(entry: MetricEntry, asked: AskedUnits) -> FloatArray:
    """Return what the entry decides on each unit, shape (units,): 1 first, 0 second, 0.5 neither.

    nan where it says nothing, as of methods that came after it.
    """
    if entry.form == MetricEntry.Form.DECISIONS:
        return np.array(
            [
                entry.content.get(str(unit.pair), {}).get(str(unit.crop), np.nan)
                for unit in asked.units
            ]
        )
    return decisions_by(entry.content, asked, 1 if entry.higher_is_better else -1)


def decisions_by(values: Values, asked: AskedUnits, direction: int = 1) -> FloatArray:
    """Return what values decide on each unit: for whichever is better on the unit's picture."""
    first, second = (
        np.array(
            [
                values.get(str(submission), {}).get(str(unit.original), np.nan)
                for unit, submission in zip(asked.units, submissions, strict=True)
            ]
        )
        for submissions in (
            [unit.first_submission for unit in asked.units],
            [unit.second_submission for unit in asked.units],
        )
    )
    known = np.isnan(first) | np.isnan(second)
    better = np.where(first == second, 0, np.where(first > second, 1, -1)) * direction
    decisions: FloatArray = np.where(known, np.nan, 0.5 + better / 2)
    return decisions


def method_means(entry: MetricEntry, asked: AskedUnits) -> dict[str, float]:
    """Return a figure for each method by submission, higher for better: what orders methods.

    Of values it is the mean over pictures; of decisions the mean, over the methods that it meets,
    of the share of crops on which it is preferred.
    """
    if entry.form == MetricEntry.Form.VALUES:
        sign = 1 if entry.higher_is_better else -1
        used = {str(pk) for pk in asked.originals}
        return {
            submission: sign * float(np.mean([values[pk] for pk in sorted(used & set(values))]))
            for submission, values in entry.content.items()
            if used & set(values)
        }
    shares: dict[str, list[float]] = {}
    submissions = {
        unit.pair: (unit.first_submission, unit.second_submission) for unit in asked.units
    }
    for pair, decided in entry.content.items():
        if int(pair) in submissions and decided:
            share = float(np.mean(list(decided.values())))
            first, second = map(str, submissions[int(pair)])
            shares.setdefault(first, []).append(share)
            shares.setdefault(second, []).append(1 - share)
    return {submission: float(np.mean(of)) for submission, of in shares.items()}
