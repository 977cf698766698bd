"""Published rankings that never change: when one is frozen, as what text, and how it is found.

The text holds all that a board says, with names as they were, so that nothing that happens later
to the study, its methods or its teams changes it. Its SHA-256 is its address.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ratings.challenge.access.visibility import boards_frozen, boards_open
from ratings.challenge.models import Challenge, Dataset, Phase
from ratings.comparisons.models import Study
from ratings.comparisons.participation import phases_of
from ratings.comparisons.study.entries import left_study
from ratings.fidelity.psnr_board import decibels, psnr_board
from ratings.psychometrics.inference.open_ends import OpenEnd
from ratings.psychometrics.inference.scales import scale
from ratings.psychometrics.report.published import Chance
from ratings.ranking.boards.human_board import (
    HumanBoard,
    HumanRow,
    empty_board,
    human_board,
    ranking_board,
    study_scale,
    with_left,
)
from ratings.ranking.fits.refitting import hour_of, ranked_datasets
from ratings.ranking.models import FrozenRanking, Ranking
from ratings.ranking.tables.export import ranking_document
from ratings.submissions.rulings.eligibility import eligibilities, with_eligibility

# So long a closed study's ranking must have stood; an open one's is frozen when its hour is over.
SETTLED = timedelta(minutes=1)
_OF_METHODS = ("label", "submission_id", "active", "wide_low", "wide_high", "open_from")


def freeze_due(study: Study, now: datetime) -> list[FrozenRanking]:
    """Freeze the study's published rankings that no later one can take the place of any more."""
    waiting = study.rankings.filter(variant=Ranking.Variant.USED, frozen=None, judgments__gt=0)
    return [freeze(one, now) for one in waiting.order_by("computed_at") if _stands(one, now)]


def _stands(ranking: Ranking, now: datetime) -> bool:
    study, at = ranking.study, ranking.computed_at
    instants = [phase.boards_frozen_from for phase in phases_of(study)]
    return (
        at < hour_of(now)
        or any(instant is not None and at <= instant < now for instant in instants)
        or (not study.is_open and now - at >= SETTLED)
    )


def freeze(ranking: Ranking, now: datetime) -> FrozenRanking:
    """Keep a ranking as a text for good; one that is kept already is returned as it is."""
    document = _document(ranking, now)
    text = canonical(document)
    frozen, _ = FrozenRanking.objects.get_or_create(
        ranking=ranking,
        defaults={
            "digest": sha256(text),
            "phase": ranking.study.phase,
            "study": ranking.study.slug,
            "dataset": ranking.dataset.slug if ranking.dataset else "",
            "rates": document.get("rates", []),
            "computed_at": ranking.computed_at,
            "judgments": ranking.judgments,
            "document": text,
        },
    )
    return frozen


def canonical(document: Mapping[str, Any]) -> str:
    """Return a document as the text whose digest names it: JSON with sorted keys, a line's end."""
    return (
        json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    )


def sha256(text: str) -> str:
    """Return the digest of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _document(ranking: Ranking, now: datetime) -> dict[str, Any]:
    study, dataset = ranking.study, ranking.dataset
    board = ranking_board(ranking, study, dataset, study_scale(study))
    phase, phases = study.phase, _phases(study.phase, board.rates)
    ranked = {row.submission_id for row in board.rows}
    eligible = {one.slug: eligibilities(one, now) for one in phases}
    board = replace(
        board,
        rows=[one for row in board.rows for one in with_eligibility([row], eligible[row.phase])],
        left=[gone for gone in left_study(study) if gone.submission_id not in ranked],
    )
    psnr = decibels(row for one in phases for row in psnr_board(one, dataset))
    document = ranking_document(board)
    del document["variants"]  # other rulings of which nothing is frozen
    return document | {
        "challenge": phase.challenge.slug,
        "challenge_name": phase.challenge.name,
        "phase": phase.slug,
        "phase_name": phase.name,
        "study_name": study.name,
        "dataset_name": dataset.name if dataset else None,
        "covariance": board.covariance,
        "methods": [_method(row, psnr.get(row.submission_id)) for row in board.rows],
        **({"series_name": study.series.name} if study.series else {}),
    }


def frozen_phases(frozen: FrozenRanking) -> list[Phase]:
    """Return the phases whose boards a frozen ranking tells of, in the challenge's order."""
    return _phases(frozen.phase, frozen.rates)


def _phases(phase: Phase, rates: Sequence[str]) -> list[Phase]:
    """Return the phase that a study is of, or all of these rates of its challenge."""
    if not rates:
        return [phase]
    phases = Phase.objects.filter(challenge=phase.challenge_id, slug__in=rates)
    return list(phases.select_related("challenge").order_by("position"))


def _method(row: HumanRow, psnr_db: float | None) -> dict[str, Any]:
    """Return what a board knows of a row beside its results; an infinite PSNR is none."""
    known = {name: getattr(row, name) for name in _OF_METHODS}
    return known | {
        "submission_id": str(row.submission_id),
        "open_end": asdict(row.open_end) if row.open_end else None,
        "psnr_db": psnr_db if psnr_db is not None and math.isfinite(psnr_db) else None,
    }


def read(frozen: FrozenRanking) -> dict[str, Any]:
    """Return what a frozen ranking says."""
    document: dict[str, Any] = json.loads(frozen.document)
    return document


def board_of(frozen: FrozenRanking) -> HumanBoard:
    """Return a frozen ranking as a board; study and data set are as they were called, unsaved."""
    kept = read(frozen)
    shown = kept["scale"]
    elo_mean = shown["mean"] if shown["name"] == Study.Scale.ELO else None
    slug = kept["dataset"]
    return HumanBoard(
        study=Study(phase=frozen.phase, slug=kept["study"], name=kept["study_name"]),
        dataset=Dataset(slug=slug, name=kept["dataset_name"]) if slug else None,
        variant=kept["variant"],
        scale=scale(shown["name"], elo_mean),
        rows=list(_rows(kept)),
        judgments=kept["judgments"],
        raters=kept["raters"],
        pictures=kept["pictures"],
        provisional=kept["provisional"],
        simulated=kept["simulated"],
        notes=kept["notes"],
        groups=kept["groups"],
        chances=[Chance(**pair) for pair in kept["pairs"]],
        covariance=kept["covariance"],
        computed_at=frozen.computed_at,
        settings=kept["settings"],
        input_sha256=kept["input_sha256"],
        method_version=kept["method_version"],
        software_version=kept["software_version"],
        rates=kept.get("rates", ()),
        rater_groups=kept.get("rater_groups"),
        scenes=kept.get("scenes"),
    )


def _rows(kept: Mapping[str, Any]) -> Iterator[HumanRow]:
    for figures, method in zip(kept["results"], kept["methods"], strict=True):
        end = method["open_end"]
        more = {name: method[name] for name in _OF_METHODS}
        more |= {"phase": figures.get("phase", kept["phase"])}
        more["submission_id"] = UUID(method["submission_id"])
        more["open_end"] = OpenEnd(**end) if end else None
        yield HumanRow(**figures | more)


def decibels_of(frozen: FrozenRanking) -> dict[UUID, float | None]:
    """Return the PSNR that each of its submissions had."""
    return {UUID(one["submission_id"]): one["psnr_db"] for one in read(frozen)["methods"]}


def frozen_of(study: Study, dataset: Dataset | None = None) -> QuerySet[FrozenRanking]:
    """Return the frozen rankings of a study, on one of several data sets or on all, in order."""
    part = dataset if dataset in ranked_datasets(study.phase) else None
    return FrozenRanking.objects.filter(study=study.slug, dataset=part.slug if part else "")


def board_until(study: Study, dataset: Dataset | None, until: datetime) -> HumanBoard:
    """Return the study's board as it was at an instant, for while boards are frozen.

    Methods that have left since keep their places, and say so by their kind.
    """
    part = dataset if dataset in ranked_datasets(study.phase) else None
    frozen = frozen_of(study, dataset).filter(computed_at__lte=until).last()
    live = study.rankings.filter(
        dataset=part, variant=Ranking.Variant.USED, computed_at__lte=until, judgments__gt=0
    )
    if frozen:
        # It may wait to be frozen.
        live = live.filter(computed_at__gt=frozen.computed_at)
    if ranking := live.order_by("computed_at").last():
        board = ranking_board(ranking, study, dataset, study_scale(study))
    elif frozen:
        board = replace(board_of(frozen), study=study, dataset=dataset)
    else:
        board = empty_board(study, dataset, study_scale(study))
    return replace(with_left(board, left_study(study)), until=until)


def shown_board(
    study: Study,
    dataset: Dataset | None = None,
    until: datetime | None = None,
    variant: str = Ranking.Variant.USED,
) -> HumanBoard:
    """Return the study's board, live, or the published one as it was at an instant."""
    if until is None:
        return human_board(study, dataset, variant=variant)
    return board_until(study, dataset, until)


def shown_to_all(frozen: FrozenRanking, now: datetime) -> bool:
    """Tell whether everyone may see a frozen ranking: its boards are open, and not of before it."""
    return all(_shows(phase, frozen, now) for phase in frozen_phases(frozen))


def _shows(phase: Phase, frozen: FrozenRanking, now: datetime) -> bool:
    frozen_from = boards_frozen(phase, now)
    is_hidden = frozen_from is not None and frozen.computed_at > frozen_from
    return boards_open(phase, now) and not is_hidden


def redact(challenge: Challenge, was: str, becomes: str, at: datetime) -> int:
    """Put another name in a team's place in the challenge's frozen rankings; return in how many.

    Their addresses stay. What the texts hash to becomes another, and is kept beside.
    """
    changed = 0
    for frozen in FrozenRanking.objects.filter(phase__challenge=challenge).iterator():
        document = read(frozen)
        named = [row for row in (*document["results"], *document["out"]) if row["team"] == was]
        for row in named:
            row["team"] = becomes
        if named:
            frozen.document = canonical(document)
            frozen.redacted_at, frozen.redacted_sha256 = at, sha256(frozen.document)
            frozen.save(update_fields=["document", "redacted_at", "redacted_sha256"])
            changed += 1
    return changed
