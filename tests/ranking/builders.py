"""Studies that were judged, through the same line as the site's."""

from collections import Counter
from typing import Any

import numpy as np

from ratings.challenge.models import Phase
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.models import Rater, Study, Trial
from ratings.comparisons.trials.scheduling import issue
from tests.builders import NOW, build_challenge, build_dataset, build_original, build_phase
from tests.comparisons.builders import build_rater, pair_of


def build_two_datasets(**fields: Any) -> Phase:
    """Save a phase with the data sets P (two pictures) and M (three pictures)."""
    challenge = build_challenge()
    datasets = [build_dataset(challenge, slug=slug, name=slug) for slug in ("P", "M")]
    for dataset, count in zip(datasets, (2, 3), strict=True):
        for number in range(count):
            build_original(dataset, name=f"{dataset.slug}{number}.png")
    return build_phase(challenge, datasets=datasets, **fields)


def judge_all(
    study: Study, *, raters: int = 1, judgments: int = 10, seed: int = 1, simulated: bool = False
) -> list[Trial]:
    """Let new raters judge up to so many trials each, mostly for the entry with the lower id.

    Of each pair every fourth judgment, the second first, is for the other one: whichever trials
    chance picks, two judgments of a pair link it both ways.
    """
    rng = np.random.default_rng(seed)
    judged: list[Trial] = []
    seen: Counter[int] = Counter()
    for _ in range(raters):
        rater = build_rater(study)
        Rater.objects.filter(pk=rater.pk).update(simulated=simulated)
        for trial in issue(rater, judgments, NOW, rng):
            prefers_first = seen[pair_of(trial).pk] % 4 != 1
            seen[pair_of(trial).pk] += 1
            choice = "left" if prefers_first == trial.first_left else "right"
            outcome = judge(trial.pk, [rater.pk], Answer(choice, 4000, {"flips": 3}), NOW).outcome
            assert outcome is JudgmentOutcome.STORED
            judged.append(trial)
    return judged


def judge_one_sided(study: Study, *, raters: int = 8, judgments: int = 12) -> None:
    """Let raters prefer the first entry always and the last never, and others as they come."""
    entries = list(study.entries.filter(active=True).order_by("pk"))
    best, worst = entries[0].pk, entries[-1].pk
    rng = np.random.default_rng(7)
    for _ in range(raters):
        rater = build_rater(study)
        for trial in issue(rater, judgments, NOW, rng):
            first, second = pair_of(trial).first_id, pair_of(trial).second_id
            prefers_first = rng.random() < 0.6
            if {best, worst} & {first, second}:
                prefers_first = first == best or second == worst
            choice = "left" if prefers_first == trial.first_left else "right"
            outcome = judge(trial.pk, [rater.pk], Answer(choice, 4000, {"flips": 3}), NOW).outcome
            assert outcome is JudgmentOutcome.STORED
