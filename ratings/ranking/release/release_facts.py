"""What is known of a release before its texts are written: one place for README and metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ratings import __version__
from ratings.challenge.models import Challenge, Dataset
from ratings.comparisons.models import Study
from ratings.ranking.boards.human_board import HumanBoard
from ratings.ranking.frozen.citations import Citation, citation_line
from ratings.ranking.frozen.cited import authors
from ratings.ranking.models import PublicRelease
from ratings.ranking.release.anonymous_judgments import RaterCells
from ratings.ranking.release.released_pictures import why_left_out
from ratings.ranking.release.released_tables import ReleasedTable


@dataclass(frozen=True)
class ReleaseFacts:
    """A release: its row, its rankings and tables, its people by cell, its number of pictures."""

    release: PublicRelease
    boards: Sequence[HumanBoard]
    tables: Sequence[ReleasedTable]
    cells: RaterCells
    pictures: int = 0
    whole_pictures: int = 0
    # Of each data set of which there is no picture, why.
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """The study that it is of."""
        return self.release.study

    @property
    def challenge(self) -> Challenge:
        """The challenge that the study is part of."""
        return self.study.phase.challenge

    @property
    def title(self) -> str:
        """What it is called."""
        return title(self.release)

    @property
    def day(self) -> str:
        """The day that it was asked for, in UTC."""
        return f"{self.release.asked_at:%Y-%m-%d}"

    @property
    def citation(self) -> str:
        """How to cite it."""
        return citation(self.release)

    @property
    def software(self) -> str:
        """The software that made it, whose command checks it."""
        return f"ratings {__version__}"

    def numbers(self) -> dict[str, Any]:
        """Return how many there are of what is in it, and of whom less is told."""
        judgments = self.tables[0].rows
        return {
            "judgments": len(judgments),
            "people": len(self.cells.found),
            "simulated": len({row["rater"] for row in judgments if row["simulated"]}),
            "cells": len(set(self.cells.told.values())),
            "merged": self.cells.changed,
            "pictures": self.pictures,
            "whole_pictures": self.whole_pictures,
        }


def title(release: PublicRelease) -> str:
    """Return what a release is called."""
    study = release.study
    return f"{study.phase.challenge.name}: {study.name}, public release {release.number}"


def citation(release: PublicRelease) -> str:
    """Return how to cite a release; the DOI is the challenge's, where it has one."""
    challenge = release.study.phase.challenge
    cited = Citation(
        key=folder_name(release),
        title=title(release),
        authors=authors(challenge),
        published=release.asked_at.date(),
        url="",
        doi=challenge.doi,
    )
    return citation_line(cited).strip()


def folder_name(release: PublicRelease) -> str:
    """Return the name of its folder, and of its zip without .zip."""
    return f"{release.study.slug}-v{release.number}"


def license_address(license: str) -> str:
    """Return the address of one SPDX licence; of an expression of several, or one's own, itself."""
    is_one = not license.startswith("LicenseRef-") and " " not in license
    return f"https://spdx.org/licenses/{license}" if is_one else license


def pictures_left_out(release: PublicRelease) -> dict[str, str]:
    """Return of each of the phase's data sets without any picture in it why that is so."""
    datasets: list[Dataset] = list(release.study.phase.datasets.order_by("slug"))
    return {
        dataset.slug: why_left_out(dataset, release.asked_at)
        or "the organizers did not choose to add them"
        for dataset in datasets
        if dataset.slug not in {*release.pictures, *release.whole_pictures}
    }
