"""Answers as the rating page sends them, and studies that screen them."""

from typing import Any

from ratings.comparisons.judgments.judging import Answer, JudgmentResult, judge
from ratings.comparisons.models import Trial
from ratings.comparisons.protocol import Protocol
from tests.builders import NOW

# As a study file writes it that says nothing about which answers count.
SILENT: dict[str, Any] = {"training": {"trials": 0}, "checks": {"golden": 0, "repeats": 0}}


def send(
    trial: Trial,
    choice: str = "left",
    response_ms: int = 1500,
    *,
    attempt: int = 1,
    **display: Any,
) -> JudgmentResult:
    answer = Answer(choice, response_ms, {"flips": 2} | display, attempt)
    return judge(trial.pk, [trial.rater_id], answer, NOW)


def screened(**rules: Any) -> dict[str, Any]:
    return Protocol.from_json(SILENT | {"screening": rules}).as_json()
