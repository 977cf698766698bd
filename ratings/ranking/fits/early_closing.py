"""Closing a study when its own rule says that it has judgments enough."""

from datetime import datetime

from ratings.comparisons.models import Study
from ratings.psychometrics.design.stopping import Rule, Verdict, look_number, verdict
from ratings.ranking.fits.refitting import study_settings
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.models import latest_ranking


def stop_if_met(study: Study, now: datetime) -> str | None:
    """Close an open study whose rule is met, and return why; None where it goes on.

    Trials that were issued may still be judged. Looks at the order only when a look is due (see
    `psychometrics.design.stopping`), whose number is kept, so that it is not made twice.
    """
    rule = stop_rule(study)
    if not study.is_open or rule == Rule() or (ranking := latest_ranking(study)) is None:
        return None
    methods = list(study.entries.filter(active=True).values_list("label", flat=True))
    due = look_number(ranking.judgments, len(methods)) > study.looks
    if not due and ranking.judgments < (rule.judgments or float("inf")):
        return None
    decision = verdict(study_tally(study), methods, rule, study.looks, study_settings(study))
    _record(study, decision, now)
    return decision.reason


def stop_rule(study: Study) -> Rule:
    """Return when the study is to stop."""
    return Rule(study.stop_when_separated, study.stop_half_width, study.stop_judgments)


def _record(study: Study, verdict: Verdict, now: datetime) -> None:
    fields = {"looks": verdict.look}
    if verdict.reason is None:
        Study.objects.filter(pk=study.pk).update(**fields)
        return
    closed = {"is_open": False, "stopped_at": now, "stopped_reason": verdict.reason}
    Study.objects.filter(pk=study.pk, is_open=True).update(**fields, **closed)
