"""Whether a decoder makes the scored pictures elsewhere: picture by picture, and in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ratings.challenge.models import Original
from ratings.challenge.pictures.originals import load_original
from ratings.imaging.distortion import psnr_db, squared_error
from ratings.imaging.likeness import Outcome, likeness
from ratings.imaging.pixels import Rgb, decode_checked, read_header
from ratings.sandbox.results.run_result import Output, RunResult
from ratings.sandbox.worlds import World
from ratings.submissions.decoded_pictures import load_decoded
from ratings.submissions.runs.outputs import CheckedOutputs

UNTOLD = "It can't be told whether this decodes elsewhere: "
OLD_WORKER = "the worker knows no other arithmetic; its version is older than the site's."
NUMPY_REFUSED = "the decoder's NumPy was built for newer processors alone."
CURE = (
    "Floats in the entropy coder are the usual cause: other processors round them otherwise. Use "
    "integers there, as the kit's page says."
)


@dataclass(frozen=True)
class Told:
    """What became of one picture elsewhere; `why` says it of a broken one.

    `levels` is the most by which a sample differs from the one that was scored, None where no
    picture is there to compare.
    """

    picture: str
    outcome: Outcome
    why: str = ""
    levels: int | None = None


@dataclass
class _Pooled:
    """Squared errors of pictures against their originals: as scored, and as made elsewhere."""

    scored: int = 0
    elsewhere: int = 0
    samples: int = 0

    def add(self, scored: Rgb, elsewhere: Rgb, original: Rgb) -> None:
        self.scored += squared_error(original, scored)
        self.elsewhere += squared_error(original, elsewhere)
        self.samples += original.size

    @property
    def words(self) -> str:
        """By how much PSNR moves; "" where that is not told, or is no number."""
        if not (self.scored and self.elsewhere):
            return ""
        moved = psnr_db(self.elsewhere, self.samples) - psnr_db(self.scored, self.samples)
        return f"; their PSNR moves by {moved:+.4f} dB"


@dataclass
class ToldElsewhere:
    """What became of all pictures that were tried, and `where` they were."""

    where: str
    shows_scores: bool
    pictures: list[Told] = field(default_factory=list)
    pooled: _Pooled = field(default_factory=_Pooled)

    @property
    def is_broken(self) -> bool:
        """Whether any picture is."""
        return any(one.outcome == Outcome.BROKEN for one in self.pictures)

    @property
    def is_equal(self) -> bool:
        """Whether all are the same, bit for bit."""
        return all(one.outcome == Outcome.EQUAL for one in self.pictures)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the pictures as they are kept."""
        return [asdict(one) for one in self.pictures]

    def add(self, original: Original, output: Output, scored: str) -> None:
        """Compare a picture that was made with the file that was scored, by its SHA-256."""
        if output.sha256 == scored:
            self.pictures.append(Told(original.name, Outcome.EQUAL, levels=0))
            return
        png = output.file.read_bytes()
        first, second = load_decoded(scored), decode_checked(png, read_header(png))
        alike, why = likeness(first, second), ""
        if alike.outcome == Outcome.BROKEN:
            why = (
                f"{original.name}: samples differ by up to {alike.levels} of 255, "
                f"{alike.apart_db:.1f} dB apart."
            )
        elif self.shows_scores and alike.levels:
            self.pooled.add(first, second, load_original(original))
        self.pictures.append(Told(original.name, alike.outcome, why, alike.levels))

    @property
    def verdict(self) -> str:
        """All of it in a sentence or two."""
        broken = [one for one in self.pictures if one.outcome == Outcome.BROKEN]
        close = [one for one in self.pictures if one.outcome == Outcome.CLOSE]
        tried = f"of {len(self.pictures)} pictures tried {self.where},"
        if broken:
            lost = f"{tried} {len(broken)} don't come again"
            return f"Broken elsewhere: {lost}. {broken[0].why} {CURE}"
        if close:
            most = max(one.levels or 0 for one in close)
            return (
                f"Decodes elsewhere, but for rounding: {tried} {len(close)} differ, by at most "
                f"{most} of 255{self.pooled.words}."
            )
        return f"Decodes elsewhere: {tried} all come again, bit for bit."


def why_untold(made: RunResult, world: World) -> str:
    """Return why a run tells nothing of other places; "" where it does."""
    if made.environment.get("world") != world.slug:
        return UNTOLD + OLD_WORKER
    if made.termination.stopped:
        return UNTOLD + made.verdict
    if not made.succeeded and b"'NPY_DISABLE_CPU_FEATURES'" in made.log:
        return UNTOLD + NUMPY_REFUSED
    return ""


def tell(
    judged: CheckedOutputs,
    originals: Sequence[Original],
    scored: Mapping[int, str],
    where: str,
    *,
    shows_scores: bool,
) -> ToldElsewhere:
    """Compare what was made elsewhere with what was scored, picture by picture.

    `scored` has the SHA-256 of the scored file by the original's key. How PSNR moves would tell of
    originals: it is told where the phase `shows_scores`.
    """
    told = ToldElsewhere(where, shows_scores)
    for original in originals:
        if problem := judged.against.get(original.name):
            told.pictures.append(Told(original.name, Outcome.BROKEN, problem))
        else:
            told.add(original, judged.outputs[original], scored[original.pk])
    return told
