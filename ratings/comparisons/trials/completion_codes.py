"""Completion codes: what proves that a rater came to the end and all answers are stored."""

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.crypto import salted_hmac

from ratings.comparisons.models import Rater, Recruit, Study
from ratings.comparisons.protocol import Platform
from ratings.comparisons.trials.session_progress import LASTING, State

OVER = (State.DONE, State.SCREENED_OUT, State.ENDED, State.WITHDRAWN)
# 40 bits: nobody guesses one. No vowels, hence no words, and no letter that looks like another.
CODE_LETTERS = 10
_LETTERS = str.maketrans("0123456789abcdef", "BCDFGHJKMPQRTWXZ")


@dataclass(frozen=True)
class Completion:
    """What a rater hands in, and where; `url` is None where no platform says so."""

    code: str
    url: str | None


def completion(rater: Rater, state: State) -> Completion | None:
    """Return what a rater in this state gets: None until their session is over.

    Who did the work gets the code of being done, used or not, and so does whom hopeless checks
    ended; who was screened out by the training, rejected on the way, stayed away too long or found
    their places taken, the other one. Who withdrew at their session's end keeps their code; who
    withdrew before it has none.
    """
    had_ended = rater.finished_at or rater.screened_out_at
    if state not in OVER or (state is State.WITHDRAWN and not had_ended):
        return None
    platform = _platform(rater)
    told = told_by_platform(platform, is_out=is_out(rater, state)) if platform else None
    return told or Completion(personal_code(rater), None)


def is_out(rater: Rater, state: State) -> bool:
    """Tell whether a rater in this state, whose session is over, gets the code of being out."""
    if state is State.ENDED:
        return rater.state == Rater.State.REJECTED or rater.ending in LASTING
    was_out = state is State.WITHDRAWN and rater.screened_out_at is not None
    return state is State.SCREENED_OUT or was_out


def told_by_platform(platform: Platform, *, is_out: bool) -> Completion | None:
    """Return what the raters whom a platform sent get, at the end of the work or (`is_out`) before.

    None where the study names no such code: the platform would not know another one, and each rater
    gets a personal one, which leads nowhere.
    """
    own = platform.screenout_code if is_out else platform.completion_code
    if not own:
        return None
    return Completion(own, platform.completion_url.replace("{code}", quote(own, safe="")) or None)


def personal_code(rater: Rater) -> str:
    """Return the code that only this rater has: an HMAC of their identifier in ten letters."""
    digest = salted_hmac("ratings.completion", rater.pk.hex, algorithm="sha256").hexdigest()
    return digest[:CODE_LETTERS].translate(_LETTERS)


def find_by_code(study: Study, code: str) -> Rater | None:
    """Return the rater of a study who has this personal code, however it was typed, or None."""
    wanted = "".join(filter(str.isalpha, code)).upper()
    raters = Rater.objects.filter(study=study).select_related("study")
    return next((rater for rater in raters if personal_code(rater) == wanted), None)


def recruit_of(rater: Rater) -> Recruit | None:
    """Return how a platform sent a rater; None for all others."""
    try:
        return rater.recruit
    except Recruit.DoesNotExist:
        return None


def _platform(rater: Rater) -> Platform | None:
    """Return the platform that sent a rater, as the study describes it now."""
    sent = recruit_of(rater)
    platforms = rater.study.protocol.recruiting.platforms
    return next(
        (platform for platform in platforms if sent and platform.slug == sent.platform), None
    )
