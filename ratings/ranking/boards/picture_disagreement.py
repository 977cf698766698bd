"""Where people and PSNR part: picture by picture, from the counters of a study's judgments."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ratings.challenge.models import Original, Phase
from ratings.comparisons.models import Study
from ratings.fidelity.picture_scores import squared_errors
from ratings.imaging.distortion import psnr_db
from ratings.ranking.boards.picture_win_rates import Count, picture_counts
from ratings.submissions.models import Submission

# Added to the judgments of a picture before pictures are put in order, half of them against PSNR:
# else one judgment alone would come first (Agresti and Coull 1998, "add two and two").
ADDED = 4


@dataclass(frozen=True)
class Disagreement:
    """Of so many judgments of a picture, `against` preferred the method with the lower PSNR.

    A tie counts half, and so does any judgment of two methods with equal PSNR.
    """

    judgments: int
    against: float

    @property
    def share(self) -> float | None:
        """The part of the judgments that went against PSNR; None without any."""
        return self.against / self.judgments if self.judgments else None

    @property
    def order(self) -> float:
        """The same, drawn to one half the more the fewer judgments there are."""
        return (self.against + ADDED / 2) / (self.judgments + ADDED)


@dataclass(frozen=True)
class PictureFacts:
    """A picture of a phase: what people said of it against PSNR, and how far PSNRs lie apart, dB.

    The spread is None below two methods, and infinite where only some are identical to it.
    """

    original: Original
    disagreement: Disagreement
    spread_db: float | None


def disagreement(errors: Mapping[str, int], counts: Iterable[Count]) -> Disagreement:
    """Compare a picture's judgments with the squared errors of the methods, by label."""
    judgments, against = 0, 0.0
    for first, second, wins_first, wins_second, ties in counts:
        if first not in errors or second not in errors:
            continue
        judged = wins_first + wins_second + ties
        judgments += judged
        if errors[first] == errors[second]:
            against += judged / 2
        else:
            lost = wins_first if errors[first] > errors[second] else wins_second
            against += lost + ties / 2
    return Disagreement(judgments, against)


def spread_db(decibels: Collection[float]) -> float | None:
    """Return how far the highest PSNR lies above the lowest; None below two."""
    if len(decibels) < 2:
        return None
    low, high = min(decibels), max(decibels)
    return 0.0 if low == high else high - low


def concerning(counts: Iterable[Count], labels: Collection[str]) -> list[Count]:
    """Return the counts of the pairs that have all of these methods, of which there are two."""
    return [count for count in counts if set(labels) <= {count[0], count[1]}]


def picture_facts(
    phase: Phase,
    study: Study | None,
    submissions: Sequence[Submission],
    chosen: Collection[UUID] = (),
) -> list[PictureFacts]:
    """Return the facts of each of the phase's pictures, by name.

    `submissions` are those whose PSNRs lie apart. With one or two `chosen` only judgments count in
    which all of these took part, and with two only their PSNRs.
    """
    labels = _labels(study) if study else {}
    counts = picture_counts(study) if study else {}
    if chosen:
        wanted = [labels.get(pk, "") for pk in chosen]
        counts = {picture: concerning(all_, wanted) for picture, all_ in counts.items()}
    shown = set(chosen) if len(chosen) > 1 else {submission.pk for submission in submissions}
    compared = Submission.objects.filter(pk__in={*shown, *labels})
    errors = squared_errors(list(compared))
    return [
        PictureFacts(
            original,
            disagreement(
                {labels[pk]: error for pk, (error, _) in found.items() if pk in labels},
                counts.get(original.pk, ()),
            ),
            spread_db([psnr_db(*found[pk]) for pk in found if pk in shown]),
        )
        for original in phase.originals()
        for found in [errors.get(original.pk, {})]
    ]


def uncertain_points(judgments: int) -> float:
    """Return the half width, as a part of 1, of the 95 % interval of a share of one half.

    By the normal approximation for that many independent judgments, at most 1/2; what people say
    of one picture is less certain still.
    """
    return min(0.5, 1.96 * 0.5 / math.sqrt(judgments)) if judgments else 0.5


def _labels(study: Study) -> dict[UUID, str]:
    return dict(study.entries.values_list("submission", "label"))
