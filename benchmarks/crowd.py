"""A study of 10 methods on 50 pictures with as many judgments as wanted, written fast."""

from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ratings.models import Study

METHODS, PICTURES, SIDE = 10, 50, 768
FROZEN = 24


def fill(raters: int, judged: int) -> None:
    """Make the study in an empty database, its raters, and the first judgments."""
    from django.db import connection

    _make_study()
    with connection.cursor() as cursor:
        text = (Path(__file__).parent / "crowd.sql").read_text()
        lines = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
        for statement in lines.split(";\n"):
            if statement.strip():
                cursor.execute(statement % {"raters": raters, "judged": judged})


def publish() -> None:
    """Give the ranking a past of frozen ones, the phase a series and a board of metrics."""
    from django.utils import timezone

    from ratings.metrics.metric_scoring import score_track
    from ratings.models import MetricTrack, Ranking, Score, Series, Study
    from ratings.ranking.frozen.frozen_rankings import freeze

    now, study = timezone.now(), Study.objects.get()
    ranking = Ranking.objects.filter(variant=Ranking.Variant.USED, dataset=None).get()
    scores = list(Score.objects.filter(ranking=ranking))
    for hours in range(FROZEN, 0, -1):
        earlier = copy(ranking)
        earlier.pk, earlier.input_sha256 = None, f"{hours:064x}"
        earlier.computed_at = now - timedelta(hours=hours)
        earlier.save(force_insert=True)
        for score in scores:
            score.pk, score.ranking = None, earlier
        Score.objects.bulk_create(scores)
        freeze(earlier, now)
    series = Series.objects.create(challenge=study.phase.challenge, slug="bench", position=0)
    series.phases.add(study.phase)
    track = MetricTrack.objects.create(phase=study.phase, study=study, is_released=True)
    score_track(track, now)


def _make_study() -> None:
    """Make what there is little of through the models, which know their columns' defaults."""
    from django.utils import timezone

    from ratings.comparisons.protocol import Checks, Protocol, Training
    from ratings.models import Challenge, Phase, Study

    now, named = timezone.now(), {"slug": "bench", "name": "bench"}
    challenge = Challenge.objects.create(**named)
    phase = Phase.objects.create(
        challenge=challenge,
        position=0,
        opens_at=now,
        closes_at=now + timedelta(days=1),
        boards_open_at=now,
        originals_open_at=now,
        **named,
    )
    # Comparisons alone, with the usual rules about which answers count.
    protocol = Protocol(training=Training(trials=0), checks=Checks(golden=0, repeats=0))
    study = Study.objects.create(
        phase=phase, trials_per_rater=160, protocol_json=protocol.as_json(), **named
    )
    _enter_methods(study)


def _enter_methods(study: "Study") -> None:
    from django.utils import timezone

    from ratings.models import Dataset, DecodedImage, Distortion, Entry, Original, Submission, Team

    challenge = study.phase.challenge
    dataset = Dataset.objects.create(challenge=challenge, slug="bench", name="bench")
    study.phase.datasets.add(dataset)
    originals = Original.objects.bulk_create(
        Original(dataset=dataset, name=f"{n}.png", width=SIDE, height=SIDE, size_bytes=1, crc32=0)
        for n in range(PICTURES)
    )
    team = Team.objects.create(challenge=challenge, name="bench", key="bench")
    for number in range(METHODS):
        submission = Submission.objects.create(
            phase=study.phase,
            team=team,
            method=f"m{number}",
            state=Submission.State.SCORED,
            created_at=timezone.now(),
        )
        images = DecodedImage.objects.bulk_create(
            DecodedImage(submission=submission, original=original, size_bytes=1)
            for original in originals
        )
        Distortion.objects.bulk_create(
            Distortion(decoded_image=image, squared_error=1_000_000, samples=3 * SIDE * SIDE)
            for image in images
        )
        Entry.objects.create(study=study, submission=submission, label=f"m{number}", active=True)
