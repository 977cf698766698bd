"""What the flags about raters are worth: false alarms in honest crowds, power against attacks.

Run with `python -m benchmarks screening [RUNS]`; prints the tables of docs/validation.md.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.page import percent, print_header, print_row
from ratings.psychometrics.arrays import IntArray
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.design.heterogeneity import Shape
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.raters.rater_report import rater_report

KINDS = ("random", "side", "pattern", "speed", "copy", "stuffing", "burst")
BAD = 10
HEADERS = (
    f"honest crowd | {' | '.join(KINDS)} | any | honest raters flagged",
    "attack | 30 judgments each | 100 | 300 | honest raters flagged",
)


@dataclass(frozen=True)
class Crowd:
    """Honest raters, with tastes, hard pictures and slips; `each` is their mean judgments.

    With `batch`, so many raters in a row see the same two pictures, and no others.
    """

    raters: int
    each: int
    methods: int
    pictures: int
    rater_model: RaterModel = field(default_factory=lambda: RaterModel(careless=0.0))
    spread: float = 1.8
    batch: int | None = None

    def judge(self, seed: list[int]) -> JudgmentArrays:
        """Return judgments, raters coming one after the other in an order of chance."""
        rng = np.random.default_rng(seed)
        crowd = SyntheticCrowd(
            [f"m{i:02}" for i in range(self.methods)],
            [f"p{i}" for i in range(self.pictures)],
            self.raters,
            rng,
            strengths=rng.normal(0, self.spread, self.methods).tolist(),
            rater_model=self.rater_model,
        )
        made = crowd.simulate(self.raters * self.each)
        if self.batch:
            own = (made.rater // self.batch * 2 + made.picture % 2) % self.pictures
            choice, _ = crowd.answers(made.rater, own, made.left, made.right)
            made = replace(made, picture=own, choice=choice)
        number = np.arange(len(made.rater))
        return replace(
            made.arrays(self.raters, crowd.pictures),
            # The last raters come last: they are those who attack, if any do.
            judged_at=made.rater * len(number) + number,
        )


def _tastes(shape: Shape, activity: float = 0.5) -> RaterModel:
    return RaterModel(taste_sd=0.5, careless=0.0, activity_sd=activity, taste=shape)


HONEST = {
    "30 raters x 80": Crowd(30, 80, 10, 20),
    "100 raters x 80": Crowd(100, 80, 10, 40),
    "200 raters x 20": Crowd(200, 20, 10, 40),
    "60 raters x 300, 15 methods": Crowd(60, 300, 15, 60),
    "12 raters x 100, 5 methods": Crowd(12, 100, 5, 10),
    "60 raters x 80, with ties": Crowd(60, 80, 10, 20, RaterModel(careless=0.0, unsure=0.25)),
    "60 raters x 80, very uneven, methods close": Crowd(
        60, 80, 10, 20, RaterModel(careless=0.0, activity_sd=1.0), spread=0.4
    ),
    "60 raters x 80, t3 tastes": Crowd(60, 80, 10, 20, _tastes("heavy")),
    "60 raters x 80, skewed tastes": Crowd(60, 80, 10, 20, _tastes("skewed")),
    "60 raters x 80, uneven activity 1.2": Crowd(60, 80, 10, 20, _tastes("normal", 1.2)),
    "40 raters x 300, t3 tastes": Crowd(40, 300, 10, 20, _tastes("heavy")),
    "60 raters x 80, batches by picture": Crowd(60, 80, 10, 20, _tastes("normal"), batch=6),
}
# Not looked at before the tests were final.
OTHERS = {
    "60 raters x 80, two camps": Crowd(60, 80, 10, 20, _tastes("camps")),
    "60 raters x 80, a minority's taste": Crowd(60, 80, 10, 20, _tastes("minority")),
    "60 raters x 80, unequal sensitivity .5": Crowd(
        60, 80, 10, 20, RaterModel(careless=0.0, sensitivity_sd=0.5)
    ),
    "80 raters x 60, t3 tastes .7, activity 1": Crowd(
        80, 60, 12, 40, RaterModel(0.7, careless=0.0, activity_sd=1.0, taste="heavy")
    ),
}


def random(judgments: JudgmentArrays, bad: IntArray, rng: np.random.Generator) -> IntArray:
    """Flip a coin."""
    return rng.integers(0, 2, len(bad))


def left(judgments: JudgmentArrays, bad: IntArray, rng: np.random.Generator) -> IntArray:
    """Always choose the left."""
    return np.zeros(len(bad), np.int64)


def alternate(judgments: JudgmentArrays, bad: IntArray, rng: np.random.Generator) -> IntArray:
    """Choose left, right, left, right."""
    return np.asarray(np.cumsum(np.ones(len(bad), np.int64)) % 2)


def inverted(judgments: JudgmentArrays, bad: IntArray, rng: np.random.Generator) -> IntArray:
    """Choose the worse."""
    return np.asarray(1 - judgments.choice[bad])


def stuff(judgments: JudgmentArrays, bad: IntArray, rng: np.random.Generator) -> IntArray:
    """Judge honestly, but always prefer one method, in the middle of the field."""
    wins = judgments.tally().wins().sum(axis=1)
    pushed = int(np.argsort(wins)[len(wins) // 2])
    choice = judgments.choice[bad].astype(np.int64)
    choice[judgments.left[bad] == pushed] = 0
    choice[judgments.right[bad] == pushed] = 1
    return choice


Answers = Callable[[JudgmentArrays, IntArray, np.random.Generator], IntArray]
ATTACKS: dict[str, tuple[Answers, int]] = {
    "random answers": (random, BAD),
    "always left": (left, BAD),
    "left, right, left, right": (alternate, BAD),
    "inverted": (inverted, BAD),
    "one stuffs": (stuff, 1),
    "ten stuff together": (stuff, BAD),
}


def attacked(
    crowd: Crowd, answers: Answers, bad: int, seed: list[int]
) -> tuple[JudgmentArrays, set[str]]:
    """Return judgments of which the last `bad` raters' are replaced, and their names."""
    judgments, rng = crowd.judge(seed), np.random.default_rng([*seed, 1])
    choice = judgments.choice.copy()
    for rater in range(crowd.raters - bad, crowd.raters):
        mine = np.flatnonzero(judgments.rater == rater)
        choice[mine] = answers(judgments, mine, rng)
    return replace(judgments, choice=choice), set(judgments.raters[-bad:])


def copied(crowd: Crowd, bad: int, seed: list[int]) -> tuple[JudgmentArrays, set[str]]:
    """Return judgments in which each second of the last raters repeats the one before."""
    judgments = crowd.judge(seed)
    arrays = {
        name: getattr(judgments, name).copy()
        for name in ("image", "shown", "left", "right", "choice")
    }
    for rater in range(crowd.raters - bad, crowd.raters - 1, 2):
        one, other = (np.flatnonzero(judgments.rater == number) for number in (rater, rater + 1))
        shared = min(len(one), len(other))
        for values in arrays.values():
            values[other[:shared]] = values[one[:shared]]
    return replace(judgments, **arrays), set(judgments.raters[-bad:])


def fast(crowd: Crowd, bad: int, seed: list[int]) -> tuple[JudgmentArrays, set[str]]:
    """Return judgments of which the last raters' take a twentieth of the time."""
    judgments = crowd.judge(seed)
    assert judgments.response_ms is not None
    hasty = judgments.rater >= crowd.raters - bad
    times = np.where(hasty, judgments.response_ms // 20, judgments.response_ms)
    return replace(judgments, response_ms=times), set(judgments.raters[-bad:])


def main(runs: int = 200) -> None:
    """Print the share of honest crowds with flags, then the share of attackers found."""
    print_header(HEADERS[0])
    for number, (name, crowd) in enumerate((HONEST | OTHERS).items()):
        false_alarms(name, crowd, [[5, number, run] for run in range(runs)])
    print()
    print_header(HEADERS[1])
    seeds = [[6, run] for run in range(max(1, runs // 10))]
    for name, (answers, bad) in ATTACKS.items():
        power(name, [[attacked(_field(n), answers, bad, s) for s in seeds] for n in (30, 100, 300)])
    for name in ("random answers", "one stuffs", "ten stuff together"):
        answers, bad = ATTACKS[name]
        power(
            f"{name}, among t3 tastes",
            [
                [attacked(_field(n, "heavy"), answers, bad, s) for s in seeds]
                for n in (30, 100, 300)
            ],
        )
    for name, change in (("copies of one another", copied), ("fast", fast)):
        power(name, [[change(_field(n), BAD, s) for s in seeds] for n in (30, 100, 300)])


def _field(each: int, taste: Shape = "normal") -> Crowd:
    """Return the crowd that is attacked: that of docs' earlier figures, with tastes."""
    rater_model = RaterModel(careless=0.0, activity_sd=0.1, taste=taste)
    return Crowd(100, each, 15, 60, rater_model, spread=0.7)


def false_alarms(name: str, crowd: Crowd, seeds: list[list[int]]) -> None:
    """Print how often an honest crowd gets flags of each kind."""
    crowds, raters = dict.fromkeys((*KINDS, "any"), 0), 0
    for seed in seeds:
        flags = rater_report(crowd.judge(seed)).flags
        for kind in {flag.kind for flag in flags}:
            crowds[kind] += 1
        crowds["any"] += bool(flags)
        raters += len({rater for flag in flags for rater in flag.raters})
    shares = [percent(count / len(seeds), 1) for count in crowds.values()]
    print_row([name, *shares, percent(raters / len(seeds) / crowd.raters, 2)])


def power(name: str, sizes: list[list[tuple[JudgmentArrays, set[str]]]]) -> None:
    """Print how many of the attackers are flagged, and how many of the others."""
    shares, false, honest = [], 0, 0
    for cases in sizes:
        caught = attackers = 0
        for judgments, bad in cases:
            flags = rater_report(judgments).flags
            flagged = {judgments.raters[rater] for flag in flags for rater in flag.raters}
            caught, attackers = caught + len(flagged & bad), attackers + len(bad)
            false, honest = false + len(flagged - bad), honest + len(judgments.raters) - len(bad)
        shares.append(percent(caught / attackers))
    print_row([name, *shares, percent(false / honest, 2)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
