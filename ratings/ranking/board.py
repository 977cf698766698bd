"""The human board: the latest ranking of a study, or what there is to say before there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ratings.challenge.models import Dataset, Phase
from ratings.comparisons.models import Entry, Study
from ratings.psychometrics.drawing import wide_interval
from ratings.psychometrics.printed import Chance, from_columns
from ratings.psychometrics.scales import Scale, scale
from ratings.ranking.fitting import ranked_datasets
from ratings.ranking.models import Ranking, Score, latest_ranking
from ratings.ranking.sensitivity import Compared, compared

NO_JUDGMENTS = "No judgments yet."
FIGURES = (
    *("rank", "rank_low", "rank_high", "score", "se", "ci_low", "ci_high", "win_rate"),
    *("judgments", "band_low", "band_high", "degrees_of_freedom"),
)


@dataclass(frozen=True)
class HumanRow:
    """One method's line; its numbers are None where the judgments can't place it."""

    submission_id: UUID
    label: str
    method: str
    team: str
    kind: str
    kind_reason: str
    active: bool
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    score: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    win_rate: float | None = None
    judgments: int = 0
    band_low: float | None = None
    band_high: float | None = None
    degrees_of_freedom: float | None = None
    # The interval at `drawing.WIDE_LEVEL`, drawn beside the one at the ranking's level.
    wide_low: float | None = None
    wide_high: float | None = None


@dataclass(frozen=True)
class HumanBoard:
    """A ranking as it is shown: of one data set, or of all of the phase (`dataset` None).

    `variant` is one of `Ranking.Variant`: which answers it is of.

    It is `simulated` when any of its judgments is a synthetic rater's.
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
    # What other rules about which answers count would change.
    variants: Sequence[Compared] = ()
    # Labels of neighbours of whom no two are told apart, and what is known of each pair.
    groups: Sequence[Sequence[str]] = ()
    chances: Sequence[Chance] = ()
    # Of the placed methods' scores in log odds, in order of rank; None without intervals.
    covariance: Sequence[Sequence[float]] | None = None
    computed_at: datetime | None = None
    # What the same judgments give the same ranking with.
    settings: dict[str, Any] | None = None
    input_sha256: str | None = None
    software_version: str | None = None


def board_studies(phase: Phase) -> QuerySet[Study]:
    """Return the phase's studies, the one that its board shows first: an open one, the newest."""
    return phase.studies.select_related("phase__challenge").order_by("-is_open", "-pk")


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
    """Return the study's board: placed methods by rank, then the others by label.

    Scores are on the scale `shown`, by default the study's own. `variant` says which answers it is
    of, by default those that count.
    """
    shown = shown or study_scale(study)
    # The only data set of a phase is all of it.
    part = dataset if dataset in ranked_datasets(study.phase) else None
    ranking = latest_ranking(study, part, variant)
    active = study.entries.filter(active=True).select_related("submission__team").order_by("label")
    if ranking is None or not ranking.judgments:
        rows = [_row(entry) for entry in active]
        said = [NO_JUDGMENTS]
        return HumanBoard(study, dataset, variant, shown, rows, 0, 0, 0, True, False, said)
    scores = ranking.scores.select_related("entry__submission__team")
    rows = [_scored(score, ranking, shown) for score in scores]
    rows += [_row(entry) for entry in active.exclude(scores__ranking=ranking)]
    rows.sort(key=lambda row: (row.rank is None, row.rank, row.label))
    return HumanBoard(
        study=study,
        dataset=dataset,
        variant=variant,
        scale=shown,
        rows=rows,
        judgments=ranking.judgments,
        raters=ranking.raters,
        pictures=ranking.pictures,
        provisional=ranking.provisional,
        simulated=ranking.simulated,
        notes=ranking.notes,
        variants=compared(study, part),
        groups=ranking.groups,
        chances=from_columns(ranking.pairs),
        covariance=ranking.covariance,
        computed_at=ranking.computed_at,
        settings=ranking.settings,
        input_sha256=ranking.input_sha256,
        software_version=ranking.software_version,
    )


def _row(entry: Entry, **figures: float | None) -> HumanRow:
    team = entry.submission.team
    return HumanRow(
        submission_id=entry.submission_id,
        label=entry.label,
        method=entry.submission.method,
        team=team.name,
        kind=team.kind,
        kind_reason=team.kind_reason,
        active=entry.active,
        **figures,  # type: ignore[arg-type]
    )


def _scored(score: Score, ranking: Ranking, shown: Scale) -> HumanRow:
    figures = shown.convert({name: getattr(score, name) for name in FIGURES})
    interval = score.ci_low, score.ci_high, score.degrees_of_freedom
    low, high = wide_interval(shown, *interval, ranking.settings["level"])
    return _row(score.entry, **figures, wide_low=low, wide_high=high)
