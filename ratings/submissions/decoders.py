"""Decoders: what can be seen wrong with one before it runs, and which ones a team may use."""

from pathlib import Path

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.sandbox import unpacking
from ratings.sandbox.refusals import FileRefused
from ratings.submissions.models import Decoder, Submission

SHORT_DIGEST = 12
MISSING_DECODER = "Missing decoder"


def check_decoder(path: Path) -> None:
    """Check an executable, or a zip that holds one called `decode` at its top.

    Raises Refused, code "decoder", with every problem and how to mend it, in the sandbox's words.
    """
    try:
        unpacking.check(path)
    except FileRefused as refused:
        raise Refused("decoder", *refused.problems) from refused


def must_decode(submission: Submission) -> bool:
    """Tell whether only what the submission's decoder makes here counts, whatever was sent."""
    optional = submission.phase.decoder_rule == Phase.DecoderRule.OPTIONAL
    return not (optional or submission.team.is_baseline)


def decoder_problems(submission: Submission) -> list[str]:
    """Return what stands against the submission's decoder by the phase's rule."""
    if not must_decode(submission):
        return []
    decoder = Decoder.objects.filter(submission=submission).first()
    if decoder is None:
        return [MISSING_DECODER]
    if submission.phase.decoder_rule == Phase.DecoderRule.REQUIRED or _is_registered(
        submission, decoder
    ):
        return []
    return [_not_registered(submission, decoder)]


def usable_decoders(submission: Submission) -> list[Decoder]:
    """Return the decoders that the team submitted in time in the phase that registers them."""
    earlier = submission.phase.decoders_from
    if earlier is None:
        return []
    return list(
        Decoder.objects.filter(
            submission__phase=earlier,
            submission__team=submission.team,
            submission__submitted_at__lt=earlier.closes_at,
        )
        .select_related("submission")
        .order_by("submission__submitted_at")
    )


def _is_registered(submission: Submission, decoder: Decoder) -> bool:
    by_hand = submission.phase.registered_decoders.filter(
        team=submission.team, sha256=decoder.sha256
    )
    in_time = {one.sha256 for one in usable_decoders(submission)}
    return decoder.sha256 in in_time or by_hand.exists()


def _not_registered(submission: Submission, decoder: Decoder) -> str:
    earlier = submission.phase.decoders_from
    assert earlier is not None
    deadline = announced_deadline(earlier.closes_at).astimezone(earlier.zone).isoformat()
    known = {one.sha256: one.submission.method for one in usable_decoders(submission)}
    listed = ", ".join(f"{digest[:SHORT_DIGEST]} ({name})" for digest, name in known.items())
    return (
        f"This decoder (SHA-256 {decoder.sha256[:SHORT_DIGEST]}) is none of those that "
        f"{submission.team} submitted in {earlier.name} by {deadline}: {listed or 'there are none'}"
        ". Send one of them, byte for byte."
    )
