"""How evenly a study's pairs and pictures are judged, drawn and as tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Sum

from ratings.comparisons.models import PairCount, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.ranking.models import latest_ranking
from ratings.web.desk.parts.desk_charts import distribution, matrix
from ratings.web.parts.drawing.charts import Svg

JUDGED = F("wins_first") + F("wins_second") + F("ties")
Count = tuple[str, int]


@dataclass(frozen=True)
class Coverage:
    """Judgments that count, of each pair of active methods and of each picture; least first."""

    methods: int
    pairs: Sequence[Count]
    pictures: Sequence[Count]
    pair_matrix: Svg
    picture_distribution: Svg

    @property
    def pair_ends(self) -> tuple[int, int]:
        """The least and the most judgments that a pair has."""
        return (self.pairs[0][1], self.pairs[-1][1]) if self.pairs else (0, 0)


def coverage(study: Study) -> Coverage:
    """Return what was judged of a study, read from the counters; methods in order of rank."""
    labels = _labels(study)
    judged = _pairs(study)
    cells = [[judged.get(frozenset((label, other))) for other in labels] for label in labels]
    names = list(labels.values())
    pairs = [
        (f"{names[j]} \N{EN DASH} {names[i]}", count)
        for i, row in enumerate(cells)
        for j, count in enumerate(row[:i])
        if count is not None
    ]
    pictures = _pictures(study)
    return Coverage(
        methods=len(names),
        pairs=sorted(pairs, key=lambda named: (named[1], named[0])),
        pictures=sorted(pictures, key=lambda named: (named[1], named[0])),
        pair_matrix=matrix(names, cells),
        picture_distribution=distribution([judged for _, judged in pictures], "pictures"),
    )


def _labels(study: Study) -> dict[int, str]:
    """Return the labels of active entries: those with a rank in its order, then the others."""
    active = dict(study.entries.filter(active=True).values_list("pk", "label"))
    latest = latest_ranking(study)
    scores = latest.scores.filter(rank__isnull=False) if latest else []
    rank = {score.entry_id: (score.rank or 0) for score in scores}
    order = sorted(active, key=lambda pk: (pk not in rank, rank.get(pk, 0), active[pk]))
    return {pk: active[pk] for pk in order}


def _pairs(study: Study) -> dict[frozenset[int], int]:
    counts = PairCount.objects.filter(pair__study=study).values_list("pair__first", "pair__second")
    return {
        frozenset((first, second)): judged
        for first, second, judged in counts.annotate(judged=Sum(JUDGED)).order_by()
    }


def _pictures(study: Study) -> list[Count]:
    names = ("crop__original__dataset__slug", "crop__original__name")
    counts = PairCount.objects.filter(pair__in=ranked_pairs(study)).values_list(*names)
    return [
        (f"{dataset}/{name}", judged)
        for dataset, name, judged in counts.annotate(judged=Sum(JUDGED)).order_by()
    ]
