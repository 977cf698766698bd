"""The pictures of a team's own submission: a table that can be sorted, and each to be looked at."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ratings.challenge.access.visibility import dataset_open, originals_open
from ratings.challenge.models import Dataset, Phase
from ratings.fidelity.picture_scores import PictureFigures, picture_figures
from ratings.submissions.models import Submission
from ratings.web.parts.words.formatting import decimal, grouped

# By what the rows can be put in order: the heading, whether the largest come first, and the value.
ORDERS: dict[str, tuple[str, bool, Callable[[PictureFigures], float | str]]] = {
    "name": ("Picture", False, lambda one: one.original.name),
    "set": ("Data set", False, lambda one: one.original.dataset.name),
    "psnr": ("PSNR, dB", True, lambda one: one.psnr_db),
    "ms-ssim": ("MS-SSIM", True, lambda one: -math.inf if one.ms_ssim is None else one.ms_ssim),
    "bpp": ("Bits per pixel", True, lambda one: one.bpp or 0.0),
    "bytes": ("Bytes", True, lambda one: one.size_bytes or 0),
}
TEXTS = ("name", "set")


@dataclass(frozen=True)
class Heading:
    """A column's heading: a link that puts the rows in its order, or the other way round."""

    label: str
    sort: str
    order: str  # as ARIA names it: ascending, descending, none
    is_number: bool


@dataclass(frozen=True)
class OwnPictureRow:
    """One picture's figures; `phase` is one in which its original may be had, None in none."""

    figures: PictureFigures
    psnr_db: str
    ms_ssim: str
    bpp: str
    size_bytes: str
    phase: Phase | None


@dataclass(frozen=True)
class OwnPictureTable:
    """All pictures of a submission in some order."""

    headings: list[Heading]
    rows: list[OwnPictureRow]


def picture_table(submission: Submission, now: datetime, sort: str) -> OwnPictureTable:
    """Return the submission's scored pictures, put in order by `sort`.

    That is a key of ORDERS, with a minus the other way round; for any other text it is by data set
    and name.
    """
    found = picture_figures(submission)
    key, turned = sort.removeprefix("-"), sort.startswith("-")
    if key in ORDERS:
        _, largest_first, value = ORDERS[key]
        found.sort(key=value, reverse=largest_first != turned)
    sets = {one.original.dataset for one in found}
    phases = {dataset: _phase_of(dataset, now) for dataset in sets}
    rows = [_row(one, phases[one.original.dataset]) for one in found]
    return OwnPictureTable([_heading(one, key, turned) for one in ORDERS], rows)


def _heading(one: str, key: str, turned: bool) -> Heading:
    label, largest_first, _ = ORDERS[one]
    is_key = one == key
    order = "descending" if largest_first != turned else "ascending"
    sort = f"-{one}" if is_key and not turned else one
    return Heading(label, sort, order if is_key else "none", one not in TEXTS)


def _row(figures: PictureFigures, phase: Phase | None) -> OwnPictureRow:
    return OwnPictureRow(
        figures=figures,
        psnr_db=decimal(figures.psnr_db, 2),
        ms_ssim=decimal(figures.ms_ssim, 4),
        bpp=decimal(figures.bpp, 4),
        size_bytes=grouped(figures.size_bytes),
        phase=phase,
    )


def _phase_of(dataset: Dataset, now: datetime) -> Phase | None:
    """Return a phase at whose address everyone may have the set's originals."""
    if not dataset_open(dataset, now):
        return None
    return next((one for one in dataset.phases.all() if originals_open(one, now)), None)
