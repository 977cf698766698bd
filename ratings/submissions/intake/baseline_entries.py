"""A known codec as an entry of a phase: at its best within the byte budget, as anyone's is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ratings.challenge.models import Original, Phase, Team
from ratings.challenge.pictures.originals import load_original
from ratings.challenge.refusals import Refused
from ratings.challenge.teams.team_accounts import enter_team, require_kind
from ratings.codecs.baseline_decoder import decoder_zip
from ratings.codecs.baselines import Codec
from ratings.codecs.rate import BudgetExceeded, bits_per_pixel
from ratings.codecs.rate_control import best_settings, encode_pictures
from ratings.imaging.pixels import Rgb, encode_png
from ratings.submissions.intake import closing, ingest
from ratings.submissions.models import Submission

# Of each picture: two rounds of trying settings, and then it is compressed and entered.
STEPS = 3


class PhaseOriginals(Mapping[str, Rgb]):
    """A phase's originals by name; their samples are mapped from disk when they are looked at."""

    def __init__(self, phase: Phase) -> None:
        self._originals: dict[str, Original] = {o.name: o for o in phase.originals()}

    def __getitem__(self, name: str) -> Rgb:
        return load_original(self._originals[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._originals)

    def __len__(self) -> int:
        return len(self._originals)

    @property
    def pixels(self) -> int:
        """How many pixels all of them have."""
        return sum(original.pixels for original in self._originals.values())


class OverBudget(Refused):
    """Even a codec's coarsest settings take more than the phase's byte budget."""


@dataclass(frozen=True)
class Watch:
    """Who is told how far a baseline is; whatever one of these raises ends it.

    `step` is called `STEPS` times a picture, `begun` with the submission while it is still empty,
    `queued` when it is closed, in the same transaction, with its bytes in words.
    """

    step: Callable[[], None]
    begun: Callable[[Submission], None]
    queued: Callable[[Submission, str], None]


def require_baselines(phase: Phase) -> int:
    """Return the phase's byte budget. Raises Refused, code "baseline", without it or pictures."""
    budget, problems = phase.byte_budget, []
    if not phase.originals().exists():
        problems.append(f"{phase} has no pictures yet: add them to its data sets.")
    if budget is None:
        problems.append(f"{phase} has no byte budget: its definition sets max_bpp or byte_budget.")
    if problems or budget is None:
        raise Refused("baseline", *problems)
    return budget


def enter_baseline(phase: Phase, codec: Codec, at: Callable[[], datetime], watch: Watch) -> None:
    """Enter a codec as a team of its own.

    Nothing of it stays where it ends before it is queued. Raises Refused: code "baseline" where
    even the coarsest settings are over the budget, "team-kind", or as closing a submission does.
    """
    budget, pictures = require_baselines(phase), PhaseOriginals(phase)
    require_kind(phase.challenge, codec.name, Team.Kind.BASELINE)  # before the work is done
    try:
        settings = best_settings(codec, pictures, budget, watch.step)
    except BudgetExceeded as error:
        raise OverBudget("baseline", str(error)) from error
    team = enter_team(phase.challenge, codec.name, Team.Kind.BASELINE)
    submission = ingest.begin_submission(phase, team, codec.name, at())
    try:
        watch.begun(submission)
        size_bytes = _fill(submission, codec, pictures, settings, at(), watch.step)
        rate = bits_per_pixel(size_bytes, pictures.pixels)
        with transaction.atomic():
            closing.submit(submission.pk, at(), by_organizer=True)
            words = f"{size_bytes} of {budget} bytes, {rate:.4f} bits per pixel"
            watch.queued(submission, words)
    except BaseException:  # stopped by hand too
        ingest.delete_open(submission.pk, at())
        raise


def _fill(
    submission: Submission,
    codec: Codec,
    pictures: PhaseOriginals,
    settings: Mapping[str, int],
    at: datetime,
    step: Callable[[], None],
) -> int:
    """Send what anyone would send; return the bytes of the bitstreams."""
    ingest.put(submission, "decoder", "decoder", [decoder_zip()], received_at=at)
    size_bytes = 0
    for name, coded in encode_pictures(codec, pictures, settings):
        bits, png = f"{name.removesuffix('.png')}{codec.suffix}", encode_png(coded.decoded)
        ingest.put(submission, "bitstreams", bits, [coded.bitstream], received_at=at)
        ingest.put(submission, "decoded", name, [png], received_at=at)
        size_bytes += len(coded.bitstream)
        step()
    return size_bytes
