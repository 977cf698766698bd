"""What other rules about which answers count would change about a published ranking."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ratings.challenge.models import Dataset
from ratings.comparisons.models import Study
from ratings.psychometrics.scales import Scale
from ratings.psychometrics.sensitivity import Sensitivity, sensitivity
from ratings.ranking.models import Ranking

Variant = Ranking.Variant


@dataclass(frozen=True)
class Compared:
    """A variant beside the published ranking of the same judgments, of which there are `beside`.

    `words` say what the variant is of; moves in `found` are in log odds.
    """

    variant: str
    words: str
    judgments: int
    raters: int
    beside: int
    computed_at: datetime
    found: Sensitivity

    def as_json(self, shown: Scale) -> dict[str, Any]:
        """Return it as plain values, moves on a scale."""
        found = asdict(self.found)
        found["largest_move"] = shown.length(found["largest_move"])
        return {
            "variant": self.variant,
            "of": self.words,
            "judgments": self.judgments,
            "raters": self.raters,
            "published_judgments": self.beside,
            "computed_at": self.computed_at.isoformat(),
            "same_order": not self.found.swapped,
            **found,
        }


def compared(study: Study, dataset: Dataset | None = None) -> list[Compared]:
    """Return what the study's variants change, as far as they are fitted."""
    fitted = study.rankings.filter(dataset=dataset).exclude(variant=Variant.USED)
    latest = fitted.order_by("variant", "-computed_at").distinct("variant")
    found = {one.variant: one for one in latest.select_related("beside")}
    in_order = [found[name] for name in Variant.values if name in found]
    return [_compared(one, one.beside) for one in in_order if one.beside]


def _compared(ranking: Ranking, beside: Ranking) -> Compared:
    return Compared(
        variant=ranking.variant,
        words=ranking.notes[0],
        judgments=ranking.judgments,
        raters=ranking.raters,
        beside=beside.judgments,
        computed_at=ranking.computed_at,
        found=sensitivity(_scores(beside), _scores(ranking)),
    )


def _scores(ranking: Ranking) -> dict[str, float]:
    """Return the scores of the placed methods by label."""
    placed = ranking.scores.filter(rank__isnull=False).values_list("entry__label", "score")
    return {label: score for label, score in placed if score is not None}
