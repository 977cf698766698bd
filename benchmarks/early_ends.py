"""Sessions that hopeless checks end: what careless raters cost, and how many honest ones are lost.

Run with `python -m benchmarks early_ends [RATERS]`; prints the table of docs/validation.md. Plans,
golden trials that come sooner, and the test are the site's own; trials are fetched ahead as the
rating page fetches them.
"""

import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import django
import numpy as np
from django.apps import apps

if not apps.ready:
    django.setup()  # a second time it would close what is logged to

from benchmarks.page import percent, print_header, print_row
from ratings.comparisons.ending_rules import Endings
from ratings.comparisons.models import Rater, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol
from ratings.comparisons.session_plan import plan_of
from ratings.comparisons.trials.early_checks import checked_sooner, fewer_at_once
from ratings.comparisons.trials.trial_history import (
    IssuedTrial,
    ShownCrop,
    TrialHistory,
)
from ratings.psychometrics.design.simulation import RaterModel, SyntheticCrowd
from ratings.psychometrics.raters.early_end import hopeless

HEADERS = (
    "raters | golden trials of 80 | ended within 25 trials | trials a rater | lost or ended in all",
)
Kind = Trial.Kind
LEVEL, SOON, TRIALS = 0.01, 25, 80
METHODS, PICTURES = 6, 12
# As the rating page fetches: with fewer than so many ahead, so many more.
AHEAD, FIRST, MORE = 3, 8, 6
# Nothing ends a session later than this in an honest crowd: all looks are behind it.
LONG_ENOUGH = 45
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CROP = ShownCrop(1, 1, 4, 4)


@dataclass(frozen=True)
class Behaviour:
    """How a crowd answers: its model, the pace, and what it answers instead, if anything."""

    model: RaterModel
    pace: float = 1.0
    looks: bool = True
    instead: Callable[[np.random.Generator], str] | None = None


def _coin(rng: np.random.Generator) -> str:
    return "left" if rng.random() < 0.5 else "right"


def _left(rng: np.random.Generator) -> str:
    return "left"


HONEST = RaterModel(careless=0.0)
CARELESS = {
    "careless, as crowds have them: random and hasty": Behaviour(RaterModel(careless=1.0)),
    "random, taking their time, flipping": Behaviour(HONEST, instead=_coin),
    "always left, taking their time, flipping": Behaviour(HONEST, instead=_left),
    "random, half of the answers too fast": Behaviour(HONEST, pace=0.2, instead=_coin),
}
ATTENTIVE = {
    "honest": Behaviour(HONEST),
    "honest, unequal sensitivity .5": Behaviour(replace(HONEST, sensitivity_sd=0.5)),
    "honest, skewed tastes, unequal sensitivity 1": Behaviour(
        replace(HONEST, taste="skewed", sensitivity_sd=1.0)
    ),
    "honest, twice as fast": Behaviour(HONEST, pace=0.5),
    "honest, 6 % of lapses: misses 3 % of golden trials": Behaviour(replace(HONEST, lapse=0.06)),
    "tired, 12 % of lapses: misses 6 %": Behaviour(replace(HONEST, lapse=0.12)),
}
SHARES = (0.05, 0.1, 0.15)


class Session:
    """One rater at work: `answered` trials until it ended, or long enough."""

    def __init__(self, crowd: SyntheticCrowd, rater: int, does: Behaviour, study: Study) -> None:
        self.crowd, self.number, self.does = crowd, rater, does
        self.rng = np.random.default_rng([study.seed, rater])
        who = Rater(pk=uuid.UUID(int=int(self.rng.integers(2**62))), study=study)
        self.plan = plan_of(who)
        self.history = TrialHistory(who, [], 1, NOW, self.rng)
        self.answered = 0

    def run(self, longest: int) -> int | None:
        """Return how many trials were answered when the session ended; None where it did not."""
        self._issue(FIRST)
        while self.answered < min(longest, TRIALS):
            if len(self.history.trials) - self.answered <= AHEAD:
                if self._is_hopeless():
                    # The trial on the page is still answered.
                    return self.answered + 1
                self._issue(fewer_at_once(self.history, MORE))
            self._answer()
        return None

    def _issue(self, count: int) -> None:
        for _ in range(min(count, TRIALS - len(self.history.trials))):
            kind = checked_sooner(self.history, self.plan[len(self.history.trials)])
            self.history.add(kind, CROP, first_left=bool(self.rng.integers(2)))

    def _answer(self) -> None:
        trial = self.history.trials[self.answered]
        choice, response_ms = self._choose(trial)
        response_ms = round(response_ms * self.does.pace)
        flips = self.crowd.flips(self.number, response_ms) if self.does.looks else 0
        dropped = response_ms < 1000 or flips == 0
        self.history.trials[self.answered] = replace(trial, choice=choice, dropped=dropped)
        self.answered += 1

    def _choose(self, trial: IssuedTrial) -> tuple[str, int]:
        if trial.kind == Kind.GOLDEN:
            told = self.crowd.check(self.number, "left" if trial.first_left else "right")
        else:
            one, other = self.rng.choice(METHODS, 2, replace=False)
            picture = int(self.rng.integers(PICTURES))
            told = self.crowd.answer(self.number, picture, f"m{one}", f"m{other}")
        return (self.does.instead(self.rng), told[1]) if self.does.instead else told

    def _is_hopeless(self) -> bool:
        trials = self.history.trials[: self.answered]
        misses = [trial.missed for trial in trials if trial.kind == Kind.GOLDEN]
        return hopeless(LEVEL, misses, [trial.dropped for trial in trials]) is not None


def sessions(does: Behaviour, golden: float, raters: int, longest: int) -> list[int | None]:
    """Return after how many trials each of so many sessions ended, None where it did not."""
    protocol = Protocol(checks=Checks(golden=golden), endings=Endings(hopeless=LEVEL))
    study = Study(trials_per_rater=TRIALS, protocol_json=protocol.as_json(), seed=7)
    names = [f"m{number}" for number in range(METHODS)]
    pictures = [f"p{number}" for number in range(PICTURES)]
    rng = np.random.default_rng([7, round(100 * golden)])
    crowd = SyntheticCrowd(names, pictures, raters, rng, rater_model=does.model)
    return [Session(crowd, rater, does, study).run(longest) for rater in range(raters)]


def main(raters: int = 2000) -> None:
    """Print a line for each kind of rater and share of golden trials."""
    print_header(HEADERS[0])
    for crowds, longest in ((CARELESS, TRIALS), (ATTENTIVE, LONG_ENOUGH)):
        for name, does in crowds.items():
            for golden in SHARES:
                _line(name, golden, sessions(does, golden, raters, longest))


def _line(name: str, golden: float, ends: list[int | None]) -> None:
    soon = [end is not None and end <= SOON for end in ends]
    ended = np.mean([end is not None for end in ends])
    cost = np.mean([TRIALS if end is None else end for end in ends])
    shares = [
        f"{percent(share, 1)} ± {100 * _error(share, len(ends)):.1f}"
        for share in (float(np.mean(soon)), float(ended))
    ]
    print_row([name, str(round(TRIALS * golden)), shares[0], f"{cost:.0f}", shares[1]])


def _error(share: float, size: int) -> float:
    return float(np.sqrt(share * (1 - share) / size))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
