"""What the judgments tell about those who made them: one report, from judgments one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.model.connectivity import placement
from ratings.psychometrics.raters.agreement import RaterAgreement, rater_agreement, with_others
from ratings.psychometrics.raters.answer_patterns import (
    impossible_speed,
    median_times,
    one_side,
    patterns,
    random_answers,
)
from ratings.psychometrics.raters.collusion import collusion
from ratings.psychometrics.raters.coordinated_newcomers import coordinated_newcomers
from ratings.psychometrics.raters.flags import Flag
from ratings.psychometrics.raters.influence import Influence, influence
from ratings.psychometrics.raters.position_bias import (
    PositionBias,
    RaterPositionBias,
    position_bias,
    rater_position_bias,
)
from ratings.psychometrics.raters.promotion import promotion
from ratings.psychometrics.raters.reliability import Reliability, reliability
from ratings.psychometrics.raters.residuals import LeaveOneRaterOut, leave_one_rater_out


@dataclass(frozen=True)
class RaterRow:
    """One rater; None where the judgments don't say.

    `reliability` is the expected share of answers that are not random, with a credible interval
    of 95 %; `left_share` counts ties as halves and `left_p` is the p-value of no position bias;
    `agreement` is the share of decided judgments that go with the other raters' scores, of which
    `agreement_usual` is what those scores expect; `influence` is the largest change of a score
    (log odds) when the rater is left out, `moved` the number of ranks that change then, and
    `needed` says that some method would have no score. `flags` are in words.
    """

    rater: str
    judgments: int
    median_ms: float | None
    reliability: float | None = None
    reliability_low: float | None = None
    reliability_high: float | None = None
    left_share: float | None = None
    left_p: float | None = None
    agreement: float | None = None
    agreement_usual: float | None = None
    influence: float | None = None
    moved: int | None = None
    needed: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureRow:
    """One picture, with its influence as a rater's."""

    picture: str
    judgments: int
    influence: float | None = None
    moved: int | None = None
    needed: bool = False


@dataclass(frozen=True)
class SecondScore:
    """A method's plain score beside the one of the fit that weighs raters by reliability.

    Both have mean 0 over the placed methods; the second's scale is that of answers that are
    not random (see `reliability`).
    """

    method: str
    rank: int
    score: float
    reliable_rank: int
    reliable_score: float


@dataclass(frozen=True)
class RaterReport:
    """All of it. Raters with flags come first, then by influence; pictures by influence.

    `stretch` is how much farther apart the second scores lie (least squares through 0).
    """

    judgments: int
    raters: tuple[RaterRow, ...]
    pictures: tuple[PictureRow, ...]
    second: tuple[SecondScore, ...]
    stretch: float | None
    position_bias: PositionBias | None
    agreement: RaterAgreement | None
    flags: tuple[Flag, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Findings:
    """What the judgments among the placed methods tell."""

    residuals: LeaveOneRaterOut
    fit: Reliability
    by_picture: Influence
    position_bias: RaterPositionBias
    flags: tuple[Flag, ...]


def rater_report(
    judgments: JudgmentArrays, goldens: Mapping[str, tuple[float, float]] | None = None
) -> RaterReport:
    """Report on raters and pictures; never fails on valid judgments.

    `goldens` counts each rater's right and wrong answers to trials with a known answer, which
    tell of reliability; a rater who is not in it gave none.

    Everything is measured against the scores of the methods that have a place (see
    `placement`); where none has, only counts are reported. The order of the judgments makes no
    difference.
    """
    judgments = judgments.ordered()
    chosen = placement(judgments.tally())
    kept = judgments.among(chosen.placed)
    known = [(goldens or {}).get(name, (0.0, 0.0)) for name in kept.raters]
    findings = _findings(kept, np.array(known)) if len(kept) else None
    return RaterReport(
        judgments=len(judgments),
        raters=_rater_rows(judgments, findings),
        pictures=_picture_rows(judgments, findings),
        second=_second(findings) if findings else (),
        stretch=_stretch(findings) if findings else None,
        position_bias=_position_bias(findings) if findings else None,
        agreement=rater_agreement(judgments),
        flags=findings.flags if findings else (),
        notes=_notes(judgments, len(kept)),
    )


def _findings(kept: JudgmentArrays, goldens: FloatArray) -> _Findings:
    residuals, methods, raters = leave_one_rater_out(kept), len(kept.methods), len(kept.raters)
    return _Findings(
        residuals=residuals,
        fit=reliability(kept.counts(kept.rater), methods, raters, goldens),
        by_picture=influence(kept.counts(kept.image), len(kept.images), residuals.score),
        position_bias=rater_position_bias(residuals.answers, raters, residuals.chance),
        flags=_flags(residuals),
    )


def _flags(residuals: LeaveOneRaterOut) -> tuple[Flag, ...]:
    random = random_answers(residuals)
    return (
        *random,
        *one_side(residuals),
        *patterns(residuals),
        *impossible_speed(residuals),
        *collusion(residuals),
        *promotion(residuals, [rater for flag in random for rater in flag.raters]),
        *coordinated_newcomers(residuals.judgments),
    )


def _position_bias(findings: _Findings) -> PositionBias | None:
    residuals = findings.residuals
    return position_bias(residuals.answers, residuals.score, residuals.chance)


def _rater_rows(judgments: JudgmentArrays, findings: _Findings | None) -> tuple[RaterRow, ...]:
    """Return a row for each rater, those with flags first, then by influence."""
    size = len(judgments.raters)
    count = np.bincount(judgments.rater, minlength=size).tolist()
    medians = median_times(judgments)
    rows = [
        RaterRow(name, judged, _number(None if medians is None else medians[rater]))
        for rater, (name, judged) in enumerate(zip(judgments.raters, count, strict=True))
    ]
    if findings is not None:
        rows = _with_findings(rows, findings)
    return tuple(sorted(rows, key=lambda row: (not row.flags, *_by_influence(row), row.rater)))


def _with_findings(rows: list[RaterRow], findings: _Findings) -> list[RaterRow]:
    residuals = findings.residuals
    agreed, usual = with_others(residuals.answers, len(rows), residuals.chance)
    attentiveness, (low, high) = findings.fit.attentiveness, findings.fit.interval()
    messages: list[list[str]] = [[] for _ in rows]
    for flag in findings.flags:
        for rater in flag.raters:
            messages[rater].append(flag.message)
    return [
        replace(
            row,
            reliability=_number(attentiveness[rater]),
            reliability_low=_number(low[rater]),
            reliability_high=_number(high[rater]),
            left_share=_number(findings.position_bias.share[rater]),
            left_p=_number(findings.position_bias.p_value[rater]),
            agreement=_number(agreed[rater]),
            agreement_usual=_number(usual[rater]),
            influence=_influence(findings.residuals.by_rater, rater),
            moved=_moved(findings.residuals.by_rater, rater),
            needed=bool(findings.residuals.by_rater.needed[rater]),
            flags=tuple(messages[rater]),
        )
        if findings.residuals.counts[rater]
        else row
        for rater, row in enumerate(rows)
    ]


def _picture_rows(judgments: JudgmentArrays, findings: _Findings | None) -> tuple[PictureRow, ...]:
    """Return a row for each picture, by influence."""
    count = np.bincount(judgments.image, minlength=len(judgments.images)).tolist()
    rows = [PictureRow(name, judged) for name, judged in zip(judgments.images, count, strict=True)]
    if findings is not None:
        rows = [
            replace(
                row,
                influence=_influence(findings.by_picture, image),
                moved=_moved(findings.by_picture, image),
                needed=bool(findings.by_picture.needed[image]),
            )
            for image, row in enumerate(rows)
        ]
    return tuple(sorted(rows, key=lambda row: (*_by_influence(row), row.picture)))


def _by_influence(row: RaterRow | PictureRow) -> tuple[bool, float]:
    return not row.needed, -(row.influence or 0.0)


def _influence(influence: Influence, cluster: int) -> float | None:
    return None if influence.needed[cluster] else float(influence.largest[cluster])


def _moved(influence: Influence, cluster: int) -> int | None:
    return None if influence.needed[cluster] else int(influence.moved[cluster])


def _number(value: float | None) -> float | None:
    """Return a number as such, None for nan."""
    return None if value is None or np.isnan(value) else float(value)


def _second(findings: _Findings) -> tuple[SecondScore, ...]:
    """Return the methods in order of plain score."""
    plain, reliable = findings.residuals.score, findings.fit.score
    ranks = [
        1 + (score[None, :] > score[:, None] + 1e-9).sum(axis=1) for score in (plain, reliable)
    ]
    names = findings.residuals.judgments.methods
    order = sorted(range(len(names)), key=lambda i: (int(ranks[0][i]), names[i]))
    return tuple(
        SecondScore(
            names[i], int(ranks[0][i]), float(plain[i]), int(ranks[1][i]), float(reliable[i])
        )
        for i in order
    )


def _stretch(findings: _Findings) -> float | None:
    squares = float(findings.residuals.score @ findings.residuals.score)
    return float(findings.residuals.score @ findings.fit.score) / squares if squares > 0 else None


def _notes(judgments: JudgmentArrays, kept: int) -> tuple[str, ...]:
    """Say what the report could not look at."""
    notes = []
    if len(judgments) and not kept:
        notes.append("No method can be placed yet, so raters can't be compared with a ranking.")
    elif kept < len(judgments):
        notes.append(
            f"Of {len(judgments)} judgments {kept} are among methods with a score; all but the "
            "counts rest on those."
        )
    if len(judgments) and judgments.response_ms is None:
        notes.append("Without response times nobody was looked at for impossible speed.")
    if len(judgments) and judgments.judged_at is None:
        notes.append(
            "Without times of judgments nobody was looked at for patterns in time, or for "
            "bursts of new raters."
        )
    return tuple(notes)
