"""Scoring a track's metrics against the judgments that are held back; kept as a board."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import combinations
from typing import Any

import numpy as np

from ratings.challenge.models import Dataset
from ratings.metrics.box_metrics import box_entries
from ratings.metrics.judged_units import AskedUnits, answers_to, asked_units
from ratings.metrics.metric_decisions import decisions_of, method_means
from ratings.metrics.metric_entries import newest_entries
from ratings.metrics.models import MetricEntry, MetricTrack
from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.report.metric_accuracy import (
    PairAnswers,
    Share,
    accuracy,
    accuracy_difference,
    ceiling,
)
from ratings.ranking.boards.human_board import HumanBoard, human_board
from ratings.ranking.boards.metric_agreement import with_people
from ratings.ranking.fits.refitting import ranked_datasets
from ratings.ranking.models import latest_ranking

ENTERED, IN_THE_BOX = "entered", "in the box"
LACKING = "It says nothing of some pairs that people judged; send it again."
_DECIMALS = 4


def score_track(track: MetricTrack, at: datetime) -> None:
    """Score every metric anew and keep the board: of all data sets, and of each of several."""
    asked = asked_units(track.study)
    entries = [*newest_entries(track), *box_entries(asked)]
    datasets: list[Dataset | None] = [None, *ranked_datasets(track.study.phase)]
    results = {one.slug if one else "": _results(asked, entries, one) for one in datasets}
    MetricTrack.objects.filter(pk=track.pk).update(results=results, scored_at=at)


def is_behind(track: MetricTrack) -> bool:
    """Tell whether the study was ranked anew since the track was scored."""
    ranking = latest_ranking(track.study)
    return ranking is not None and (
        track.scored_at is None or ranking.computed_at > track.scored_at
    )


def _results(
    asked: AskedUnits, entries: Sequence[MetricEntry], dataset: Dataset | None
) -> dict[str, Any]:
    answers = answers_to(asked, dataset.pk if dataset else None)
    if not answers.judgments:
        return {"judgments": 0, "rows": [], "differences": []}
    decided = [decisions_of(entry, asked) for entry in entries]
    judged = np.unique(answers.unit)
    complete = [not np.isnan(decisions[judged]).any() for decisions in decided]
    board, bounds = human_board(asked.study, dataset), ceiling(answers)
    rows = [
        _row(entry) | (_figures(answers, decisions, board, entry, asked) if whole else _nothing())
        for entry, decisions, whole in zip(entries, decided, complete, strict=True)
    ]
    scored = [number for number, whole in enumerate(complete) if whole]
    scored.sort(key=lambda number: (-rows[number]["accuracy"]["value"], number))
    order = [*scored, *(number for number, whole in enumerate(complete) if not whole)]
    return {
        "judgments": answers.judgments,
        "raters": answers.raters,
        "pictures": answers.pictures,
        "simulated": board.simulated,
        "ceiling": asdict(bounds) if bounds else None,
        "rows": [rows[number] for number in order],
        # Of rows by their place: the first one's accuracy less the second one's.
        "differences": [
            {"first": i, "second": j}
            | _share(accuracy_difference(answers, decided[scored[i]], decided[scored[j]]))
            for i, j in combinations(range(len(scored)), 2)
        ],
    }


def _row(entry: MetricEntry) -> dict[str, Any]:
    return {
        "metric": entry.name,
        "team": entry.team.name if entry.team else "",
        "kind": ENTERED if entry.pk else IN_THE_BOX,
        "form": entry.form,
        "sent_at": entry.sent_at.isoformat() if entry.sent_at else None,
    }


def _figures(
    answers: PairAnswers,
    decisions: FloatArray,
    board: HumanBoard,
    entry: MetricEntry,
    asked: AskedUnits,
) -> dict[str, Any]:
    means = method_means(entry, asked)
    correlated = with_people(board, {pk: means.get(str(pk)) for pk in asked.labels})
    return {
        "accuracy": _share(accuracy(answers, decisions)),
        "correlations": {one.coefficient: asdict(one) for one in correlated},
        "problem": "",
    }


def _nothing() -> dict[str, Any]:
    return {"accuracy": None, "correlations": {}, "problem": LACKING}


def _share(share: Share) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, _DECIMALS)
        for name, value in asdict(share).items()
    }
