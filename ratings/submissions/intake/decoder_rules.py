"""Decoders: what can be seen wrong with one before it runs, and which ones a team may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Phase, Team
from ratings.challenge.refusals import Refused
from ratings.sandbox.decoders import unpacking
from ratings.sandbox.entry_runs import decoding_machine
from ratings.sandbox.environments.recipes import USUAL
from ratings.sandbox.sandbox_errors import FileRefused
from ratings.submissions.models import Decoder, Submission

SHORT_DIGEST = 12
MISSING_DECODER = "Missing decoder"


@dataclass(frozen=True)
class Usable:
    """Decoders by their SHA-256: submitted in time, each with its method, or let by hand."""

    in_time: Mapping[str, str]
    by_hand: frozenset[str]


def check_decoder(path: Path, source: str = USUAL) -> list[str]:
    """Check an executable, or a zip that holds one called `decode` at its top.

    It is to run in the environment of this source. Returns what will be mended in it, in words.
    Raises Refused, code "decoder", with every problem and how to mend it, in the sandbox's words.
    """
    try:
        return unpacking.check(path, decoding_machine(source, settings.SANDBOX_IMAGE))
    except FileRefused as refused:
        raise Refused("decoder", *refused.problems) from refused


def must_decode(submission: Submission) -> bool:
    """Tell whether only what the submission's decoder makes here counts, whatever was sent."""
    optional = submission.phase.decoder_rule == Phase.DecoderRule.OPTIONAL
    return not (optional or submission.team.is_baseline)


def decoder_problems(
    submission: Submission, decoder: Decoder | None, usable: Callable[[Phase, Team], Usable]
) -> list[str]:
    """Return what stands against the submission's decoder by the phase's rule.

    `usable` is `usable_decoders`, or a cache of it where many submissions are looked at.
    """
    if not must_decode(submission):
        return []
    if decoder is None:
        return [MISSING_DECODER]
    if submission.phase.decoder_rule == Phase.DecoderRule.REQUIRED:
        return []
    known = usable(submission.phase, submission.team)
    if decoder.sha256 in known.in_time or decoder.sha256 in known.by_hand:
        return []
    return [_not_registered(submission, decoder, known)]


def usable_decoders(phase: Phase, team: Team) -> Usable:
    """Return the decoders that the team may use in a phase that takes registered ones only."""
    by_hand = phase.registered_decoders.filter(team=team).values_list("sha256", flat=True)
    earlier = phase.decoders_from
    if earlier is None:
        return Usable({}, frozenset(by_hand))
    submitted = Decoder.objects.filter(
        submission__phase=earlier,
        submission__team=team,
        submission__submitted_at__lt=earlier.closes_at,
    ).order_by("submission__submitted_at")
    in_time = dict(submitted.values_list("sha256", "submission__method"))
    return Usable(in_time, frozenset(by_hand))


def _not_registered(submission: Submission, decoder: Decoder, known: Usable) -> str:
    earlier = submission.phase.decoders_from
    assert earlier is not None
    deadline = announced_deadline(earlier.closes_at).astimezone(earlier.zone).isoformat()
    listed = ", ".join(
        f"{digest[:SHORT_DIGEST]} ({name})" for digest, name in known.in_time.items()
    )
    return (
        f"This decoder (SHA-256 {decoder.sha256[:SHORT_DIGEST]}) is none of those that "
        f"{submission.team} submitted in {earlier.name} by {deadline}: {listed or 'there are none'}"
        ". Send one of them, byte for byte."
    )
