"""How often intervals hold the truth where pictures come from few scenes, or raters from few labs.

Run with `python -m benchmarks levels [RUNS]`: prints the table of docs/validation.md, each line
twice from the same judgments: clustered by rater and picture, and by the level above. 8 methods
spread like quantiles of a normal; scene and picture, or lab and rater, have effects of their own.
The truth is the scores of the mean preferences over all scenes, pictures, labs and raters.
"""

import sys
import zlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from scipy import special

from benchmarks.coverage import covered
from benchmarks.page import print_header, print_row
from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.tally import Tally, tally_codes
from ratings.psychometrics.model.bradley_terry import scores

HEADERS = (
    "40 raters x 40 pictures, 8 methods, 4,000 judgments | pairs, by rater and picture "
    "| all scores | rank sets (mean size) | pairs, by the level above | all scores "
    "| rank sets (mean size)",
)
METHODS, RATERS, PICTURES, JUDGMENTS = 8, 40, 40, 4_000
_NODES = 61  # of the quadrature over effects


@dataclass(frozen=True)
class Levelled:
    """A kind of study: how many scenes and labs, and standard deviations of their effects.

    `taste` and `effect` are those of raters and pictures beside. Pictures and raters are dealt out
    evenly; `alone` pictures have no scene.
    """

    name: str
    scenes: int = 0
    scene_sd: float = 0.0
    labs: int = 0
    lab_sd: float = 0.0
    taste: float = 0.3
    effect: float = 0.3
    alone: int = 0


STUDIES = (
    Levelled("40 pictures from 8 scenes", scenes=8, scene_sd=0.5),
    Levelled("40 pictures from 4 scenes", scenes=4, scene_sd=0.5),
    Levelled("30 of 40 pictures from 6 scenes", scenes=6, scene_sd=0.5, alone=10),
    Levelled("40 raters from 8 labs", labs=8, lab_sd=0.5),
    Levelled("40 raters from 4 labs", labs=4, lab_sd=0.5),
    Levelled("8 scenes, 8 labs", scenes=8, scene_sd=0.5, labs=8, lab_sd=0.5),
    Levelled("8 scenes that make no difference", scenes=8),
)


@dataclass(frozen=True, eq=False)
class LevelledData:
    """Judgments as whole numbers, (judgments,) each, and the true scores, (methods,)."""

    rater: IntArray
    image: IntArray
    sides: tuple[IntArray, IntArray]
    choice: IntArray
    group: IntArray
    scene: IntArray
    truth: FloatArray

    def tally(self, *, levels: bool) -> Tally:
        """Return the judgments as counts, clustered by the levels above or by none."""
        names = [f"m{number}" for number in range(METHODS)]
        above = {"group": self.group, "scene": self.scene} if levels else {}
        return tally_codes(names, self.rater, self.image, *self.sides, self.choice, **above)


def simulate(study: Levelled, seed: int) -> LevelledData:
    """Return judgments of one study; the same seed gives the same ones."""
    rng = np.random.default_rng([zlib.crc32(study.name.encode()), seed])
    strengths = special.ndtri((np.arange(METHODS) + 0.5) / METHODS)
    scene = _dealt(PICTURES, study.scenes, study.alone)
    lab = _dealt(RATERS, study.labs, 0)
    by_picture = rng.normal(0, study.effect, (PICTURES, METHODS))
    by_picture += _shared(scene, study.scene_sd, rng)
    by_rater = rng.normal(0, study.taste, (RATERS, METHODS)) + _shared(lab, study.lab_sd, rng)
    activity = np.exp(rng.normal(0, 0.5, RATERS))
    rater = rng.choice(RATERS, JUDGMENTS, p=activity / activity.sum())
    image = rng.integers(0, PICTURES, JUDGMENTS)
    left = rng.integers(0, METHODS, JUDGMENTS)
    right = (left + rng.integers(1, METHODS, JUDGMENTS)) % METHODS
    appeal = strengths + by_picture[image] + by_rater[rater]
    each = np.arange(JUDGMENTS)
    won = rng.random(JUDGMENTS) < special.expit(appeal[each, left] - appeal[each, right])
    choice = np.where(won, 0, 1)
    truth = _truth(study, strengths)
    return LevelledData(rater, image, (left, right), choice, lab[rater], scene[image], truth)


def _dealt(size: int, above: int, alone: int) -> IntArray:
    """Return the level above each, (size,); -1 where there is none."""
    dealt = np.full(size, -1)
    if above:
        dealt[alone:] = np.arange(size - alone) % above
    return dealt


def _shared(above: IntArray, sd: float, rng: np.random.Generator) -> FloatArray:
    """Return the effects that each shares with its level, (size, methods); alone one of its own."""
    shared = rng.normal(0, sd, (max(1, above.max() + 1), METHODS))
    own = rng.normal(0, sd, (len(above), METHODS))
    effects: FloatArray = np.where(above[:, None] < 0, own, shared[above])
    return effects


def _truth(study: Levelled, strengths: FloatArray) -> FloatArray:
    """Return the scores of mean preferences: differences of effects are normal."""
    variances = [study.taste, study.effect, study.scene_sd, study.lab_sd]
    spread = np.sqrt(2 * np.sum(np.square(variances)))
    node, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    distance = strengths[:, None] - strengths[None, :]
    wins = special.expit(distance[:, :, None] + spread * node) @ weight / weight.sum()
    np.fill_diagonal(wins, 0)
    return scores(wins)


def main(runs: int = 300) -> None:
    """Print a line for each study."""
    print_header(HEADERS[0])
    for study in STUDIES:
        data = [simulate(study, run) for run in range(runs)]
        cells = [_cells(data, levels=levels) for levels in (False, True)]
        print_row([study.name, *cells[0], *cells[1]])


def _cells(data: Sequence[LevelledData], *, levels: bool) -> list[str]:
    """Return shares of what is held, each with its Monte Carlo error."""
    held = [covered(one.tally(levels=levels), one.truth) for one in data]
    rows = np.array([astuple(row)[:5] for row in held])
    mean, error = rows.mean(axis=0), rows.std(axis=0) / np.sqrt(len(rows))
    shares = [f"{mean[place]:.3f} ± {error[place]:.3f}" for place in (0, 2, 3)]
    return [*shares[:2], f"{shares[2]} ({mean[4]:.1f})"]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
