"""Studies that were judged, through the same line as the site's."""

import numpy as np

from ratings.challenge.models import Phase
from ratings.comparisons.judging import Answer, Outcome, judge
from ratings.comparisons.models import Rater, Study, Trial
from ratings.comparisons.scheduling import issue
from tests.builders import NOW, build_challenge, build_dataset, build_original, build_phase
from tests.comparisons.builders import build_rater


def build_two_datasets(**fields: object) -> Phase:
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
    """Let new raters judge up to so many trials each, mostly for the entry with the lower id."""
    rng = np.random.default_rng(seed)
    judged = []
    for _ in range(raters):
        rater = build_rater(study)
        Rater.objects.filter(pk=rater.pk).update(simulated=simulated)
        for trial in issue(rater, judgments, NOW, rng):
            prefers_first = rng.random() < 0.75
            choice = "left" if prefers_first == trial.first_left else "right"
            outcome = judge(trial.pk, [rater.pk], Answer(choice, 4000, {"flips": 3}), NOW).outcome
            assert outcome is Outcome.STORED
            judged.append(trial)
    return judged
