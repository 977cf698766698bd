"""What other rules about which answers count would change about a published ranking."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ratings.challenge.models import Dataset
from ratings.comparisons.models import Study
from ratings.psychometrics.inference.scales import Scale
from ratings.psychometrics.inference.sensitivity import Sensitivity, sensitivity
from ratings.ranking.fits.adjusted_variants import variants_of
from ratings.ranking.models import ORDER, Ranking

Variant = Ranking.Variant


@dataclass(frozen=True)
class Compared:
    """A variant beside the published ranking of the same judgments, of which there are `beside`.

    `words` say what the variant is of, `adjusted` what was taken out of it; moves in `found` are in
    log odds.
    """

    variant: str
    words: str
    judgments: int
    raters: int
    beside: int
    computed_at: datetime
    sensitivity: Sensitivity
    adjusted: Sequence[str] = ()

    def as_json(self, shown: Scale) -> dict[str, Any]:
        """Return it as plain values, moves on a scale."""
        moves = asdict(self.sensitivity)
        moves["largest_move"] = shown.length(moves["largest_move"])
        return {
            "variant": self.variant,
            "of": self.words,
            "judgments": self.judgments,
            "raters": self.raters,
            "published_judgments": self.beside,
            "computed_at": self.computed_at.isoformat(),
            "same_order": not self.sensitivity.swapped,
            **moves,
        }


def compared(study: Study, dataset: Dataset | None = None) -> list[Compared]:
    """Return what the study's variants change, as far as they are fitted."""
    beside = [name for name in variants_of(study) if name != Variant.USED]
    fitted = study.rankings.filter(dataset=dataset, variant__in=beside)
    latest = fitted.order_by("variant", *(f"-{name}" for name in ORDER)).distinct("variant")
    rankings = {ranking.variant: ranking for ranking in latest.select_related("beside")}
    in_order = [rankings[name] for name in beside if name in rankings]
    return [_compared(ranking, ranking.beside) for ranking in in_order if ranking.beside]


def _compared(ranking: Ranking, beside: Ranking) -> Compared:
    return Compared(
        variant=ranking.variant,
        words=ranking.notes[0],
        judgments=ranking.judgments,
        raters=ranking.raters,
        beside=beside.judgments,
        computed_at=ranking.computed_at,
        sensitivity=sensitivity(
            _scores(beside), _scores(ranking), (_ranks(beside), _ranks(ranking))
        ),
        adjusted=ranking.adjustment.get("adjusted", ()),
    )


def _scores(ranking: Ranking) -> dict[str, float]:
    """Return the scores of the placed methods by label."""
    scores = ranking.scores.filter(rank__isnull=False).values_list("entry__label", "score")
    placed = [(label, score) for label, score in scores if label not in ranking.open_ends]
    return {label: score for label, score in placed if score is not None}


def _ranks(ranking: Ranking) -> dict[str, int]:
    ranks = ranking.scores.values_list("entry__label", "rank")
    return {label: rank for label, rank in ranks if rank is not None}
