"""Decoders: what can be seen wrong with one before it runs, and which ones a team may use."""

from pathlib import Path
from typing import BinaryIO

from ratings.challenge.calendar import announced_deadline
from ratings.challenge.models import Phase
from ratings.challenge.refusals import Refused
from ratings.sandbox.refusals import FileRefused
from ratings.sandbox.zips import open_zip, read_member
from ratings.submissions.models import Decoder, Submission

PROGRAM = "decode"
MOST_MEMBERS = 20_000
LARGEST_UNPACKED_BYTES = 4 << 30
LONGEST_FIRST_LINE = 256  # what Linux itself reads of a script
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHORT_DIGEST = 12
MISSING_DECODER = "Missing decoder"


def check_decoder(path: Path) -> None:
    """Check an executable, or a zip that holds one called `decode` at its top.

    Raises Refused, code "decoder" with how to mend it, or "archive" for a hostile zip.
    """
    with path.open("rb") as file:
        head = file.read(LONGEST_FIRST_LINE)
        if head.startswith(b"PK"):
            try:
                head = _head_of_program(file)
            except FileRefused as refused:
                raise Refused("archive", *refused.problems) from refused
    problem = _program_problem(head)
    if problem:
        raise Refused("decoder", problem)


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


def _head_of_program(file: BinaryIO) -> bytes:
    """Return the first bytes of a zip's `decode`. Raises Refused where it has none at its top."""
    with open_zip(file, most_members=MOST_MEMBERS) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        unpacked = sum(member.file_size for member in members)
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise Refused(
                "decoder",
                f"The decoder unpacks to {unpacked} bytes; at most {LARGEST_UNPACKED_BYTES} "
                "are taken.",
            )
        for member in members:
            if member.filename == PROGRAM:
                return b"".join(read_member(archive, member))[:LONGEST_FIRST_LINE]
        raise Refused("decoder", _no_program([member.filename for member in members]))


def _no_program(names: list[str]) -> str:
    """Say why a zip has no `decode` at its top, by what it has instead."""
    lacks = f"The zip has no file {PROGRAM!r} at its top"
    nested = [name for name in names if name.endswith(f"/{PROGRAM}")]
    if nested:
        return f"{lacks}; found {nested[0]!r}: zip what is in the folder, not the folder itself."
    suffixed = [name for name in names if name.rpartition("/")[2].startswith(f"{PROGRAM}.")]
    if suffixed:
        return f"{lacks}; found {suffixed[0]!r}: call it {PROGRAM!r}, with no suffix."
    return f"{lacks}: it must be an executable of exactly this name."


def _program_problem(head: bytes) -> str:
    """Return why Linux would not start a program that begins like this; "" where it would.

    Line ends and the byte order mark of Windows are mended before it runs.
    """
    if head.startswith(b"\x7fELF"):
        return ""
    if head.startswith(b"MZ"):
        return "The decoder is a Windows program; it has to run on Linux."
    script = head.removeprefix(BYTE_ORDER_MARK)
    if not script.startswith(b"#!"):
        return (
            "The decoder is neither a Linux program nor a script that begins with #!, such as "
            "#!/usr/bin/env python3; put that line first."
        )
    if not script[2:].partition(b"\n")[0].strip():
        return "The decoder's first line, #!, names no interpreter, such as /usr/bin/env python3."
    return ""
