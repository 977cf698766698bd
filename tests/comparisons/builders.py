"""Studies with entries, crops and raters, built the way the site builds them."""

import itertools
from typing import Any

import numpy as np
from django.test import Client
from numpy.typing import NDArray

from ratings.challenge.models import Original, Phase
from ratings.challenge.pictures.originals import load_original
from ratings.comparisons.models import Entry, Pair, Rater, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Screening, Training
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.study.cropping import make_versions
from ratings.comparisons.study.entries import enter_submission, set_active
from tests.builders import NOW, build_phase, build_submission, build_team
from tests.remembered import remembered

# Comparisons and nothing else, and every answer counts.
PLAIN = Protocol(
    training=Training(trials=0),
    checks=Checks(golden=0, repeats=0),
    screening=Screening(drop_under_ms=0, drop_unflipped=False),
)
_numbers = itertools.count(1)


CHECKED = Protocol(training=Training(trials=0), checks=Checks(golden=0.1, identical=0.1))


def build_study(
    phase: Phase | None = None,
    *,
    protocol: Protocol = PLAIN,
    **fields: Any,
) -> Study:
    """Save a study of 4 x 4 crops; its protocol is PLAIN by default."""
    number = next(_numbers)
    defaults = {
        "slug": f"study-{number}",
        "name": "A study",
        "question": "Which is closer to the original?",
        "consent": "You take part of your own free will.",
        "crop_width": 4,
        "crop_height": 4,
        "protocol_json": protocol.as_json(),
    }
    return Study.objects.create(phase=phase or build_phase(), **(defaults | fields))


@remembered
def build_filled_study(
    *,
    methods: int = 3,
    pictures: int = 2,
    phase: Phase | None = None,
    **fields: Any,
) -> Study:
    """Save a study whose entries are scored, cropped and active."""
    names = [f"{number:02d}.png" for number in range(pictures)]
    study = build_study(phase or build_phase(names=names), **fields)
    for number in range(methods):
        build_entry(study, noise=10 * (number + 1), method=f"method-{number}")
    submissions = [entry.submission for entry in study.entries.select_related("submission")]
    set_active(study, submissions)
    return study


def build_entry(study: Study, *, noise: int = 10, **fields: Any) -> Entry:
    """Save an entry, not active yet, with crops of all pictures."""
    team = fields.pop("team", None) or build_team(study.phase.challenge)
    entry = enter_submission(study, build_submission(study.phase, team, **fields))
    for original in study.phase.originals():
        make_versions(study, entry, original, distort(original, noise))
    return entry


def distort(original: Original, noise: int) -> NDArray[np.uint8]:
    """Return the samples of an original with noise of up to `noise` levels."""
    samples = load_original(original)
    rng = np.random.default_rng(noise)
    noisy = samples.astype(int) + rng.integers(-noise, noise + 1, samples.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def build_rater(study: Study) -> Rater:
    """Save a rater who consented at NOW."""
    return rater_keys.begin_session(study, NOW)


def log_in(client: Client, rater: Rater) -> None:
    """Give the client the rater's cookie."""
    client.cookies[rater_keys.cookie_name(rater.study)] = rater_keys.cookie_value(rater)


def pair_of(trial: Trial) -> Pair:
    """Return what a comparison compares; checks have no pair."""
    assert trial.pair is not None
    return trial.pair
