"""What a study's judgments tell about its raters, read from the judgments one by one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from scipy import special

from ratings.comparisons.judgments.answers import study_answers
from ratings.comparisons.judgments.screening import CHECKED, RaterFigures, figures_of
from ratings.comparisons.models import Rater, Study, Trial
from ratings.psychometrics.counts.counted_answers import counted_answers
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.raters.agreement import with_others
from ratings.psychometrics.raters.rater_report import RaterReport, RaterRow, rater_report
from ratings.ranking.evidence.answer_arrays import arrays_of_answers, ranked_answers

_REPORTED = (
    *("reliability", "reliability_low", "reliability_high", "left_share", "left_p"),
    *("agreement", "agreement_usual", "influence", "moved", "needed", "flags"),
)
_SPREAD = ("p5", "p25", "median", "p75", "p95")
FACTS = (
    *("judgments", "quality", "goldens", "golden_right", "golden_accuracy"),
    *("repeats", "repeats_alike", "self_consistency", "answers", "dropped", "left_of_all"),
    *("identical", "identical_left"),
    *(f"ms_{name}" for name in _SPREAD),
    *(f"flips_{name}" for name in _SPREAD),
    *_REPORTED,
)


@dataclass(frozen=True)
class StudyRater:
    """A rater's figures, and what the report says.

    `report` of a rater who is not used knows agreement alone, with the scores of those who are.
    """

    pk: UUID
    figures: RaterFigures
    report: RaterRow


@dataclass(frozen=True)
class StudyRaters:
    """A study's report on the judgments that count, and all raters who answered anything.

    Raters with flags come first, then those who are not used, then by influence.
    """

    study: Study
    report: RaterReport
    raters: tuple[StudyRater, ...]


def study_raters(study: Study) -> StudyRaters:
    """Report on a study's raters who answered anything outside training, those of a pilot apart."""
    figures, used, others = _read(study)
    report = rater_report(used.pop(), _goldens(figures))
    rows = {row.rater: row for row in report.raters}
    rows = _others(others, report) | rows
    states = dict(study.raters.values_list("pk", "state"))
    order = {name: place for place, name in enumerate(rows)}
    mine = [
        StudyRater(pk, each, rows.get(pk.hex, RaterRow(pk.hex, 0, None)))
        for pk, each in figures.items()
    ]
    mine.sort(
        key=lambda each: (
            not each.report.flags,
            states[each.pk] == Rater.State.USED,
            order.get(each.pk.hex, len(order)),
            each.pk.hex,
        )
    )
    return StudyRaters(study, report, tuple(mine))


def _read(
    study: Study,
) -> tuple[dict[UUID, RaterFigures], list[JudgmentArrays], JudgmentArrays]:
    """Return raters' figures, the judgments that count, in a list, and those of raters not used.

    All are of one reading. Whoever takes the only one out of the list lets its memory go in time.
    """
    answers = study_answers(study, CHECKED)
    figures, compared = figures_of(answers), answers.are(Trial.Kind.COMPARISON)
    others = arrays_of_answers(study, answers.where(compared & (answers["used"] == 0)))
    answers = answers.where(compared & ranked_answers(answers, study))
    return figures, [arrays_of_answers(study, answers)], others


def _goldens(figures: Mapping[UUID, RaterFigures]) -> dict[str, tuple[float, float]]:
    """Return each rater's right and wrong answers to golden trials."""
    return {
        pk.hex: (each.quality.right, each.quality.goldens - each.quality.right)
        for pk, each in figures.items()
    }


def _others(judgments: JudgmentArrays, report: RaterReport) -> dict[str, RaterRow]:
    """Return rows of raters whose judgments don't count: how they agree with those that do."""
    score = {row.method: row.score for row in report.second}
    known = [place for place, name in enumerate(judgments.methods) if name in score]
    kept, size = judgments.among(known), len(judgments.raters)
    placed = np.array([score[name] for name in kept.methods])
    answers = counted_answers(kept)
    chance = special.expit(placed[answers.left] - placed[answers.right])
    agreed, usual = with_others(answers, size, chance)
    count = np.bincount(judgments.rater, minlength=size)
    return {
        name: RaterRow(
            name,
            int(count[place]),
            None,
            agreement=_number(agreed[place]),
            agreement_usual=_number(usual[place]),
        )
        for place, name in enumerate(judgments.raters)
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def rater_facts(rater: StudyRater) -> dict[str, Any]:
    """Return what is known of a rater by `FACTS`; flags as a list of sentences."""
    quality, mine, report = rater.figures.quality, rater.figures, asdict(rater.report)
    values = {name: report[name] for name in _REPORTED} | {
        "judgments": rater.report.judgments,
        "quality": quality.total,
        "goldens": quality.goldens,
        "golden_right": quality.right,
        "golden_accuracy": quality.accuracy,
        "repeats": quality.repeats,
        "repeats_alike": quality.alike,
        "self_consistency": quality.consistency,
        "answers": mine.answers,
        "dropped": mine.dropped,
        "left_of_all": mine.left_share,
        "identical": mine.identical,
        "identical_left": mine.identical_left,
    }
    for prefix, spread in (("ms", mine.response_ms), ("flips", mine.flips)):
        values |= {f"{prefix}_{name}": None for name in _SPREAD}
        values |= {f"{prefix}_{name}": value for name, value in zip(_SPREAD, spread, strict=False)}
    return {name: values[name] for name in FACTS}
