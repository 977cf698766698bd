"""Whether ever more answers are dropped for a reason: a sequential test that counts raters.

Answers of one rater are alike, so evidence is that of raters. A rater is either *usual*, and their
answers are dropped with a share of their own around the usual one (beta-binomial), or *off*, with
any share above it. As long as nothing jumped, a few raters are off; after a jump most are, or at
least a third. Of the answers from a place on, a rater's likelihood after a jump, divided by that
before it, is at most 1 / (share of raters that are off): no single rater rings, nor do three.

The evidence is the largest such product over all places where the jump may have begun: Page's
CUSUM of e-values. For each place it is at or above T with a chance of at most 1 / T, so within n
answers it ever is with one of at most n / T: Page 1954, "Continuous inspection schemes",
Biometrika 41:100; Shin, Ramdas and Rinaldo 2024, "E-detectors: a nonparametric framework for
sequential change detection", New England Journal of Statistics in Data Science 2:229.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaln, logsumexp

from ratings.psychometrics.arrays import BoolArray, FloatArray, IntArray

# A false alarm in 10,000 answers has a chance of at most 1 %.
THRESHOLD = 1e6
# A jump is looked for among so many answers; those before tell what is usual.
WINDOW = 1000
# What is taken as usual lies between these, whatever was before: what all raters share for long
# never becomes usual.
LEAST_SHARE, MOST_SHARE = 0.05, 0.3
LEAST_OFF, MOST_OFF = 0.01, 0.3
# What counts beside the history: so many answers with this share, and so many raters.
PRIOR_ANSWERS, PRIOR_SHARE = 100, 0.1
PRIOR_RATERS, PRIOR_OFF = 20, 0.04
# Shares of usual raters differ by this intraclass correlation.
ALIKE = 0.1
# A rater is off above the usual share and this part of the rest.
ABOVE = 0.15
# Of a history's raters, those with as many answers are asked whether they are off.
TELLING = 5
# The share of raters that are off after a jump: all but all, or those of one browser.
AFTER = (0.98, 0.35)
# A jump is over when the latest answers are nearer to the usual.
LATEST = 60


@dataclass(frozen=True)
class Usual:
    """What is usual: the share of a usual rater's answers that are dropped, and of raters off."""

    share: float
    off: float

    @property
    def limit(self) -> float:
        """The share above which a rater is off."""
        return self.share + ABOVE * (1 - self.share)


@dataclass(frozen=True)
class Jump:
    """More is dropped since the answer at place `first`: `share` of those since, of `raters`.

    `usual` is the share before; `log_evidence` that for the jump, at least log(THRESHOLD).
    """

    first: int
    share: float
    usual: float
    raters: int
    log_evidence: float


def find_jump(rater: IntArray, dropped: BoolArray) -> Jump | None:
    """Return the jump that is under way after the last of a study's answers; None if none is.

    `rater` (answers,) are numbers of raters and `dropped` (answers,) tells which answers are, in
    order of time. What came before the last `WINDOW` answers is the history.
    """
    past, recent = slice(0, max(0, len(rater) - WINDOW)), slice(max(0, len(rater) - WINDOW), None)
    usual = usual_shares(rater[past], dropped[past])
    evidence = log_evidence(rater[recent], dropped[recent], usual)
    if evidence.max(initial=0.0) < np.log(THRESHOLD):
        return None
    first = int(evidence.argmax())
    since = dropped[recent][first:]
    if since[-LATEST:].mean() <= (usual.share + since.mean()) / 2:
        return None
    return Jump(
        first=first + (recent.start or 0),
        share=float(since.mean()),
        usual=usual.share,
        raters=len(np.unique(rater[recent][first:])),
        log_evidence=float(evidence[first]),
    )


def usual_shares(rater: IntArray, dropped: BoolArray) -> Usual:
    """Return what is usual after a history of answers, which may be empty.

    Raters who are off tell nothing of the share of the others.
    """
    number = np.unique(rater, return_inverse=True)[1]
    answers = np.bincount(number)
    count = np.bincount(number, dropped)
    telling = answers >= TELLING
    limit = Usual(PRIOR_SHARE, PRIOR_OFF).limit
    off = telling & (count > limit * answers)
    share = (PRIOR_SHARE * PRIOR_ANSWERS + count[~off].sum()) / (
        PRIOR_ANSWERS + answers[~off].sum()
    )
    raters_off = (PRIOR_OFF * PRIOR_RATERS + off.sum()) / (PRIOR_RATERS + telling.sum())
    return Usual(
        float(np.clip(share, LEAST_SHARE, MOST_SHARE)),
        float(np.clip(raters_off, LEAST_OFF, MOST_OFF)),
    )


def log_evidence(rater: IntArray, dropped: BoolArray, usual: Usual) -> FloatArray:
    """Return, for each answer, the log of the evidence that a jump began there, shape (answers,).

    It is that of all answers from there to the last.
    """
    # From the last answer back: how many of its rater's were seen, and how many were dropped.
    backward, lost = rater[::-1], dropped[::-1].astype(np.int64)
    order = np.argsort(backward, kind="stable")
    starts = np.flatnonzero(np.diff(backward[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    total = np.cumsum(lost[order])
    before = np.repeat(total[starts] - lost[order][starts], sizes)
    seen = np.arange(1, len(order) + 1) - np.repeat(starts, sizes)
    count = total - before
    ratio = log_ratio(count, seen, usual)
    # What a rater's answer adds to those of theirs that come after it.
    step = np.diff(ratio, axis=1, prepend=0)
    step[:, starts] = ratio[:, starts]
    steps = np.empty_like(step)
    steps[:, order] = step
    summed = np.cumsum(steps, axis=1)
    return np.asarray(logsumexp(summed, axis=0)[::-1] - np.log(len(AFTER)), np.float64)


def log_ratio(dropped: IntArray, answers: IntArray, usual: Usual) -> FloatArray:
    """Return the log of each rater's likelihood after a jump, divided by that before it.

    `dropped` of `answers`, both (raters,), are dropped; the shape is (len(AFTER), raters). It
    grows with `dropped`, so a share below the usual one only makes false alarms rarer.
    """
    usual_rater, off_rater = _log_likelihoods(dropped, answers, usual)
    after = np.log(np.array(AFTER)[:, None])
    still = np.log(1 - np.array(AFTER)[:, None])
    return np.asarray(
        np.logaddexp(after + off_rater, still + usual_rater)
        - np.logaddexp(np.log(usual.off) + off_rater, np.log(1 - usual.off) + usual_rater),
        np.float64,
    )


def _log_likelihoods(
    dropped: IntArray, answers: IntArray, usual: Usual
) -> tuple[FloatArray, FloatArray]:
    """Return those of a usual rater and of one who is off, whose share is uniform above a limit."""
    kept = answers - dropped
    weight = 1 / ALIKE - 1
    first, second = weight * usual.share, weight * (1 - usual.share)
    usual_rater: FloatArray = betaln(first + dropped, second + kept) - betaln(first, second)
    room = 1 - usual.limit
    # Far below the limit the integral is 0: such a rater is not off.
    with np.errstate(divide="ignore"):
        beyond = np.log(betainc(kept + 1.0, dropped + 1.0, room))
    off_rater: FloatArray = betaln(dropped + 1, kept + 1) + beyond - np.log(room)
    return usual_rater, off_rater
