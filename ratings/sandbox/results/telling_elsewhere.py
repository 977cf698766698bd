# SPDX-License-Identifier: Apache-2.0
"""Whether a decoder makes the same pictures elsewhere: picture by picture, and in a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ratings.imaging.distortion import psnr_db, squared_error
from ratings.imaging.likeness import Outcome, likeness
from ratings.imaging.pixels import Rgb
from ratings.sandbox.results.run_result import RunResult
from ratings.sandbox.worlds import World

UNTOLD = "It can't be told whether this decodes elsewhere: "
OLD_WORKER = "the worker knows no other arithmetic; its version is older than the site's."
OTHER_VERSIONS = "the environment was not the one in which it was scored"
# What may differ elsewhere; whatever else a run's record tells of its environment may not.
OF_THE_MACHINE = {"kernel", "arithmetic", "measured by", "cores", "world", "devices"}
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

    def lose(self, picture: str, problem: str) -> None:
        """Note a picture that is not there, or is none."""
        self.pictures.append(Told(picture, Outcome.BROKEN, problem))

    def same(self, picture: str) -> None:
        """Note a picture whose file is the very same."""
        self.pictures.append(Told(picture, Outcome.EQUAL, levels=0))

    def compare(
        self,
        picture: str,
        scored: Rgb,
        elsewhere: Rgb,
        original: Callable[[], Rgb] | None = None,
    ) -> None:
        """Compare the picture that was scored with the one that was made elsewhere.

        Its `original` is asked for where it may be told by how much PSNR moves.
        """
        alike, why = likeness(scored, elsewhere), ""
        if alike.outcome == Outcome.BROKEN:
            why = (
                f"{picture}: samples differ by up to {alike.levels} of 255, "
                f"{alike.apart_db:.1f} dB apart."
            )
        elif original and alike.levels:
            self.pooled.add(scored, elsewhere, original())
        self.pictures.append(Told(picture, alike.outcome, why, alike.levels))

    @property
    def verdict(self) -> str:
        """All of it in a sentence or two."""
        broken = [one for one in self.pictures if one.outcome == Outcome.BROKEN]
        close = [one for one in self.pictures if one.outcome == Outcome.CLOSE]
        tried = f"of {len(self.pictures)} pictures tried {self.where},"
        if broken:
            lost = f"{tried} {len(broken)} don't come again"
            return f"Broken elsewhere: {lost}. {broken[0].why.removesuffix('.')}. {CURE}"
        if close:
            most = max(one.levels or 0 for one in close)
            return (
                f"Decodes elsewhere, but for rounding: {tried} {len(close)} differ, by at most "
                f"{most} of 255{self.pooled.words}."
            )
        return f"Decodes elsewhere: {tried} all come again, bit for bit."


def why_untold(made: RunResult, world: World, first: Mapping[str, str]) -> str:
    """Return why a run tells nothing of other places; "" where it does.

    `first` is the record of the environment in which the pictures were made that were scored.
    """
    if made.environment.get("world") != world.slug:
        return UNTOLD + OLD_WORKER
    names = sorted((first.keys() | made.environment.keys()) - OF_THE_MACHINE)
    other = [name for name in names if first.get(name) != made.environment.get(name)]
    if first and other:
        return f"{UNTOLD}{OTHER_VERSIONS} ({', '.join(other)})."
    if made.termination.stopped or (made.termination.limit and not made.succeeded):
        return UNTOLD + made.verdict  # more threads use more of all that is limited
    if not made.succeeded and b"'NPY_DISABLE_CPU_FEATURES'" in made.log:
        return UNTOLD + NUMPY_REFUSED
    return ""
