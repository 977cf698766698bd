"""What metrics are asked about: each pair of methods on each crop; and what people answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import numpy as np
from django.db import connection

from ratings.challenge.models import Original
from ratings.challenge.pictures.scenes import picture_scenes
from ratings.comparisons.judgments.counting_rule import COUNTED
from ratings.comparisons.models import CropVersion, PairCount, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.comparisons.raters.rater_groups import rater_groups
from ratings.psychometrics.arrays import IntArray
from ratings.psychometrics.counts.cluster_levels import Members
from ratings.psychometrics.report.metric_accuracy import PairAnswers


@dataclass(frozen=True)
class Unit:
    """One pair on one crop: keys of both, of the picture, and of both entries and submissions."""

    pair: int
    crop: int
    original: int
    dataset: int
    first: int
    second: int
    first_submission: UUID
    second_submission: UUID


@dataclass(frozen=True)
class AskedUnits:
    """The units of a study whose methods take part, in an order that never changes."""

    study: Study
    units: list[Unit]

    @cached_property
    def numbers(self) -> dict[tuple[int, int], int]:
        """The place of each unit by pair and crop."""
        return {(unit.pair, unit.crop): number for number, unit in enumerate(self.units)}

    @cached_property
    def originals(self) -> dict[int, Original]:
        """The pictures that are asked about."""
        keys = {unit.original for unit in self.units}
        return Original.objects.select_related("dataset").in_bulk(keys)

    @cached_property
    def labels(self) -> dict[UUID, str]:
        """The methods that are asked about, by submission."""
        entries = {key for unit in self.units for key in (unit.first, unit.second)}
        return dict(self.study.entries.filter(pk__in=entries).values_list("submission_id", "label"))

    def addresses(self) -> list[tuple[str, str, str]]:
        """Return the addresses of each unit's original crop, and of its first and second."""
        kinds = (CropVersion.Kind.REFERENCE, CropVersion.Kind.ENTRY)
        versions = CropVersion.objects.filter(crop__study=self.study, kind__in=kinds)
        known: dict[tuple[int, int | None], str] = {
            (crop, entry): address
            for crop, entry, address in versions.values_list("crop", "entry", "address")
        }
        return [
            (known[u.crop, None], known[u.crop, u.first], known[u.crop, u.second])
            for u in self.units
        ]


def asked_units(study: Study) -> AskedUnits:
    """Return all units of a study, judged or not: which were judged is not told."""
    columns = (
        *("pair_id", "crop_id", "crop__original_id", "crop__original__dataset_id"),
        *("pair__first_id", "pair__second_id"),
        *("pair__first__submission_id", "pair__second__submission_id"),
    )
    rows = PairCount.objects.filter(pair__in=ranked_pairs(study)).order_by("pair_id", "crop_id")
    return AskedUnits(study, [Unit(*row) for row in rows.values_list(*columns)])


def answers_to(asked: AskedUnits, dataset: int | None = None) -> PairAnswers:
    """Return the judgments that count, of one data set (its key) or of all."""
    with connection.cursor() as cursor:
        cursor.execute(f"{COUNTED} AND r.study_id = %s ORDER BY j.id", [asked.study.pk])
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    known = [
        (row, asked.numbers[row["pair_id"], row["crop_id"]])
        for row in rows
        if (row["pair_id"], row["crop_id"]) in asked.numbers
        and dataset in (None, row["dataset_id"])
    ]
    unit = np.array([number for _, number in known], np.int64)
    raters = [row["rater_id"] for row, _ in known]
    pictures = {asked.units[number].original for number in np.unique(unit).tolist()}
    return PairAnswers(
        *_clusters(asked, raters, unit),
        unit=unit,
        preferred=np.array([row["first"] + row["tie"] / 2 for row, _ in known], np.float64),
        members=Members(len(set(raters)), len(pictures)),
    )


def _clusters(
    asked: AskedUnits, raters: Sequence[UUID], unit: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the numbers of raters and pictures, or of groups and scenes where they have some."""
    groups = rater_groups(asked.study)
    scenes = picture_scenes(asked.study.phase.datasets.all())
    originals = [one.original for one in asked.units]
    pictures = _numbered([_cluster(scenes.get(pk), str(pk)) for pk in originals])
    return _numbered([_cluster(groups.get(pk), pk.hex) for pk in raters]), pictures[unit]


def _cluster(above: str | None, own: str) -> str:
    return f"above {above}" if above else own


def _numbered(names: list[str]) -> IntArray:
    return np.asarray(np.unique(names, return_inverse=True)[1], np.int64)
