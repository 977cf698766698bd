"""The strata of a study's pictures, and how many pictures of its data sets each has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ratings.challenge.models import Original
from ratings.comparisons.models import Study
from ratings.comparisons.participation import PictureSizes, phases_of, picture_name

Strata = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class PictureStratum:
    """Where a picture belongs: a stratum of its data set, "" where none fits, and their sizes.

    `pictures` counts those of its stratum in the data set, `in_dataset` all of the data set,
    whether or not a study shows them.
    """

    dataset: str
    name: str
    pictures: int
    in_dataset: int


def picture_strata(study: Study) -> dict[int, PictureStratum]:
    """Return the stratum of each picture of the study's phases, by the picture's key."""
    datasets = {dataset.pk for phase in phases_of(study) for dataset in phase.datasets.all()}
    pictures = Original.objects.filter(dataset__in=datasets).select_related("dataset")
    placed = {
        picture.pk: (picture.dataset.slug, stratum_of(picture_name(picture), study.strata))
        for picture in pictures
    }
    in_stratum, in_dataset = Counter(placed.values()), Counter(d for d, _ in placed.values())
    return {
        pk: PictureStratum(dataset, name, in_stratum[dataset, name], in_dataset[dataset])
        for pk, (dataset, name) in placed.items()
    }


def stratum_of(picture: str, strata: Strata) -> str:
    """Return the first stratum with a pattern that fits "dataset/name"; "" where none does."""
    return next(
        (
            str(stratum["name"])
            for stratum in strata
            if any(fnmatchcase(picture, pattern) for pattern in stratum["pictures"])
        ),
        "",
    )


def strata_problems(pictures: PictureSizes, strata: Strata) -> list[str]:
    """Return which patterns fit no picture, where there are pictures."""
    names = [f"{dataset}/{name}" for dataset, sizes in pictures.items() for name in sizes]
    return [
        f"strata: {stratum['name']}: no picture is called like {pattern!r}; write data set and "
        'file, such as "P/face*.png".'
        for stratum in strata
        for pattern in stratum["pictures"]
        if names and not any(fnmatchcase(name, pattern) for name in names)
    ]
