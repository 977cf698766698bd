"""Studies that were judged, through the same line as the site's."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from ratings.challenge.models import Phase, Series, Team
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge
from ratings.comparisons.models import Invitation, Rater, Study, Trial
from ratings.comparisons.participation import phases_of
from ratings.comparisons.study.cropping import make_versions
from ratings.comparisons.study.entries import enter_submission, set_active
from ratings.comparisons.trials.scheduling import issue
from ratings.fidelity.scoring import score
from ratings.submissions.models import Submission
from tests.builders import (
    NOW,
    build_bitstream,
    build_challenge,
    build_dataset,
    build_decoded_image,
    build_original,
    build_phase,
    build_submission,
    build_team,
)
from tests.comparisons.builders import build_rater, build_study, distort, pair_of
from tests.remembered import remembered


@remembered
def build_two_datasets(**fields: Any) -> Phase:
    """Save a phase with the data sets P (two pictures) and M (three pictures)."""
    challenge = build_challenge()
    datasets = [build_dataset(challenge, slug=slug, name=slug) for slug in ("P", "M")]
    for dataset, count in zip(datasets, (2, 3), strict=True):
        for number in range(count):
            build_original(dataset, name=f"{dataset.slug}{number}.png")
    return build_phase(challenge, datasets=datasets, **fields)


@remembered
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


def group_raters(study: Study, *sizes: int) -> list[Invitation]:
    """Put so many raters into each group, "lab 1", "lab 2"; the rest has none."""
    raters = iter(study.raters.order_by("pk"))
    links = []
    for number, size in enumerate(sizes, 1):
        link = Invitation.objects.create(study=study, group=f"lab {number}", most_raters=size)
        members = [next(raters).pk for _ in range(size)]
        Rater.objects.filter(pk__in=members).update(invitation=link)
        links.append(link)
    return links


@remembered
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


@remembered
def build_series(
    noise: Mapping[str, Sequence[int]],
    *,
    baselines: Collection[str] = (),
    boards_open_at: Sequence[datetime | None] = (NOW, NOW, NOW),
    **fields: Any,
) -> Series:
    """Save a series of phases "rate-0", "rate-1" ... with each method's entry at each.

    `noise` has of each method how much its pictures suffer at each rate; the bytes of a picture
    double from rate to rate.
    """
    challenge = build_challenge()
    dataset = build_dataset(challenge, slug="P", name="P")
    for name in ("a.png", "b.png"):
        build_original(dataset, name=name)
    phases = [
        build_phase(
            challenge,
            datasets=[dataset],
            slug=f"rate-{number}",
            name=f"Rate {number}",
            position=number,
            boards_open_at=opens,
        )
        for number, opens in enumerate(boards_open_at)
    ]
    for method, levels in noise.items():
        kind = "baseline" if method in baselines else "competing"
        team = build_team(challenge, name=f"Team {method}", kind=kind)
        for number, (phase, level) in enumerate(zip(phases, levels, strict=True)):
            build_scored_at(phase, team, method, level, 6 << number)
    defaults = {"slug": "rates", "name": "All rates", "position": 0}
    series = Series.objects.create(challenge=challenge, **(defaults | fields))
    series.phases.set(phases)
    return series


def build_scored_at(phase: Phase, team: Team, method: str, noise: int, size_bytes: int) -> None:
    """Save a scored submission whose pictures suffer so much and take so many bytes each."""
    state = Submission.State.SCORED
    submission = build_submission(phase, team, method=method, state=state, submitted_at=NOW)
    for original in phase.originals():
        rgb = distort(original, noise)
        score(build_decoded_image(submission, original, rgb), rgb)
        build_bitstream(submission, original, b"x" * size_bytes)


@remembered
def build_study_of(phase: Phase, **fields: Any) -> Study:
    """Save a study of what is scored in a phase."""
    return _filled(build_study(phase, **fields))


@remembered
def build_rate_study(series: Series, **fields: Any) -> Study:
    """Save a study across the rates of a series, of what is scored at each."""
    last = series.phases.order_by("position").last()
    return _filled(build_study(last, series=series, **fields))


def _filled(study: Study) -> Study:
    """Let all that is scored in a study's phases into it, the better the later the phase."""
    scored = Submission.State.SCORED
    submissions = [
        one
        for phase in reversed(phases_of(study))
        for one in phase.submissions.filter(state=scored)
    ]
    for number, submission in enumerate(submissions):
        entry = enter_submission(study, submission)
        for original in study.phase.originals():
            make_versions(study, entry, original, distort(original, 10 * (number + 1)))
    set_active(study, submissions)
    return study
