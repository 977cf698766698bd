"""A series as it is shown: each method's figures at all rates whose boards are open, as curves."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from django.db.models import QuerySet

from ratings.challenge.access.visibility import boards_live
from ratings.challenge.keys.series_keys import ReferenceTable, read_references
from ratings.challenge.models import Dataset, Phase, Series
from ratings.codecs.bjontegaard import RateCurve
from ratings.comparisons.models import Study
from ratings.fidelity.psnr_board import PsnrRow, psnr_board
from ratings.psychometrics.inference.scales import scale
from ratings.ranking.boards.human_board import HumanBoard, HumanRow, board_studies, human_board
from ratings.submissions.rulings.eligibility import eligibilities, with_eligibility

# What a curve is that no team entered.
REFERENCE = "reference"


@dataclass(frozen=True, kw_only=True)
class RatePoint:
    """A curve at one rate; figures are None where they aren't known.

    A reference has no phase, no submission and no human score. `score` with its interval is in log
    odds, on the scale of the one study across the rates, or of this phase's own study.
    """

    curve: str
    method: str
    team: str = ""
    kind: str
    kind_reason: str = ""
    phase: str = ""
    submission_id: UUID | None = None
    bpp: float | None
    size_bytes: int | None = None
    psnr_db: float | None
    ms_ssim: float | None
    study: str = ""
    scale: str = ""
    score: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None

    @property
    def baseline(self) -> bool:
        """Say whether the organizers made it."""
        return self.kind == "baseline"

    @property
    def ms_ssim_db(self) -> float | None:
        """MS-SSIM on the scale of its losses, -10 log10(1 - MS-SSIM) in dB; infinite for 1."""
        if self.ms_ssim is None:
            return None
        return -10 * math.log10(1 - self.ms_ssim) if self.ms_ssim < 1 else math.inf


@dataclass(frozen=True)
class MethodCurve:
    """One codec's points by rising rate; `name` is no other curve's of the series."""

    name: str
    team: str
    kind: str
    kind_reason: str
    points: Sequence[RatePoint]

    def of(self, figure: str) -> RateCurve:
        """Return the curve of "psnr_db" or "ms_ssim_db"; what isn't known is not a number."""
        values = [getattr(point, figure) for point in self.points]
        rates = [point.bpp for point in self.points]
        return RateCurve([_number(rate) for rate in rates], [_number(value) for value in values])


@dataclass(frozen=True)
class SeriesBoard:
    """A series on one data set, or on all pictures (`dataset` None).

    `phases` are those whose boards whoever asks may see; of the others nothing is here.
    `simulated` are those of them whose human scores come of synthetic raters' judgments too.
    `hidden` are the others. `compared` tells whether a study compares the rates with one another,
    `human` is its ranking: all human scores are its, on one scale. None while it has no scores, or
    any phase is hidden.
    """

    series: Series
    dataset: Dataset | None
    phases: Sequence[Phase]
    curves: Sequence[MethodCurve]
    simulated: Sequence[Phase]
    hidden: Sequence[Phase]
    compared: bool
    human: HumanBoard | None


def series_with(phase: Phase) -> QuerySet[Series]:
    """Return the series that a phase is a rate of."""
    return Series.objects.filter(phases=phase).order_by("position")


def visible_phases(series: Series, now: datetime, *, organizer: bool) -> list[Phase]:
    """Return the phases of a series whose boards may be seen live, in the challenge's order."""
    phases = series.phases.select_related("challenge").order_by("position")
    return [phase for phase in phases if organizer or boards_live(phase, now)]


def series_board(
    series: Series, phases: Sequence[Phase], now: datetime, dataset: Dataset | None = None
) -> SeriesBoard:
    """Return the curves of a series over these of its phases: methods by name, then references.

    References here were measured on all pictures: of one data set there are none.
    """
    hidden = [phase for phase in series.phases.order_by("position") if phase not in phases]
    study = _study_across(series)
    across = _board_across(study, dataset) if study and not hidden else None
    points, simulated = [], []
    for phase in phases:
        rows = with_eligibility(psnr_board(phase, dataset), eligibilities(phase, now))
        board = across or _own_board(phase, dataset)
        if board and board.simulated:
            simulated.append(phase)
        scores = {row.submission_id: row for row in board.rows if row.placed} if board else {}
        of = board.study.slug if board else ""
        points += [_point(phase, row, scores.get(row.submission_id), of) for row in rows]
    curves = sorted(_curves(series, points), key=lambda curve: curve.name.casefold())
    if dataset is None:
        curves += [_reference(one, curves) for one in _references(series)]
    compared = study is not None
    return SeriesBoard(series, dataset, phases, curves, simulated, hidden, compared, across)


def picture_references(series: Series, picture: str) -> list[ReferenceTable]:
    """Return the references that were measured on a picture, such as "P/a.png"."""
    return [one for one in read_references(series.references) if one.picture == picture]


def reference_curves(
    board: SeriesBoard, picture: str | None = None
) -> list[tuple[str, MethodCurve]]:
    """Return a board's references on single pictures, or on one, each with its picture.

    There are none while no phase is shown, nor of other data sets than the board's.
    """
    named = board.dataset.slug if board.dataset else None
    return [
        (one.picture, _reference(one, board.curves))
        for one in read_references(board.series.references if board.phases else ())
        if one.picture
        and picture in (None, one.picture)
        and named in (None, one.picture.partition("/")[0])
    ]


def reference_points(name: str, table: ReferenceTable) -> list[RatePoint]:
    """Return a reference's points by rising rate, as a curve of this name."""
    points = [
        RatePoint(
            curve=name, method=table.name, kind=REFERENCE, bpp=bpp, psnr_db=psnr, ms_ssim=ms_ssim
        )
        for bpp, psnr, ms_ssim in zip_longest(table.bpp, table.psnr, table.ms_ssim)
    ]
    return _by_rate(name, points)


def _references(series: Series) -> list[ReferenceTable]:
    return [one for one in read_references(series.references) if one.picture is None]


def _study_across(series: Series) -> Study | None:
    """Return the study that compares the rates with one another."""
    studies = Study.objects.filter(series=series).select_related("phase__challenge", "series")
    return studies.order_by("-is_open", "-pk").first()


def _board_across(study: Study, dataset: Dataset | None) -> HumanBoard | None:
    """Return the ranking across all rates, once it has scores."""
    board = human_board(study, dataset, scale("natural"))
    return board if any(row.placed for row in board.rows) else None


def _own_board(phase: Phase, dataset: Dataset | None) -> HumanBoard | None:
    study = board_studies(phase).first()
    return human_board(study, dataset, scale("natural")) if study else None


def _point(phase: Phase, row: PsnrRow, human: HumanRow | None, study: str) -> RatePoint:
    return RatePoint(
        curve="",
        method=row.method,
        team=row.team,
        kind=row.kind,
        kind_reason=row.kind_reason,
        phase=phase.slug,
        submission_id=row.submission_id,
        bpp=row.bpp,
        size_bytes=row.size_bytes,
        psnr_db=row.psnr_db,
        ms_ssim=row.ms_ssim,
        study=study if human else "",
        scale=human.scale if human else "",
        score=human.score if human else None,
        ci_low=human.ci_low if human else None,
        ci_high=human.ci_high if human else None,
    )


def _curves(series: Series, points: Iterable[RatePoint]) -> Iterator[MethodCurve]:
    """Yield the curves that the entries on the boards make, as the series joins them."""
    by_team = series.curves == Series.Curves.TEAMS
    joined: dict[tuple[str, str], list[RatePoint]] = {}
    for point in points:
        joined.setdefault((point.team, "" if by_team else point.method), []).append(point)
    names = {key: _name(group) for key, group in joined.items()}
    times = Counter(names.values())
    for key, group in joined.items():
        name = names[key] if times[names[key]] == 1 else f"{names[key]} ({key[0]})"
        aside = next((point for point in group if point.kind != "competing"), group[0])
        yield MethodCurve(name, key[0], aside.kind, aside.kind_reason, _by_rate(name, group))


def _name(points: Sequence[RatePoint]) -> str:
    return " / ".join(dict.fromkeys(point.method for point in points))


def _by_rate(name: str, points: Iterable[RatePoint]) -> list[RatePoint]:
    """Return points by rising rate under their curve's name; those without a rate come last."""
    named = [replace(point, curve=name) for point in points]
    return sorted(named, key=lambda point: math.inf if point.bpp is None else point.bpp)


def _reference(table: ReferenceTable, curves: Iterable[MethodCurve]) -> MethodCurve:
    """Return a curve of somebody else's codec, named as such, and as no method's."""
    taken = {curve.name for curve in curves if curve.kind != REFERENCE}
    name = f"{table.name} (reference)"
    while name in taken:
        name = f"{name} (reference)"
    return MethodCurve(name, "", REFERENCE, table.source, reference_points(name, table))


def _number(value: float | None) -> float:
    return math.nan if value is None else value
