"""What a study's judgments tell about its raters, read from the judgments one by one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from scipy import special

from ratings.comparisons.judgments.answers import study_answers
from ratings.comparisons.judgments.screening import RaterFigures, rater_figures
from ratings.comparisons.models import Decision, Rater, Study, Trial
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.raters.agreement import with_others
from ratings.psychometrics.raters.rater_report import RaterReport, RaterRow, rater_report
from ratings.ranking.evidence.answer_arrays import arrays_of_answers, ranked_answers

_REPORTED = (
    *("reliability", "reliability_low", "reliability_high", "left_share", "left_p"),
    *("agreement", "agreement_usual", "influence", "moved", "needed", "flags"),
)
_SPREAD = ("p5", "p25", "median", "p75", "p95")
RATER_COLUMNS = [
    *("rater", "simulated", "state", "reason", "decided_by", "decided_at", "judgments"),
    *("quality", "goldens", "golden_right", "golden_accuracy"),
    *("repeats", "repeats_alike", "self_consistency", "answers", "dropped", "left_of_all"),
    *("identical", "identical_left"),
    *(f"ms_{name}" for name in _SPREAD),
    *(f"flips_{name}" for name in _SPREAD),
    *_REPORTED,
]
_DECIMALS = 4
BY_RULE, BY_ORGANIZER = "rule", "organizer"


@dataclass(frozen=True)
class StudyRater:
    """A rater's figures, what the report says, and the decision that holds.

    `report` of a rater who is not used knows agreement alone, with the scores of those who are.
    """

    rater: Rater
    figures: RaterFigures
    report: RaterRow
    decision: Decision | None = None


@dataclass(frozen=True)
class StudyRaters:
    """A study's report on the judgments that count, and all raters who answered anything.

    Raters with flags come first, then those who are not used, then by influence.
    """

    study: Study
    report: RaterReport
    raters: tuple[StudyRater, ...]


def study_raters(study: Study) -> StudyRaters:
    """Report on all raters of a study who answered anything outside training."""
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    used = ranked_answers(answers, study)
    figures = rater_figures(study)
    report = rater_report(arrays_of_answers(study, answers.where(used)), _goldens(figures))
    rows = {row.rater: row for row in report.raters}
    rows = _others(arrays_of_answers(study, answers.where(answers["used"] == 0)), report) | rows
    raters = Rater.objects.filter(pk__in=figures).prefetch_related("decisions")
    order = {name: place for place, name in enumerate(rows)}
    mine = [_study_rater(rater, figures[rater.pk], rows) for rater in raters]
    mine.sort(
        key=lambda each: (
            not each.report.flags,
            each.rater.state == Rater.State.USED,
            order.get(each.rater.pk.hex, len(order)),
            each.rater.pk.hex,
        )
    )
    return StudyRaters(study, report, tuple(mine))


def rater_rows(evidence: StudyRaters) -> list[dict[str, Any]]:
    """Return the raters as one dict each, with the columns of `RATER_COLUMNS`."""
    return [_rater_row(rater) for rater in evidence.raters]


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
    chance = special.expit(placed[kept.left] - placed[kept.right]) if len(kept) else np.zeros(0)
    agreed, usual = with_others(kept.rater, size, kept.left_won, chance)
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


def _study_rater(rater: Rater, mine: RaterFigures, rows: Mapping[str, RaterRow]) -> StudyRater:
    report = rows.get(rater.pk.hex, RaterRow(rater.pk.hex, 0, None))
    newest = max(rater.decisions.all(), key=lambda decision: decision.pk, default=None)
    return StudyRater(rater, mine, report, newest)


def _rater_row(rater: StudyRater) -> dict[str, Any]:
    quality, mine, report = rater.figures.quality, rater.figures, asdict(rater.report)
    values = {name: report[name] for name in _REPORTED} | {
        "rater": rater.rater.pk.hex,
        "simulated": rater.rater.simulated,
        "state": rater.rater.state,
        **_decision_columns(rater.decision),
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
        "flags": " ".join(rater.report.flags),
    }
    for prefix, spread in (("ms", mine.response_ms), ("flips", mine.flips)):
        values |= {f"{prefix}_{name}": None for name in _SPREAD}
        values |= {f"{prefix}_{name}": value for name, value in zip(_SPREAD, spread, strict=False)}
    return {name: _printed(values[name]) for name in RATER_COLUMNS}


def _decision_columns(decision: Decision | None) -> dict[str, str | None]:
    if decision is None:
        return dict.fromkeys(("reason", "decided_by", "decided_at"))
    return {
        "reason": decision.reason,
        "decided_by": BY_RULE if decision.rule else BY_ORGANIZER,
        "decided_at": decision.decided_at.isoformat(),
    }


def _printed(value: object) -> object:
    return round(value, _DECIMALS) if isinstance(value, float) else value
