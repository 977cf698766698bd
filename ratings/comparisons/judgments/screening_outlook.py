"""What a study's rules about raters and answers have done so far, and what other limits would do.

Looked at are raters and answers of the stage that the study is in.

Nothing is decided here. The same figures and the same verdicts are those that decide.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import OuterRef, Subquery

from ratings.challenge.keys.asked_values import asked_values
from ratings.comparisons.judgments.answers import Answers, study_answers
from ratings.comparisons.judgments.screening import CHECKED, figures_of, verdict_of
from ratings.comparisons.models import Decision, Rater, Study
from ratings.comparisons.protocol import Layout, Screening
from ratings.psychometrics.raters.quality import RaterVerdict

State = Rater.State
# What may be tried; the rest of a rule is as the study has it.
LIMITS = (
    *("quality", "least_checks", "early"),
    *("drop_under_ms", "fast_under_ms", "fast_under_flips"),
)


@dataclass(frozen=True)
class SoFar:
    """What became of a study's raters until now: how many in all, and who is not used and why."""

    raters: int
    failed_practice: int
    by_rule: int
    by_organizer: int


@dataclass(frozen=True)
class AnswerCounts:
    """Answers outside training: how many in all, which limits drop, and which only doubt.

    An answer that is too fast counts as nothing else; `doubted` are left out of a second fit.
    """

    answers: int
    too_fast: int
    unflipped: int
    doubted: int


@dataclass(frozen=True)
class ScreeningOutlook:
    """What a rule would do with the answers that there are.

    `verdicts` counts raters with answers. Of those whom no organizer decided about, the rule would
    set aside `set_aside` who are used now, and take back `taken_back`. `qualities` are of raters
    with golden trials and repeats, `response_ms` of all answers.
    """

    verdicts: Mapping[RaterVerdict, int]
    set_aside: int
    taken_back: int
    answers: AnswerCounts
    qualities: tuple[float, ...]
    response_ms: tuple[int, ...]

    @property
    def against(self) -> int:
        """How many raters the rule would not use, whatever an organizer decided."""
        return sum(count for verdict, count in self.verdicts.items() if verdict.is_against)


def read_limits(own: Screening, asked: Mapping[str, str]) -> tuple[Screening, dict[str, str]]:
    """Return a study's rule with the limits that are asked for; and what is wrong, by key.

    Where anything is wrong, it is the study's.
    """
    usual = {name: getattr(own, name) for name in LIMITS}
    values, problems = asked_values(Screening, asked, usual)
    return (own if problems else replace(own, **values)), problems


def screened_so_far(study: Study) -> SoFar:
    """Return what the rules and organizers have done, from the decisions on record."""
    raters = study.raters.filter(stage=study.stage)
    newest = Decision.objects.filter(rater=OuterRef("pk")).order_by("-pk")
    raters = raters.annotate(rule=Subquery(newest.values("rule")[:1]))
    facts = list(raters.values_list("state", "rule", "screened_out_at"))
    out = [rule for state, rule, _ in facts if state != State.USED]
    return SoFar(
        raters=len(facts),
        failed_practice=sum(at is not None for _, _, at in facts),
        by_rule=sum(bool(rule) for rule in out),
        by_organizer=sum(not rule for rule in out),
    )


def screening_outlook(study: Study, rule: Screening) -> ScreeningOutlook:
    """Return what a rule, the study's own or another one, would do now."""
    answers = study_answers(study, CHECKED, stage=study.stage)
    figures = figures_of(answers)
    verdicts = {rater: verdict_of(mine, rule) for rater, mine in figures.items()}
    newest = Decision.objects.filter(rater=OuterRef("pk")).order_by("-pk")
    raters = study.raters.filter(pk__in=figures).annotate(rule=Subquery(newest.values("rule")[:1]))
    # Who was never decided about has none; an organizer's decision names no rule, and stays.
    free = {
        pk: state for pk, state, named in raters.values_list("pk", "state", "rule") if named != ""
    }
    totals = (mine.quality.total for mine in figures.values())
    return ScreeningOutlook(
        verdicts=Counter(verdicts.values()),
        set_aside=sum(verdicts[pk].is_against and free[pk] == State.USED for pk in free),
        taken_back=sum(
            verdicts[pk] in (RaterVerdict.ABOVE, RaterVerdict.LIKELY) and free[pk] != State.USED
            for pk in free
        ),
        answers=_counts(study, answers, rule),
        qualities=tuple(sorted(total for total in totals if total is not None)),
        response_ms=tuple(answers["response_ms"].tolist()),
    )


def _counts(study: Study, answers: Answers, rule: Screening) -> AnswerCounts:
    """Count the answers that a rule drops, as a judgment is stored, and those that it doubts."""
    flips, response_ms = answers["flips"], answers["response_ms"]
    too_fast = response_ms < rule.drop_under_ms
    is_flipping = study.protocol.layout is not Layout.SIDES
    unflipped = (flips == 0) & ~too_fast & (rule.drop_unflipped and is_flipping)
    doubted = replace(study.protocol, screening=rule).is_fast(response_ms, flips)
    return AnswerCounts(
        answers=len(answers),
        too_fast=int(too_fast.sum()),
        unflipped=int(unflipped.sum()),
        doubted=int((doubted & ~too_fast & ~unflipped).sum()),
    )
