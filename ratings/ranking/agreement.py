"""Metrics against people: how a phase's computed figures go with its human ranking."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np

from ratings.challenge.models import Dataset
from ratings.fidelity.board import psnr_board
from ratings.fidelity.models import Distortion
from ratings.imaging.psnr import psnr_db
from ratings.psychometrics.correlation import Correlation, correlations
from ratings.ranking.board import HumanBoard

COLUMNS = ["metric", "coefficient", "value", "low", "high", "methods"]
# What is known of each submission, by metric.
Metrics = Mapping[str, Mapping[UUID, float | None]]


@dataclass(frozen=True)
class Agreement:
    """One metric's correlations with the human scores: "psnr", "mean_psnr", "ms_ssim" or "bpp"."""

    metric: str
    correlations: Sequence[Correlation]


def agreement(board: HumanBoard) -> list[Agreement]:
    """Return how each metric goes with the board's scores, over methods that are on both boards.

    A metric that too few of these methods have, or that is the same for all, is left out.
    """
    found = [Agreement(name, _with_people(board, of)) for name, of in _metrics(board).items()]
    return [one for one in found if one.correlations]


def agreement_rows(board: HumanBoard) -> list[dict[str, Any]]:
    """Return the correlations as one dict each, with the columns of `COLUMNS`."""
    return [
        {"metric": one.metric} | asdict(correlation)
        for one in agreement(board)
        for correlation in one.correlations
    ]


def _metrics(board: HumanBoard) -> Metrics:
    rows = psnr_board(board.study.phase, board.dataset)
    return {
        "psnr": {row.submission_id: row.psnr_db for row in rows},
        "mean_psnr": _mean_psnrs([row.submission_id for row in rows], board.dataset),
        "ms_ssim": {row.submission_id: row.ms_ssim for row in rows},
        "bpp": {row.submission_id: row.bpp for row in rows},
    }


def _mean_psnrs(submissions: Sequence[UUID], dataset: Dataset | None) -> Mapping[UUID, float]:
    """Return the plain mean of the PSNRs of each submission's pictures; infinite if any is."""
    found = Distortion.objects.filter(decoded_image__submission__in=submissions)
    if dataset:
        found = found.filter(decoded_image__original__dataset=dataset)
    decibels: dict[UUID, list[float]] = defaultdict(list)
    columns = ("decoded_image__submission", "squared_error", "samples")
    for pk, error, samples in found.values_list(*columns):
        decibels[pk].append(psnr_db(error, samples))
    return {pk: math.fsum(values) / len(values) for pk, values in decibels.items()}


def _with_people(board: HumanBoard, metric: Mapping[UUID, float | None]) -> list[Correlation]:
    placed = [(row, row.score) for row in board.rows if row.rank and row.score is not None]
    covariance = None
    if board.covariance is not None:
        covariance = np.array(board.covariance) * board.scale.per_log_odds**2
    values = [metric.get(row.submission_id) for row, _ in placed]
    return correlations([score for _, score in placed], covariance, values)
