"""The kinds of synthetic study on which intervals are tried; seeds differ for every run."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from ratings.psychometrics.arrays import FloatArray
from ratings.psychometrics.design.heterogeneity import Shape
from ratings.psychometrics.design.simulation import RaterModel, Simulated, SyntheticCrowd
from ratings.psychometrics.inference.fitting import Settings

# 13 % of judgments between equals are ties.
UNSURE = 0.13


@dataclass(frozen=True)
class Study:
    """A study to simulate: raters, pictures and methods, and how people judge.

    `strengths` are spread evenly over [-1, 1] where none are given; `seen`, the number of
    pictures that a rater ever sees, all where it is None.
    """

    name: str
    raters: int
    pictures: int
    methods: int
    judgments: int
    rater_model: RaterModel
    strengths: tuple[float, ...] = ()
    seen: int | None = None
    settings: Settings = field(default_factory=Settings)

    def __str__(self) -> str:
        size = f"{self.raters} x {self.pictures}, {self.methods}, {self.judgments:,}"
        return f"{self.name}: {size}"


def careful(
    rater_sd: float,
    picture_sd: float,
    *,
    taste: Shape = "normal",
    careless: float = 0.0,
    activity_sd: float = 0.5,
    side_sd: float = 0.12,
) -> RaterModel:
    """Return a model of raters of whom none is careless, unless a share is given."""
    return RaterModel(
        taste_sd=rater_sd,
        picture_sd=picture_sd,
        side_sd=side_sd,
        careless=careless,
        unsure=UNSURE,
        activity_sd=activity_sd,
        taste=taste,
    )


# What the choices about intervals were made by: mostly the first group, the second was watched.
TUNED = (
    Study("independent", 40, 40, 10, 6_000, careful(0, 0, side_sd=0.0)),
    Study("raters with taste .5", 30, 40, 10, 6_000, careful(0.5, 0)),
    Study("pictures with effects .5", 40, 30, 10, 6_000, careful(0, 0.5)),
    Study("both", 40, 40, 10, 6_000, careful(0.4, 0.5)),
    Study("few raters", 12, 100, 10, 6_000, careful(0.4, 0.4)),
    Study("few judgments", 20, 30, 10, 600, careful(0.4, 0.4)),
    Study("uneven activity", 40, 40, 10, 6_000, careful(0.4, 0.4, activity_sd=1.2)),
    Study("10 % careless", 100, 200, 15, 20_000, careful(0.4, 0.4, careless=0.1)),
    Study("heavy-tailed tastes", 30, 40, 10, 6_000, careful(0.5, 0.3, taste="heavy")),
    Study("two camps", 30, 40, 10, 6_000, careful(0.4, 0.3, taste="camps")),
    Study("a minority's taste", 30, 40, 10, 6_000, careful(0.4, 0.3, taste="minority")),
)
WATCHED = (
    Study("few pictures", 40, 8, 4, 2_000, careful(0.4, 0.5)),
    Study("many methods", 30, 30, 30, 10_000, careful(0.4, 0.4)),
    Study("6 pictures a rater", 30, 40, 10, 4_000, careful(0.4, 0.4), seen=6),
    Study("skewed tastes", 12, 60, 8, 3_000, careful(0.5, 0.3, taste="skewed")),
    Study("tastes for some methods", 30, 40, 10, 6_000, careful(0.5, 0.3, taste="uneven")),
    Study("few raters in two camps", 12, 100, 10, 6_000, careful(0.4, 0.4, taste="camps")),
    Study("8 raters", 8, 60, 6, 4_000, careful(0.5, 0.3)),
    Study("two methods", 25, 25, 2, 1_000, careful(0.5, 0.5)),
    Study(
        "far apart",
        40,
        40,
        8,
        6_000,
        careful(0.4, 0.5),
        strengths=tuple(np.linspace(-3, 3, 8).tolist()),
    ),
    Study(
        "Davidson's ties", 30, 40, 10, 6_000, careful(0.4, 0.4), settings=Settings(ties="davidson")
    ),
)
# Never tried before the choices were final, and then run once.
HELD_OUT = (
    Study("heavy tails, 20 x 20", 20, 20, 6, 1_500, careful(0.7, 0.2, taste="heavy")),
    Study("a minority, few pictures", 60, 12, 12, 8_000, careful(0.3, 0.7, taste="minority")),
    Study(
        "camps, uneven, careless",
        25,
        50,
        5,
        2_000,
        careful(0.5, 0.3, taste="camps", activity_sd=1.0, careless=0.1),
    ),
    Study("skewed, 16 methods", 16, 16, 16, 3_000, careful(0.6, 0.6, taste="skewed")),
    Study("20 judgments a rater", 200, 24, 8, 4_000, careful(0.8, 0.3), seen=4),
    Study("10 x 10", 10, 10, 5, 2_000, careful(0.4, 0.4)),
)


def _ranks(name: str, strengths: FloatArray) -> Study:
    return Study(name, 40, 40, 10, 6_000, careful(0.4, 0.5), strengths=tuple(strengths.tolist()))


RANKS = (
    _ranks("gap .192", np.linspace(-1, 1, 10)),
    _ranks("gap .096", np.linspace(-0.5, 0.5, 10)),
    _ranks("gap .048", np.linspace(-0.25, 0.25, 10)),
    _ranks("gap .019", np.linspace(-0.1, 0.1, 10)),
    _ranks("gap .001", np.linspace(-0.005, 0.005, 10)),
    _ranks("clusters", np.repeat([-0.7, 0, 0.7], [3, 4, 3]) + np.tile([0, 0.001], 5)),
    _ranks("near twins", np.repeat(np.linspace(-1, 1, 5), 2) + np.tile([0, 0.001], 5)),
    _ranks("near twins, far apart", np.repeat(np.linspace(-4, 4, 5), 2) + np.tile([0, 1e-3], 5)),
)


def simulate(study: Study, seed: Sequence[int]) -> tuple[Simulated, FloatArray]:
    """Return judgments, and the scores that endless judgments of the same kind would give."""
    rng = np.random.default_rng([zlib.crc32(study.name.encode()), *seed])
    people = SyntheticCrowd(
        [f"m{i:02}" for i in range(study.methods)],
        [f"p{i}" for i in range(study.pictures)],
        study.raters,
        rng,
        strengths=study.strengths or np.linspace(-1, 1, study.methods).tolist(),
        rater_model=study.rater_model,
    )
    data = _of_few(people, study, rng) if study.seen else people.simulate(study.judgments)
    # What camps like is drawn for each crowd; all other truths are the study's.
    camps = study.rater_model.taste in ("camps", "minority")
    truth = people.population_scores(study.settings.ties) if camps else _truth(study)
    return data, truth


@cache
def _truth(study: Study) -> FloatArray:
    people = SyntheticCrowd(
        [f"m{i:02}" for i in range(study.methods)],
        ["p"],
        1,
        np.random.default_rng(0),
        strengths=study.strengths or np.linspace(-1, 1, study.methods).tolist(),
        rater_model=study.rater_model,
    )
    return people.population_scores(study.settings.ties)


def _of_few(people: SyntheticCrowd, study: Study, rng: np.random.Generator) -> Simulated:
    """Let every rater judge a few pictures of their own only."""
    rater = rng.integers(0, study.raters, study.judgments)
    own = rng.random((study.raters, study.pictures)).argsort(axis=1)[:, : study.seen]
    picture = own[rater, rng.integers(0, own.shape[1], study.judgments)]
    left = rng.integers(0, study.methods, study.judgments)
    right = (left + rng.integers(1, study.methods, study.judgments)) % study.methods
    choice, response_ms = people.answers(rater, picture, left, right)
    return Simulated(people.methods, rater, picture, left, right, choice, response_ms)
