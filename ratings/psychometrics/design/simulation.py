"""Synthetic raters: what tests, demonstrations and coverage studies are made of.

The figures are those of a re-analysis of public crowd data (JPEG AIC-3, 95,490 answers): response
times, their spread, lapses, position bias and the share of careless raters in a good crowd.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from ratings.psychometrics.arrays import FloatArray, IntArray
from ratings.psychometrics.counts.judgment_arrays import JudgmentArrays
from ratings.psychometrics.counts.tally import CHOICES, Tally, tally_codes
from ratings.psychometrics.design.heterogeneity import Heterogeneity, Shape
from ratings.psychometrics.inference.standing import Ties
from ratings.psychometrics.model import bradley_terry, davidson

# Response times are log-normal, in seconds; raters grow faster over the first trials.
_MEDIAN_SECONDS, _CARELESS_MEDIAN_SECONDS = 5.0, 2.3
_BETWEEN_RATERS_SD, _WITHIN_RATER_SD = 0.39, 0.45
_START_FACTOR, _TRIALS_TO_FULL_SPEED = 1.45, 80
# Careless raters prefer a side: mirrored repeats of theirs agree in 39-48 %.
_CARELESS_SIDE_SD = 1.0
_STRENGTH_SD = 1.8
_SENSITIVITIES = 9
# Between an original and a version of it that is plainly degraded, in log odds.
_PLAIN_DISTANCE = 8.0
# Attentive raters flip three to eight times in most trials, and see either version at least once.
_FLIPS_PER_SECOND, _CARELESS_FLIPS_PER_SECOND = 0.6, 0.4


@dataclass(frozen=True)
class RaterModel:
    """How a crowd judges. Standard deviations are in log odds, shares and rates in [0, 1].

    `taste_sd` is what a rater adds to each method (in the shape `taste`), `picture_sd` what a
    picture adds to each;
    `side_sd` is the position bias of raters; `lapse` the rate of slips to a coin flip;
    `careless` the share of raters who always flip a coin; `unsure` the share of ties between
    equal methods where ties are allowed (Davidson 1970); `activity_sd` says how unequally many
    judgments raters give where they are not assigned (log-normal); `sensitivity_sd` how unequally
    they see differences (log-normal, median 1): those of methods, tastes and pictures alike.
    """

    taste_sd: float = 0.4
    picture_sd: float = 0.5
    side_sd: float = 0.12
    lapse: float = 0.015
    careless: float = 0.06
    unsure: float = 0.0
    activity_sd: float = 0.5
    taste: Shape = "normal"
    sensitivity_sd: float = 0.0


@dataclass(frozen=True, eq=False)
class Simulated:
    """Judgments as whole numbers, one entry each; see `tally_codes`. Times in milliseconds."""

    methods: tuple[str, ...]
    rater: IntArray
    picture: IntArray
    left: IntArray
    right: IntArray
    choice: IntArray
    response_ms: IntArray

    def tally(self) -> Tally:
        """Return the judgments as counts."""
        return tally_codes(
            self.methods, self.rater, self.picture, self.left, self.right, self.choice
        )

    def arrays(self, raters: int, pictures: Sequence[str] | int) -> JudgmentArrays:
        """Return the judgments with names: those of pictures, or so many; raters are r000, ..."""
        if isinstance(pictures, int):
            pictures = [f"p{number:03}" for number in range(pictures)]
        return JudgmentArrays(
            methods=self.methods,
            raters=tuple(f"r{number:03}" for number in range(raters)),
            images=tuple(pictures),
            rater=self.rater,
            image=self.picture,
            shown=self.picture,
            left=self.left,
            right=self.right,
            choice=self.choice,
            response_ms=self.response_ms,
        )


class SyntheticCrowd:
    """Raters who judge methods on pictures; the same seed gives the same crowd and answers.

    `strengths`, in log odds, are those of `methods`; left out, they are drawn so that two
    attentive raters disagree on about a quarter of trials, as CLIC's raters do.
    """

    def __init__(
        self,
        methods: Sequence[str],
        pictures: Sequence[str],
        raters: int,
        rng: np.random.Generator,
        strengths: Sequence[float] | None = None,
        rater_model: RaterModel | None = None,
    ) -> None:
        """Draw the raters and pictures. Raises ValueError for names given twice or lacking."""
        for names, least in ((methods, 2), (pictures, 1)):
            if len(set(names)) != len(names) or len(names) < least:
                raise ValueError("A crowd needs two methods and a picture, each named once.")
        if raters < 1 or (strengths is not None and len(strengths) != len(methods)):
            raise ValueError("A crowd needs a rater, and one strength for each method.")
        self.methods, self.pictures = tuple(methods), tuple(pictures)
        self.rater_model = model = rater_model or RaterModel()
        self._rng = rng
        size = len(methods)
        self.strengths = (
            rng.normal(0, _STRENGTH_SD, size) if strengths is None else np.array(strengths, float)
        )
        self.careless = rng.random(raters) < model.careless
        self._tastes = Heterogeneity(model.taste, size, rng)
        self._taste = model.taste_sd * self._tastes.draw(raters, rng)
        # What each picture adds to each method, (pictures, methods).
        self.effects = rng.normal(0, model.picture_sd, (len(pictures), size))
        self._side = rng.normal(0, np.where(self.careless, _CARELESS_SIDE_SD, model.side_sd))
        seconds = np.where(self.careless, _CARELESS_MEDIAN_SECONDS, _MEDIAN_SECONDS)
        self._log_ms = np.log(1000 * seconds) + rng.normal(0, _BETWEEN_RATERS_SD, raters)
        self._answered = np.zeros(raters, np.int64)
        self._sensitivity = np.ones(raters)
        if model.sensitivity_sd:
            self._sensitivity = np.exp(rng.normal(0, model.sensitivity_sd, raters))

    def answer(self, rater: int, picture: int | str, left: str, right: str) -> tuple[str, int]:
        """Return one rater's choice (left, right or tie) and response time in milliseconds."""
        place = self.pictures.index(picture) if isinstance(picture, str) else picture
        trial = (rater, place, self.methods.index(left), self.methods.index(right))
        choice, response_ms = self.answers(*(np.array([number]) for number in trial))
        return CHOICES[int(choice[0])], int(response_ms[0])

    def answers(
        self, rater: IntArray, picture: IntArray, left: IntArray, right: IntArray
    ) -> tuple[IntArray, IntArray]:
        """Return choices (indices into `CHOICES`) and response times in ms, (trials,) each."""
        distance = self._appeal(rater, picture, left) - self._appeal(rater, picture, right)
        return self._judge(rater, self._sensitivity[rater] * distance)

    def check(self, rater: int, right_choice: str) -> tuple[str, int]:
        """Return a choice and time in ms where everyone who looks sees which side is right."""
        distance = _PLAIN_DISTANCE if right_choice == "left" else -_PLAIN_DISTANCE
        choice, response_ms = self._judge(np.array([rater]), np.array([distance]))
        return CHOICES[int(choice[0])], int(response_ms[0])

    def flips(self, rater: int, response_ms: int) -> int:
        """Return how often the rater flipped between the two contenders in this time."""
        careless = bool(self.careless[rater])
        pace = _CARELESS_FLIPS_PER_SECOND if careless else _FLIPS_PER_SECOND
        return (0 if careless else 1) + int(self._rng.poisson(pace * response_ms / 1000))

    def _judge(self, rater: IntArray, distance: FloatArray) -> tuple[IntArray, IntArray]:
        """Return choices and times where the left is better by these log odds."""
        slip = self._rng.random(len(rater)) < self.rater_model.lapse
        distance = np.where(slip | self.careless[rater], 0.0, distance) + self._side[rater]
        return self._choices(distance), self._response_ms(rater)

    def _appeal(self, rater: IntArray, picture: IntArray, method: IntArray) -> FloatArray:
        """Return how strong each rater finds a method on a picture, one entry per trial."""
        appeal: FloatArray = (
            self.strengths[method] + self._taste[rater, method] + self.effects[picture, method]
        )
        return appeal

    def simulate(self, judgments: int) -> Simulated:
        """Return judgments of pictures and pairs drawn uniformly, of raters by their activity."""
        size, rng = len(self.methods), self._rng
        activity = np.exp(rng.normal(0, self.rater_model.activity_sd, len(self.careless)))
        rater = rng.choice(len(activity), judgments, p=activity / activity.sum())
        picture = rng.integers(0, len(self.pictures), judgments)
        left = rng.integers(0, size, judgments)
        right = (left + rng.integers(1, size, judgments)) % size
        choice, response_ms = self.answers(rater, picture, left, right)
        return Simulated(self.methods, rater, picture, left, right, choice, response_ms)

    def population_scores(self, ties: Ties = "half") -> FloatArray:
        """Return the scores, shape (methods,), of endless judgments by endless raters on pictures.

        Taste, pictures, sides, lapses and careless raters are averaged over, all of which pull
        win probabilities towards 1/2: these and not the strengths are what a fit estimates.
        """
        wins, tied = self.population()
        if ties == "davidson" and tied.any():
            return davidson.fit_davidson(wins, tied).score
        return bradley_terry.scores(wins + tied / 2)

    def population(self) -> tuple[FloatArray, FloatArray]:
        """Return shares of endless judgments, (methods, methods): i is preferred to j, and ties."""
        model = self.rater_model
        apart, share = self._tastes.differences()
        distance = self.strengths[:, None] - self.strengths[None, :]
        attentive = [
            np.multiply(
                part * often,
                self._mean_chances(
                    sensitivity * (distance + value),
                    float(np.hypot(sensitivity * np.sqrt(2) * model.picture_sd, model.side_sd)),
                ),
            )
            for sensitivity, often in self._sensitivities()
            for value, part in zip(np.moveaxis(model.taste_sd * apart, 2, 0), share, strict=True)
        ]
        slip, level = (1 - model.careless) * model.lapse, np.zeros_like(distance)
        wins, tied = (
            (1 - model.careless) * (1 - model.lapse) * np.sum(attentive, axis=0)
            + slip * np.stack(self._mean_chances(level, model.side_sd))
            + model.careless * np.stack(self._mean_chances(level, _CARELESS_SIDE_SD))
        )
        for shares in (wins, tied):
            np.fill_diagonal(shares, 0)
        return wins, tied

    def _sensitivities(self) -> Iterator[tuple[float, float]]:
        """Yield sensitivities of raters with their shares."""
        sd = self.rater_model.sensitivity_sd
        node, weight = np.polynomial.hermite_e.hermegauss(_SENSITIVITIES if sd else 1)
        yield from zip(np.exp(sd * node).tolist(), (weight / weight.sum()).tolist(), strict=True)

    def _mean_chances(self, distance: FloatArray, sd: float) -> tuple[FloatArray, FloatArray]:
        """Return the mean of `_chances` over normal deviations from a distance."""
        node, weight = np.polynomial.hermite_e.hermegauss(61)
        won, tied = self._chances(distance[:, :, None] + sd * node)
        return won @ weight / weight.sum(), tied @ weight / weight.sum()

    def _chances(self, distance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probabilities that the first wins and of a tie (Davidson 1970)."""
        tie_weight = 2 * self.rater_model.unsure / (1 - self.rater_model.unsure)
        tied = tie_weight / (2 * np.cosh(distance / 2) + tie_weight)
        return special.expit(distance) * (1 - tied), tied

    def _choices(self, distance: FloatArray) -> IntArray:
        won, tied = self._chances(distance)
        drawn = self._rng.random(len(distance))
        choice: IntArray = np.where(drawn < won, 0, np.where(drawn < 1 - tied, 1, 2))
        return choice

    def _response_ms(self, rater: IntArray) -> IntArray:
        """Return response times; each rater grows faster with the trials answered."""
        order = np.argsort(rater, kind="stable")
        starts = np.searchsorted(rater[order], rater[order])
        position = np.empty(len(rater), np.int64)
        position[order] = np.arange(len(rater)) - starts
        trial = self._answered[rater] + position
        np.add.at(self._answered, rater, 1)
        freshness = np.clip(1 - trial / _TRIALS_TO_FULL_SPEED, 0, 1)
        log_ms = self._log_ms[rater] + np.log(_START_FACTOR) * freshness
        noise = self._rng.normal(0, _WITHIN_RATER_SD, len(rater))
        response_ms: IntArray = np.maximum(1, np.rint(np.exp(log_ms + noise))).astype(np.int64)
        return response_ms
