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
from django.db import connection, transaction
from django.db.models import F

from ratings.comparisons.answers import KINDS, UNKNOWN, Answers, study_answers
from ratings.comparisons.models import Decision, Judgment, Rater, Study, Trial
from ratings.comparisons.protocol import Screening
from ratings.psychometrics.quality import Quality, qualities, shares, spreads
from ratings.psychometrics.tally import FloatArray, IntArray

Kind = Trial.Kind
State = Rater.State
CHECKED = (Kind.COMPARISON, Kind.GOLDEN, Kind.REPEAT, Kind.IDENTICAL)
# A judgment is timed before it is stored: so much of the last look is looked at again.
_OVERLAP = timedelta(minutes=1)
_DECIMALS = 4
Spread = tuple[float, ...]

# Held until the transaction ends, in this order: the rater, so that no judgment is stored beside;
# the study, which a plan of pairs locks before its pairs too; and the pairs, so that nobody issues
# trials of them, which would update the same counters in another order.
_LOCK_PAIRS = """
SELECT id FROM ratings_pair WHERE id IN (
    SELECT pair_id FROM ratings_trial WHERE rater_id = %(rater)s AND kind = 'comparison')
ORDER BY id FOR NO KEY UPDATE
"""
_JUDGED = """
WITH judged AS (
    SELECT t.pair_id, t.crop_id, o.dataset_id,
        count(*) FILTER (WHERE j.choice = CASE WHEN t.first_left THEN 'left' ELSE 'right' END) AS f,
        count(*) FILTER (WHERE j.choice = CASE WHEN t.first_left THEN 'right' ELSE 'left' END) AS s,
        count(*) FILTER (WHERE j.choice = 'tie') AS t
    FROM ratings_judgment j
    JOIN ratings_trial t ON t.id = j.trial_id
    JOIN ratings_crop k ON k.id = t.crop_id JOIN ratings_original o ON o.id = k.original_id
    WHERE t.rater_id = %(rater)s AND t.kind = 'comparison'
        AND j.undone_at IS NULL AND NOT j.excluded
    GROUP BY t.pair_id, t.crop_id, o.dataset_id
), per_pair AS (
    SELECT pair_id, dataset_id, sum(f) AS f, sum(s) AS s, sum(t) AS t
    FROM judged GROUP BY pair_id, dataset_id
)
"""
_COUNT_BY_PICTURE = """, counted AS (
    UPDATE ratings_paircount c SET wins_first = c.wins_first + %(sign)s * f,
        wins_second = c.wins_second + %(sign)s * s, ties = c.ties + %(sign)s * t
    FROM judged WHERE c.pair_id = judged.pair_id AND c.crop_id = judged.crop_id
)
"""
_COUNT_IN = f"""{_JUDGED}{_COUNT_BY_PICTURE}
INSERT INTO ratings_ratercount AS c (rater_id, pair_id, dataset_id, wins_first, wins_second, ties)
SELECT %(rater)s, pair_id, dataset_id, f, s, t FROM per_pair
ON CONFLICT (rater_id, pair_id, dataset_id) DO UPDATE SET
    wins_first = c.wins_first + excluded.wins_first,
    wins_second = c.wins_second + excluded.wins_second, ties = c.ties + excluded.ties
"""
_COUNT_OUT = f"""{_JUDGED}{_COUNT_BY_PICTURE}
UPDATE ratings_ratercount c SET wins_first = c.wins_first - f, wins_second = c.wins_second - s,
    ties = c.ties - t
FROM per_pair WHERE c.rater_id = %(rater)s
    AND c.pair_id = per_pair.pair_id AND c.dataset_id = per_pair.dataset_id
"""


@dataclass(frozen=True)
class Figures:
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


NOTHING = Figures(Quality(), 0, 0, None, (), ())


def figures(study: Study, raters: Collection[UUID] | None = None) -> dict[UUID, Figures]:
    """Return the figures of all raters of a study with answers, or of some of them."""
    answers = study_answers(study, CHECKED, raters)
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
        UUID(hex=name): Figures(*row) for name, row in zip(answers.raters, columns, strict=True)
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


def _known(found: FloatArray) -> list[Spread]:
    return [() if np.isnan(row[0]) else tuple(row.round(1).tolist()) for row in found]


def _shares(rater: IntArray, raters: int, value: FloatArray) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in shares(rater, raters, value)]


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
) -> Decision | None:
    """Put a decision about a rater on record, and the rater's judgments into or out of the counts.

    A rule (named in `rule`) says nothing twice and nothing against an organizer: then None is
    returned. Safe beside judgments that arrive, which wait for the rater's row.
    """
    with transaction.atomic():
        locked = Rater.objects.select_for_update().get(pk=rater.pk)
        if rule and (locked.state == state or _is_by_organizer(locked)):
            return None
        Study.objects.filter(pk=locked.study_id).update(changes=F("changes") + 1)
        if State.USED in (locked.state, state) and locked.state != state:
            _count(locked, joins=state == State.USED)
        Rater.objects.filter(pk=locked.pk).update(state=state)
        rater.state = state
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


def _count(rater: Rater, *, joins: bool) -> None:
    """Add the judgments of a locked rater to both counters, or take them out."""
    values = {"rater": rater.pk, "sign": 1 if joins else -1}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PAIRS, values)
        cursor.execute(_COUNT_IN if joins else _COUNT_OUT, values)


def screen(study: Study, now: datetime) -> list[Decision]:
    """Apply the study's rule to raters with new checks; to all of them if the rule is new.

    Returns the decisions that were made. Nothing is read where no check was answered.
    """
    rule = study.how.screening
    words = rule_words(rule)
    since = study.screened_at if study.screened_by == words else None
    checked = list(_checked_since(study, since))
    found = figures(study, checked) if checked else {}
    made = [_apply(rater, rule, found, now) for rater in Rater.objects.filter(pk__in=found)]
    Study.objects.filter(pk=study.pk).update(screened_at=now, screened_by=words)
    return [decision for decision in made if decision]


def rule_words(rule: Screening) -> str:
    """Return the study's rule about raters in words, with its thresholds."""
    least = rule.least_checks
    return f"quality below {rule.quality:g}, after {least} golden trials and {least} repeats"


def _checked_since(study: Study, since: datetime | None) -> Sequence[UUID]:
    """Return the raters who answered a check since the last look."""
    checks = Judgment.objects.filter(trial__kind__in=[Kind.GOLDEN, Kind.REPEAT])
    if since is not None:
        checks = checks.filter(judged_at__gt=since - _OVERLAP)
    raters = checks.filter(trial__rater__study=study).values_list("trial__rater", flat=True)
    return list(raters.distinct())


def _apply(
    rater: Rater, rule: Screening, found: Mapping[UUID, Figures], now: datetime
) -> Decision | None:
    mine = found[rater.pk]
    below = mine.quality.is_below(rule.quality, rule.least_checks)
    state = State.NOT_USED if below else State.USED
    # With too few checks a rater stays as they are; whom an organizer rejected stays rejected.
    if below is None or state == rater.state:
        return None
    return decide(
        rater,
        state,
        _reason(mine.quality, rule, below=below),
        now=now,
        rule=rule_words(rule),
        figures=mine.as_json(),
    )


def _reason(quality: Quality, rule: Screening, *, below: bool) -> str:
    """Say what a rule found, in words and figures."""
    verdict = f"is below {rule.quality:g}" if below else f"is not below {rule.quality:g}"
    return (
        f"Quality {quality.total:.3f} {verdict}: {quality.right:g} of {quality.goldens} golden "
        f"trials right, {quality.alike:g} of {quality.repeats} repeats answered as before."
    )
