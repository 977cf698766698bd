"""How scores are made, in plain words, with a worked example that is computed and not copied."""

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ratings.imaging.distortion import psnr_db
from ratings.web.parts.base_context import (
    challenge_frame,
    is_organizer,
    phases_with_boards,
    takes_anybody,
    visible_challenge,
)
from ratings.web.parts.viewpoint import now_of
from ratings.web.parts.words.formatting import decimal
from ratings.web.parts.words.study_descriptions import study_words

# Small enough to follow with a pencil. The pictures are (MSE, RGB samples).
EXAMPLE_WINS, EXAMPLE_LOSSES = 30, 10
EXAMPLE_PICTURES = ((12, 3_000_000), (48, 9_000_000))


@require_safe
@cache_control(no_cache=True, private=True)
def method(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain PSNR, trials, Bradley-Terry scores, intervals and ranks, and each study's own rules.

    A study stands there if its board does, or if anybody may judge in it.
    """
    now, organizer = now_of(request), is_organizer(request)
    challenge = visible_challenge(request, slug)
    frame = challenge_frame(request, challenge, now, "How scores are made")
    visible = phases_with_boards(challenge, now, organizer=organizer)
    shown = [
        study_words(study, in_full=organizer or not study.is_open)
        for phase in challenge.phases.all()
        for study in phase.studies.all()
        if phase in visible or takes_anybody(study)
    ]
    page = pair_example() | psnr_example()
    return render(request, "method.html", frame | page | {"study_words": shown})


def pair_example() -> dict[str, str]:
    """Return the scores of two methods, A preferred to B in 30 of 40 judgments."""
    total = EXAMPLE_WINS + EXAMPLE_LOSSES
    log_odds = math.log(EXAMPLE_WINS / EXAMPLE_LOSSES)
    half = log_odds / 2
    return {
        "wins": str(EXAMPLE_WINS),
        "losses": str(EXAMPLE_LOSSES),
        "total": str(total),
        "odds": decimal(EXAMPLE_WINS / EXAMPLE_LOSSES, 0),
        "log_odds": decimal(log_odds, 2),
        "score_a": decimal(half, 2),
        "score_b": decimal(-half, 2),
        "share": decimal(100 / (1 + math.exp(-log_odds)), 0),
        "one_point": decimal(100 / (1 + math.exp(-1)), 0),
        "half_point": decimal(100 / (1 + math.exp(-0.5)), 0),
        "two_points": decimal(100 / (1 + math.exp(-2)), 0),
    }


def psnr_example() -> dict[str, str]:
    """Return the pooled PSNR of two pictures, and the mean of their PSNRs, which differs."""
    samples = sum(n for _, n in EXAMPLE_PICTURES)
    squared_error = sum(mse * n for mse, n in EXAMPLE_PICTURES)
    each = [psnr_db(mse * n, n) for mse, n in EXAMPLE_PICTURES]
    return {
        "pooled_mse": decimal(squared_error / samples, 0),
        "pooled_db": decimal(psnr_db(squared_error, samples), 2),
        "mean_db": decimal(sum(each) / len(each), 2),
    }
