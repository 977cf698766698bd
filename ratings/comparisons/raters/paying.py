"""Whom to pay: people with their platform's names for them, in no other export."""

from collections.abc import Iterator
from typing import Any

from ratings.comparisons.models import Rater, Study
from ratings.comparisons.trials.completion_codes import completion, recruit_of
from ratings.comparisons.trials.session_progress import SessionProgress, progress_of_raters
from ratings.database.patience import unhurried

PAYMENT_COLUMNS = [
    *("platform", "participant", "platform_study", "platform_session", "completion_code"),
    *("state", "decision", "judgments", "started_at", "finished_at"),
]


def payment_rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield one row a person, in the order in which they began, with `PAYMENT_COLUMNS`.

    `completion_code` is what the person was told at the end, None before; `judgments` are answers
    outside training, whether they count or not. The random identifier that judgments have is left
    out. Of somebody whose data were erased the row stays, without the platform's names.
    """
    people = study.raters.filter(simulated=False).select_related("recruit")
    people = people.order_by("consented_at", "pk")
    with unhurried():
        progress = progress_of_raters(study, people)
    for rater in people:
        yield _row(rater, progress[rater.pk])


def _row(rater: Rater, at: SessionProgress) -> dict[str, Any]:
    told = completion(rater, at.state)
    sent = recruit_of(rater)
    ended = rater.finished_at or rater.screened_out_at
    return {
        "platform": sent.platform if sent else None,
        "participant": sent.participant if sent else None,
        "platform_study": sent.platform_study if sent else None,
        "platform_session": sent.platform_session if sent else None,
        "completion_code": told.code if told else None,
        "state": at.state.value,
        "decision": rater.state,
        "judgments": at.judged,
        "started_at": rater.consented_at.isoformat(),
        "finished_at": ended.isoformat() if ended else None,
    }
