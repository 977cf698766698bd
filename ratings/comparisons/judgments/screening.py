"""Which raters' judgments are used: figures, the study's rule, and decisions on record.

A decision is appended, and the newest one holds. It moves the rater's judgments into the counters
or out of them; the judgments themselves stay as they are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib.auth.models import User

from ratings.comparisons.judgments.answers import KINDS, Answers, study_answers
from ratings.comparisons.judgments.counter_tables import count_in, count_out
from ratings.comparisons.locking import lock_pairs_of, lock_rater, locking, note_change
from ratings.comparisons.models import Decision, Judgment, Rater, Stage, Study, Trial
from ratings.comparisons.protocol import UNKNOWN, Screening
from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.raters.quality import Quality, RaterVerdict, qualities, shares, spreads

Kind = Trial.Kind
State = Rater.State
CHECKED = (Kind.COMPARISON, Kind.GOLDEN, Kind.REPEAT, Kind.IDENTICAL)
# A judgment is timed before it is stored: so much of the last look is looked at again.
_OVERLAP = timedelta(minutes=1)
_DECIMALS = 4
Spread = tuple[float, ...]


@dataclass(frozen=True)
class RaterFigures:
    """One rater in figures: all answers outside training that were not undone.

    Dropped answers are among them: whoever clicks through is known by these. `left_share` counts
    ties as halves; `response_ms` and `flips` are quantiles at `quality.LEVELS`, empty where
    nothing is known. `identical_left` is the left share of `identical` trials, which show one
    version twice: what is not a half there is a liking for a side.
    """

    quality: Quality
    answers: int
    dropped: int
    left_share: float | None
    response_ms: Spread
    flips: Spread
    identical: int = 0
    identical_left: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the figures as plain values, for a decision's record."""
        quality = self.quality
        return {
            **asdict(quality),
            "accuracy": _rounded(quality.accuracy),
            "consistency": _rounded(quality.consistency),
            "quality": _rounded(quality.total),
            "answers": self.answers,
            "dropped": self.dropped,
            "left_share": _rounded(self.left_share),
            "response_ms": list(self.response_ms),
            "flips": list(self.flips),
            "identical": self.identical,
            "identical_left": _rounded(self.identical_left),
        }


NOTHING = RaterFigures(Quality(), 0, 0, None, (), ())


def rater_figures(study: Study, raters: Collection[UUID] | None = None) -> dict[UUID, RaterFigures]:
    """Return the figures of a study's raters with answers, or of some of them, of any stage."""
    return figures_of(study_answers(study, CHECKED, raters=raters))


def figures_of(answers: Answers) -> dict[UUID, RaterFigures]:
    """Return the figures of the raters of some answers, all of which are `CHECKED`."""
    size, who = len(answers.raters), answers.rater
    flips = np.where(answers["flips"] == UNKNOWN, np.nan, answers["flips"])
    same = answers["kind"] == KINDS.index(Kind.IDENTICAL)
    columns = zip(
        _qualities(answers),
        np.bincount(who, minlength=size).tolist(),
        np.bincount(who, answers["excluded"], minlength=size).astype(int).tolist(),
        shares(who, size, answers.left_won).tolist(),
        _known(spreads(who, size, answers["response_ms"].astype(float))),
        _known(spreads(who, size, flips)),
        np.bincount(who[same], minlength=size).tolist(),
        _shares(who[same], size, answers.left_won[same]),
        strict=True,
    )
    return {
        UUID(hex=name): RaterFigures(*row)
        for name, row in zip(answers.raters, columns, strict=True)
    }


def _qualities(answers: Answers) -> list[Quality]:
    golden, again, before = answers.are(Kind.GOLDEN), *_repeats(answers)
    return qualities(
        len(answers.raters),
        answers.rater[golden],
        answers.first_won[golden],
        answers.rater[again],
        answers.first_won[before],
        answers.first_won[again],
    )


def _repeats(answers: Answers) -> tuple[Any, Any]:
    """Return the places of answers to repeats, and of the answers that they repeat."""
    shown = np.column_stack([answers.rater, answers["crop"], answers["pair"]])
    unit = np.unique(shown, axis=0, return_inverse=True)[1].reshape(-1)
    comparison = np.flatnonzero(answers.are(Kind.COMPARISON))
    place = np.full(unit.max(initial=-1) + 1, -1)
    place[unit[comparison]] = comparison
    again = np.flatnonzero(answers.are(Kind.REPEAT))
    # An answer that was undone and not given again has nothing to be compared with.
    again = again[place[unit[again]] >= 0]
    return again, place[unit[again]]


def _known(quantiles: FloatArray) -> list[Spread]:
    return [() if np.isnan(row[0]) else tuple(row.round(1).tolist()) for row in quantiles]


def _shares(rater: IntArray, raters: int, value: FloatArray) -> list[float | None]:
    return [None if np.isnan(share) else float(share) for share in shares(rater, raters, value)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def decide(
    rater: Rater,
    state: str,
    reason: str,
    *,
    now: datetime,
    by: User | None = None,
    rule: str = "",
    figures: Mapping[str, Any] | None = None,
    ending: str = "",
) -> Decision | None:
    """Put a decision about a rater on record, and the rater's judgments into or out of the counts.

    A decision of a rule, which `rule` describes, is not made where the state stays or where an
    organizer decided or a rule ended the session: then None is returned. With `ending` it also ends
    the session, even where the state stays; an organizer who decides that a rater is used lifts
    that. Judgments that arrive wait for the rater's row.
    """
    with locking():
        locked = lock_rater(rater.pk)
        stays = locked.state == state and not ending
        if rule and (stays or locked.ending or _is_by_organizer(locked)):
            return None
        is_counted = locked.stage == Stage.MAIN
        moves = is_counted and locked.state != state
        if is_counted:
            note_change(locked.study_id)
        if moves:
            lock_pairs_of(locked)
            count_out(locked)
        ended: dict[str, Any] = {"ending": ending, "ended_at": now} if ending else {}
        if state == State.USED and not rule:
            ended = {"ending": "", "ended_at": None}
        Rater.objects.filter(pk=locked.pk).update(state=state, **ended)
        if moves:
            count_in(locked)
        rater.state, rater.ending = state, ended.get("ending", locked.ending)
        return Decision.objects.create(
            rater=locked,
            state=state,
            reason=reason,
            rule=rule,
            figures=figures or {},
            decided_by=by,
            decided_at=now,
        )


def _is_by_organizer(rater: Rater) -> bool:
    """Tell whether the decision that holds is a person's; a rule's names the rule."""
    newest = rater.decisions.order_by("-pk").first()
    return newest is not None and not newest.rule


def screen(study: Study, now: datetime) -> list[Decision]:
    """Apply the study's rule to raters with new checks; to all of them if the rule is new.

    Returns the decisions that were made. Nothing is read where no check was answered.
    """
    rule = study.protocol.screening
    description = rule_description(rule)
    since = study.screened_at if study.screened_by == description else None
    checked = list(_checked_since(study, since))
    figures = rater_figures(study, checked) if checked else {}
    made = [_apply(rater, rule, figures, now) for rater in Rater.objects.filter(pk__in=figures)]
    Study.objects.filter(pk=study.pk).update(screened_at=now, screened_by=description)
    return [decision for decision in made if decision]


def rule_description(rule: Screening) -> str:
    """Return the study's rule about raters in words, with its thresholds."""
    least = rule.least_checks
    late = f"quality below {rule.quality:g}, after {least} golden trials and {least} repeats"
    if not rule.early:
        return late
    return (
        f"{late}; with fewer, so few passed that a rater at {rule.quality:g} has a chance below "
        f"{100 * rule.early:g} % of it"
    )


def _checked_since(study: Study, since: datetime | None) -> Sequence[UUID]:
    """Return the raters who answered a check since the last look."""
    checks = Judgment.objects.filter(trial__kind__in=[Kind.GOLDEN, Kind.REPEAT])
    if since is not None:
        checks = checks.filter(judged_at__gt=since - _OVERLAP)
    raters = checks.filter(trial__rater__study=study).values_list("trial__rater", flat=True)
    return list(raters.distinct())


def _apply(
    rater: Rater, rule: Screening, figures: Mapping[UUID, RaterFigures], now: datetime
) -> Decision | None:
    mine = figures[rater.pk]
    found = verdict_of(mine, rule)
    state = State.NOT_USED if found.is_against else State.USED
    # Without evidence a rater stays as they are; whom an organizer rejected stays rejected.
    if found is RaterVerdict.UNKNOWN or state == rater.state:
        return None
    reason = _reason if found in (RaterVerdict.ABOVE, RaterVerdict.BELOW) else _early_reason
    return decide(
        rater,
        state,
        reason(mine.quality, rule, below=found.is_against),
        now=now,
        rule=rule_description(rule),
        figures=mine.as_json() | {"chance": _rounded(mine.quality.chance(rule.quality))},
    )


def verdict_of(figures: RaterFigures, rule: Screening) -> RaterVerdict:
    """Return what a study's rule finds about a rater with these figures."""
    return figures.quality.verdict(rule.quality, rule.least_checks, rule.early)


def _reason(quality: Quality, rule: Screening, *, below: bool) -> str:
    """Say what a rule found, in words and figures."""
    verdict = f"is below {rule.quality:g}" if below else f"is not below {rule.quality:g}"
    return f"Quality {quality.total:.3f} {verdict}: {_passed(quality)}."


def _early_reason(quality: Quality, rule: Screening, *, below: bool) -> str:
    """Say what a rule found where it has too few checks for a quality."""
    chance = 100 * (quality.chance(rule.quality) or 0.0)
    verdict = "below" if below else "not below"
    return (
        f"So far {_passed(quality)}: at a quality of {rule.quality:g} so few, or fewer, have a "
        f"chance of {chance:.2g} %, {verdict} {100 * rule.early:g} %."
    )


def _passed(quality: Quality) -> str:
    return (
        f"{quality.right:g} of {quality.goldens} golden trials right, "
        f"{quality.alike:g} of {quality.repeats} repeats answered as before"
    )
