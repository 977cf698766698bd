"""The report on a study's raters, kept: a worker makes it, pages and files read it.

Making it reads every judgment, which takes a minute where there is a million; what was kept is read
a page at a time. It is made again while judgments come, and takes at most a twentieth of a worker's
time: a report that was made in a tenth of a second is two seconds old at most, one that took a
minute is of the last twenty.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from ratings import __version__
from ratings.comparisons.judgments.screening import Spread
from ratings.comparisons.models import Decision, Rater, Study
from ratings.psychometrics.raters.agreement import RaterAgreement
from ratings.psychometrics.raters.position_bias import PositionBias
from ratings.psychometrics.raters.rater_report import PictureRow, RaterReport, SecondScore
from ratings.ranking.evidence.rater_evidence import FACTS, StudyRaters, rater_facts, study_raters
from ratings.ranking.models import KeptReport, ReportedRater
from ratings.ranking.news import has_news, seen_now

# Between two reports, so many times what the last one took.
PAUSE = 20
AT_ONCE = 1_000
BY_RULE, BY_ORGANIZER = "rule", "organizer"
DECISION_COLUMNS = ("reason", "decided_by", "decided_at")
RATER_COLUMNS = ["rater", "simulated", "state", *DECISION_COLUMNS, *FACTS]
_DECIMALS = 4


@dataclass(frozen=True)
class Summary:
    """What a kept report says of all raters together; `report.raters` and its flags are empty.

    `random` is the share of all answers that are expected to be random, None where nobody knows;
    `flagged` is how many raters have a flag.
    """

    report: RaterReport
    random: float | None
    flagged: int


def report_if_due(study: Study, now: datetime) -> bool:
    """Make a study's report if there is news and the last one is old enough; tell whether it was.

    A study without judgments has none.
    """
    kept = kept_report(study)
    if kept and abs(now - kept.computed_at) < PAUSE * timedelta(seconds=kept.seconds):
        return False
    study.refresh_from_db(fields=["changes"])
    if not has_news(study, kept):
        return False
    make_report(study, now)
    return True


def make_report(study: Study, now: datetime) -> None:
    """Report on a study's raters, in the place of the last report."""
    begun, seen = time.monotonic(), seen_now(study, now)
    evidence = study_raters(study)
    made = {"software_version": __version__, "document": _document(evidence)}
    values = seen | made | {"seconds": time.monotonic() - begun}
    with transaction.atomic():
        kept, _ = KeptReport.objects.update_or_create(study=study, defaults=values)
        kept.raters.all().delete()
        ReportedRater.objects.bulk_create(
            (
                ReportedRater(report=kept, rater_id=each.pk, place=place, facts=rater_facts(each))
                for place, each in enumerate(evidence.raters)
            ),
            AT_ONCE,
        )


def kept_report(study: Study) -> KeptReport | None:
    """Return a study's report; None where there is none yet, or other software made it."""
    return KeptReport.objects.filter(study=study, software_version=__version__).first()


def reported_raters(study: Study) -> QuerySet[ReportedRater]:
    """Return the raters of a study's report in its order, with the decisions on each, newest first.

    Raters with flags come first, then those who were not used, then by influence.
    """
    newest_first = Prefetch("rater__decisions", Decision.objects.order_by("-pk"))
    kept = KeptReport.objects.filter(study=study, software_version=__version__)
    raters = ReportedRater.objects.filter(report__in=kept).select_related("rater")
    return raters.prefetch_related(newest_first)


def decision_of(rater: Rater) -> Decision | None:
    """Return the decision that holds, of a rater of `reported_raters`."""
    return next(iter(rater.decisions.all()), None)


def rater_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield the raters of a study's report as one dict each, with the columns of `RATER_COLUMNS`.

    State and decision are those of now.
    """
    for each in reported_raters(study).iterator(AT_ONCE):
        rater, decision = each.rater, decision_of(each.rater)
        row = {"rater": rater.pk.hex, "simulated": rater.simulated, "state": rater.state}
        facts = each.facts | {"flags": " ".join(each.facts["flags"])}
        yield row | _decision_columns(decision) | {name: _printed(facts[name]) for name in FACTS}


def _decision_columns(decision: Decision | None) -> dict[str, str | None]:
    if decision is None:
        return dict.fromkeys(DECISION_COLUMNS)
    by = BY_RULE if decision.rule else BY_ORGANIZER
    values = (decision.reason, by, decision.decided_at.isoformat())
    return dict(zip(DECISION_COLUMNS, values, strict=True))


def _printed(value: object) -> object:
    return round(value, _DECIMALS) if isinstance(value, float) else value


def _document(evidence: StudyRaters) -> dict[str, Any]:
    report, figures = evidence.report, [each.figures for each in evidence.raters]
    return {
        "middle": {
            "response_ms": _middle([each.response_ms for each in figures]),
            "flips": _middle([each.flips for each in figures]),
        },
        "report": asdict(replace(report, raters=(), flags=())),
        "random": _random_share(report),
        "flagged": sum(bool(row.flags) for row in report.raters),
    }


def _middle(spreads: Sequence[Spread]) -> list[float]:
    """Return the medians of raters' quantiles, of those who have any."""
    known = [spread for spread in spreads if spread]
    middle: list[float] = np.median(np.array(known), axis=0).tolist() if known else []
    return middle


def middle_rater(study: Study) -> tuple[Spread, Spread]:
    """Return the quantiles of times (ms) and flips that lie in the middle of all raters'.

    They are of the study's report, and empty where there is none.
    """
    kept = kept_report(study)
    middle = kept.document.get("middle", {}) if kept else {}
    return tuple(middle.get("response_ms", ())), tuple(middle.get("flips", ()))


def summary(kept: KeptReport) -> Summary:
    """Return what a kept report says of all raters together."""
    document = kept.document
    values = document["report"]
    bias, agreement = values["position_bias"], values["agreement"]
    parts = {
        "pictures": tuple(PictureRow(**row) for row in values["pictures"]),
        "second": tuple(SecondScore(**row) for row in values["second"]),
        "position_bias": bias and PositionBias(**bias),
        "agreement": agreement and RaterAgreement(**agreement),
        "notes": tuple(values["notes"]),
        "raters": (),
        "flags": (),
    }
    return Summary(RaterReport(**values | parts), document["random"], document["flagged"])


def _random_share(report: RaterReport) -> float | None:
    known = [row for row in report.raters if row.reliability is not None]
    judged = sum(row.judgments for row in known)
    if not judged:
        return None
    return sum((1 - (row.reliability or 0.0)) * row.judgments for row in known) / judged
