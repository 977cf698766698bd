"""What people said of single pictures: the share of judgments won, and scores within a picture."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Sum

from ratings.challenge.models import Original
from ratings.comparisons.models import PairCount, Study
from ratings.comparisons.participation import ranked_pairs
from ratings.psychometrics.counts.tally import tally_counts
from ratings.psychometrics.inference.fitting import fit

# Labels of a pair, wins of the first and of the second, ties.
Count = tuple[str, str, int, int, int]


@dataclass(frozen=True)
class PictureScore:
    """How a method fared on one picture, all its crops together.

    `points` are wins against whatever methods it met there, a tie counting half. `score` is the
    Bradley-Terry score within this picture in log odds, with mean 0 over the methods that its
    judgments can place; None where they can't place this one. A picture has few judgments, and
    one picture alone has no honest interval.
    """

    points: float
    judgments: int
    score: float | None

    @property
    def share(self) -> float:
        """Points per judgment."""
        return self.points / self.judgments


def picture_scores(
    study: Study, original: Original | None = None
) -> dict[int, dict[str, PictureScore]]:
    """Return how each method (by label) fared on each picture, or on one, by primary key.

    Pictures and methods without judgments are left out; excluded judgments are not in it, nor are
    those of methods that have left.
    """
    counted = picture_counts(study, original)
    return {picture: _scores(counts) for picture, counts in counted.items()}


def picture_counts(study: Study, original: Original | None = None) -> dict[int, list[Count]]:
    """Return the judgments of each pair on each picture, or on one, all its crops together.

    Pairs and pictures without judgments are left out, as in `picture_scores`.
    """
    pairs = PairCount.objects.filter(pair__in=ranked_pairs(study))
    if original:
        pairs = pairs.filter(crop__original=original)
    judged = pairs.values_list("crop__original", "pair__first__label", "pair__second__label")
    sums = judged.annotate(Sum("wins_first"), Sum("wins_second"), Sum("ties"))
    some = sums.annotate(all=F("wins_first__sum") + F("wins_second__sum") + F("ties__sum"))
    counts: dict[int, list[Count]] = defaultdict(list)
    for picture, *count, _ in some.filter(all__gt=0):
        counts[picture].append((count[0], count[1], count[2], count[3], count[4]))
    return dict(counts)


def _scores(counts: Iterable[Count]) -> dict[str, PictureScore]:
    """Return the methods' scores from the counts of one picture."""
    points: dict[str, float] = defaultdict(float)
    judgments: dict[str, int] = defaultdict(int)
    for first, second, wins_first, wins_second, ties in counts:
        points[first] += wins_first + ties / 2
        points[second] += wins_second + ties / 2
        for label in (first, second):
            judgments[label] += wins_first + wins_second + ties
    scores = _within(sorted(points), counts)
    return {
        label: PictureScore(points[label], judgments[label], scores.get(label)) for label in points
    }


def _within(labels: list[str], counts: Iterable[Count]) -> dict[str, float]:
    """Return the scores of the methods that the counts of one picture can place."""
    place = {label: number for number, label in enumerate(labels)}
    rows = [[0, place[first], place[second], *rest] for first, second, *rest in counts]
    ranked = fit(tally_counts(labels, rows, rows)).rows
    return {row.method: row.score for row in ranked if row.placed and row.score is not None}
