"""The human board: the latest ranking of a study, or what there is to say before there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, Study
from ratings.comparisons.participation import rates_of
from ratings.comparisons.study.entries import left_study
from ratings.fidelity.scores import submission_scores
from ratings.psychometrics.inference.open_ends import OpenEnd
from ratings.psychometrics.inference.ranking_row import FIGURES, RankingFigures
from ratings.psychometrics.inference.scales import Scale, scale
from ratings.psychometrics.report.cluster_words import from_clusters
from ratings.psychometrics.report.drawing import open_starts, wide_interval
from ratings.psychometrics.report.published import Chance, ends_from_json, from_columns
from ratings.ranking.fits.refitting import ranked_datasets
from ratings.ranking.fits.variant_sensitivity import Compared, compared
from ratings.ranking.models import Ranking, Score, latest_ranking
from ratings.submissions.models import Submission
from ratings.submissions.rulings.exclusion import Excluded

# Variants of all that ever entered the study, whoever has left.
WITH_LEFT = (Ranking.Variant.ENTERED, Ranking.Variant.ALL)
NO_JUDGMENTS = "No judgments yet."


@dataclass(frozen=True, kw_only=True)
class HumanRow(RankingFigures):
    """One method's line; its numbers are None where the judgments don't say.

    A ranked method that is ahead or behind by an unknown distance has an `open_end`, which begins
    at `open_from` on the scale shown; its score is by the weak prior alone. `kind` says so of a
    method that has left; a `baseline` stays one. `scale` names the scale of its figures. Where
    rates are compared, `bpp` is that of its submission.
    """

    submission_id: UUID
    label: str
    method: str
    team: str
    phase: str
    kind: str
    kind_reason: str
    baseline: bool
    scale: str
    active: bool
    # The interval at `drawing.WIDE_LEVEL`, drawn beside the one at the ranking's level.
    wide_low: float | None = None
    wide_high: float | None = None
    open_end: OpenEnd | None = None
    open_from: float | None = None
    bpp: float | None = None

    @property
    def placed(self) -> bool:
        """Say whether it has a score on the ranking's scale."""
        return self.rank is not None and self.open_end is None


@dataclass(frozen=True)
class HumanBoard:
    """A ranking as it is shown: of one data set, or of all of the phase (`dataset` None).

    `variant` is one of `Ranking.Variant`: which answers it is of. `left` are the methods that were
    compared and take no part any more; a variant that takes them in has them among its rows.

    `rates` are the slugs of the phases whose methods are compared with one another, where the study
    is of a series; else there are none.

    It is `simulated` when any of its judgments is a synthetic rater's. `until` is the instant as
    of which it is shown, None where it is live.
    """

    study: Study
    dataset: Dataset | None
    variant: str
    scale: Scale
    rows: list[HumanRow]
    judgments: int
    raters: int
    pictures: int
    provisional: bool
    simulated: bool
    notes: list[str]
    left: Sequence[Excluded] = ()
    # What other rules about which answers count would change.
    variants: Sequence[Compared] = ()
    # Labels of neighbours of whom no two are told apart, and what is known of each pair.
    groups: Sequence[Sequence[str]] = ()
    chances: Sequence[Chance] = ()
    # Of the scores in log odds of the placed methods, in order of rank; None without intervals.
    covariance: Sequence[Sequence[float]] | None = None
    computed_at: datetime | None = None
    # What the same judgments give the same ranking with.
    settings: dict[str, Any] | None = None
    # What was taken out of it, as `adjusting.adjustment` says; empty where nothing was.
    adjustment: Mapping[str, Any] = field(default_factory=dict)
    input_sha256: str | None = None
    method_version: str | None = None
    software_version: str | None = None
    until: datetime | None = None
    rates: Sequence[str] = ()
    # What judgments are clustered by, where it is not by raters or by pictures.
    rater_groups: int | None = None
    scenes: int | None = None

    def judged_by(self, raters: str) -> str:
        """Return such as "40 raters from 4 groups", given words for the raters."""
        return from_clusters(raters, self.rater_groups, "group")

    def judged_on(self, pictures: str) -> str:
        """Return such as "40 pictures from 8 scenes", given words for the pictures."""
        return from_clusters(pictures, self.scenes, "scene")


def board_studies(phase: Phase) -> QuerySet[Study]:
    """Return the phase's own studies, the one that its board shows first: open, the newest.

    A study that compares rates is none of them: no single phase's release is its own.
    """
    own = phase.studies.filter(series=None)
    return own.select_related("phase__challenge").order_by("-is_open", "-pk")


def study_scale(study: Study, name: str = "") -> Scale:
    """Return the scale of the study, or the one called `name`; Elo has the study's mean."""
    chosen = name or study.scale
    return scale(chosen, study.scale_mean if chosen == Study.Scale.ELO else None)


def human_board(
    study: Study,
    dataset: Dataset | None = None,
    shown: Scale | None = None,
    variant: str = Ranking.Variant.USED,
) -> HumanBoard:
    """Return the study's board: ranked methods by rank, then the others by label.

    Scores are on the scale `shown`, by default the study's own. `variant` says which answers it is
    of, by default those that count.
    """
    shown = shown or study_scale(study)
    # The only data set of a phase is all of it.
    part = dataset if dataset in ranked_datasets(study.phase) else None
    ranking = latest_ranking(study, part, variant)
    left = left_study(study)
    active = study.entries.filter(active=True).exclude(
        submission__in=[o.submission_id for o in left]
    )
    active = active.select_related("submission__team", "submission__phase").order_by("label")
    if ranking is None or not ranking.judgments:
        rows = [_row(entry, shown) for entry in active]
        return replace(empty_board(study, dataset, shown, variant), rows=rows, left=left)
    board = ranking_board(ranking, study, dataset, shown)
    new = [_row(entry, shown) for entry in active.exclude(scores__ranking=ranking)]
    rows = sorted([*board.rows, *new], key=_order)
    board = replace(board, rows=rows, variants=compared(study, part))
    return with_left(board, left) if variant in WITH_LEFT else _without(board, left)


def empty_board(
    study: Study,
    dataset: Dataset | None,
    shown: Scale,
    variant: str = Ranking.Variant.USED,
) -> HumanBoard:
    """Return a board before the first judgment."""
    said = [NO_JUDGMENTS]
    empty = HumanBoard(study, dataset, variant, shown, [], 0, 0, 0, True, False, said)
    return replace(empty, rates=rates_of(study))


def ranking_board(
    ranking: Ranking, study: Study, dataset: Dataset | None, shown: Scale
) -> HumanBoard:
    """Return a stored ranking as a board: what it ranks and no more, on the scale `shown`."""
    scores = ranking.scores.select_related("entry__submission__team", "entry__submission__phase")
    rows = _with_ends([_scored(score, ranking, shown) for score in scores], ranking, shown)
    if study.series_id:  # a method stands there once for each rate
        bpp = _bpp(rows, dataset)
        rows = [replace(row, method=row.label, bpp=bpp[row.submission_id]) for row in rows]
    return HumanBoard(
        study=study,
        dataset=dataset,
        variant=ranking.variant,
        scale=shown,
        rows=sorted(rows, key=_order),
        judgments=ranking.judgments,
        raters=ranking.raters,
        pictures=ranking.pictures,
        provisional=ranking.provisional,
        simulated=ranking.simulated,
        notes=ranking.notes,
        groups=ranking.groups,
        chances=from_columns(ranking.pairs),
        covariance=ranking.covariance,
        computed_at=ranking.computed_at,
        settings=ranking.settings,
        adjustment=ranking.adjustment,
        input_sha256=ranking.input_sha256,
        method_version=ranking.method_version,
        software_version=ranking.software_version,
        rates=_rates(study, rows),
        rater_groups=ranking.rater_groups,
        scenes=ranking.scenes,
    )


def _rates(study: Study, rows: Sequence[HumanRow]) -> list[str]:
    """Return the rates of a series, and whatever it has lost since a row was ranked."""
    rates = rates_of(study)
    return list(dict.fromkeys([*rates, *(row.phase for row in rows)])) if rates else []


def _bpp(rows: Sequence[HumanRow], dataset: Dataset | None) -> Mapping[UUID, float | None]:
    """Return bits per pixel of each row's submission, replaced ones too."""
    chosen = Submission.objects.filter(pk__in=[row.submission_id for row in rows])
    known = {one.submission.pk: one.bpp for one in submission_scores(chosen, dataset)}
    return {row.submission_id: known.get(row.submission_id) for row in rows}


def _order(row: HumanRow) -> tuple[bool, int, str]:
    return row.rank is None, row.rank or 0, row.label


def with_left(board: HumanBoard, left: Sequence[Excluded]) -> HumanBoard:
    """Return the board with its rows marked that have left."""
    gone = {entry.submission_id: entry for entry in left}
    rows = [
        replace(row, kind=gone[row.submission_id].kind, kind_reason=gone[row.submission_id].reason)
        if row.submission_id in gone
        else row
        for row in board.rows
    ]
    return replace(board, rows=rows)


def _without(board: HumanBoard, left: Sequence[Excluded]) -> HumanBoard:
    """Return the board without the methods that have left since it was fitted.

    It is fitted anew within seconds; until then the others keep the ranks they had.
    """
    gone = {excluded.submission_id for excluded in left}
    names = {row.label for row in board.rows if row.submission_id in gone}
    if not names:
        return replace(board, left=left)
    placed = [row.label for row in board.rows if row.placed]
    kept = [place for place, label in enumerate(placed) if label not in names]
    groups = [[label for label in group if label not in names] for group in board.groups]
    return replace(
        board,
        left=left,
        rows=[row for row in board.rows if row.label not in names],
        groups=[group for group in groups if len(group) > 1],
        chances=[chance for chance in board.chances if not names & {chance.first, chance.second}],
        covariance=board.covariance and [[board.covariance[i][j] for j in kept] for i in kept],
    )


def _with_ends(rows: list[HumanRow], ranking: Ranking, shown: Scale) -> list[HumanRow]:
    """Add the open ends of rows."""
    ends = ends_from_json(ranking.open_ends)
    ranked = sorted((row for row in rows if row.rank), key=lambda row: (row.rank, row.label))
    bounds = {row.label: row.score_bound for row in ranked}
    starts = open_starts({row.label: row.score or 0.0 for row in ranked}, bounds, ends, shown)
    return [
        replace(row, open_end=ends.get(row.label), open_from=starts.get(row.label)) for row in rows
    ]


def _row(entry: Entry, shown: Scale, **figures: Any) -> HumanRow:
    team = entry.submission.team
    return HumanRow(
        submission_id=entry.submission_id,
        label=entry.label,
        method=entry.submission.method,
        team=team.name,
        phase=entry.submission.phase.slug,
        kind=team.kind,
        kind_reason=team.kind_reason,
        baseline=team.is_baseline,
        scale=shown.name,
        active=entry.active,
        **figures,
    )


def _scored(score: Score, ranking: Ranking, shown: Scale) -> HumanRow:
    figures = shown.convert({name: getattr(score, name) for name in FIGURES})
    interval = score.ci_low, score.ci_high, score.degrees_of_freedom
    low, high = wide_interval(shown, *interval, ranking.settings["level"])
    return _row(score.entry, shown, **figures, wide_low=low, wide_high=high)
