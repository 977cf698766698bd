"""Metrics against people: how a phase's computed figures go with its human ranking."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np

from ratings.challenge.models import Dataset
from ratings.comparisons.participation import phases_of
from ratings.fidelity.models import Distortion
from ratings.fidelity.psnr_board import psnr_board
from ratings.imaging.distortion import psnr_db
from ratings.psychometrics.inference.correlation import Correlation, correlations
from ratings.ranking.boards.human_board import HumanBoard

AGREEMENT_COLUMNS = ["metric", "coefficient", "value", "low", "high", "methods"]
# What is known of each submission, by metric.
Metrics = Mapping[str, Mapping[UUID, float | None]]


@dataclass(frozen=True)
class MetricAgreement:
    """One metric's correlations with the human scores: "psnr", "mean_psnr", "ms_ssim" or "bpp"."""

    metric: str
    correlations: Sequence[Correlation]


def metric_agreement(board: HumanBoard) -> list[MetricAgreement]:
    """Return how each metric goes with the board's order and scores, over methods on both boards.

    A metric that too few of these methods have, or that is the same for all, is left out.
    """
    agreements = [
        MetricAgreement(name, with_people(board, of)) for name, of in _metrics(board).items()
    ]
    return [agreement for agreement in agreements if agreement.correlations]


def agreement_rows(board: HumanBoard) -> list[dict[str, Any]]:
    """Return the correlations as one dict each, with the columns of `AGREEMENT_COLUMNS`."""
    return [
        {"metric": agreement.metric} | asdict(correlation)
        for agreement in metric_agreement(board)
        for correlation in agreement.correlations
    ]


def _metrics(board: HumanBoard) -> Metrics:
    phases = phases_of(board.study)
    rows = [row for phase in phases for row in psnr_board(phase, board.dataset, board.until)]
    return {
        "psnr": {row.submission_id: row.psnr_db for row in rows},
        "mean_psnr": _mean_psnrs([row.submission_id for row in rows], board.dataset),
        "ms_ssim": {row.submission_id: row.ms_ssim for row in rows},
        "bpp": {row.submission_id: row.bpp for row in rows},
    }


def _mean_psnrs(submissions: Sequence[UUID], dataset: Dataset | None) -> Mapping[UUID, float]:
    """Return the plain mean of the PSNRs of each submission's pictures; infinite if any is."""
    distortions = Distortion.objects.filter(decoded_image__submission__in=submissions)
    if dataset:
        distortions = distortions.filter(decoded_image__original__dataset=dataset)
    decibels: dict[UUID, list[float]] = defaultdict(list)
    columns = ("decoded_image__submission", "squared_error", "samples")
    for pk, error, samples in distortions.values_list(*columns):
        decibels[pk].append(psnr_db(error, samples))
    return {pk: math.fsum(values) / len(values) for pk, values in decibels.items()}


def with_people(board: HumanBoard, metric: Mapping[UUID, float | None]) -> list[Correlation]:
    """Return the correlations of a figure of each submission with the board's human scores."""
    ranked = [row for row in board.rows if row.rank]
    covariance = None
    if board.covariance is not None:
        covariance = np.array(board.covariance) * board.scale.per_log_odds**2
    return correlations(
        [row.score if row.placed and row.score is not None else math.nan for row in ranked],
        covariance,
        [metric.get(row.submission_id) for row in ranked],
        rank=[row.rank or 0 for row in ranked],
    )
