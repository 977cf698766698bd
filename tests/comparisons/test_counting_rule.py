"""Which answers count: counters, variants and export agree after any history of a study.

What should count is worked out here from what the history did, without the site's rule.
"""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from ratings.challenge.refusals import Refused
from ratings.comparisons.judgments.answers import study_answers
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.judging import Answer, JudgmentOutcome, judge, undo
from ratings.comparisons.judgments.screening import decide, screen
from ratings.comparisons.models import Entry, PairCount, RaterCount, Study, Trial
from ratings.comparisons.protocol import After, Checks, Protocol, Screening, Training
from ratings.comparisons.raters import rater_keys
from ratings.comparisons.study.entries import let_go
from ratings.comparisons.trials.scheduling import issue
from ratings.ranking.evidence.answer_arrays import arrays_of_answers, ranked_answers
from ratings.ranking.evidence.judgment_rows import judgment_rows
from ratings.ranking.fits.study_counts import study_tally
from ratings.ranking.fits.variant_counts import variant_answers, variant_tallies
from ratings.ranking.models import Ranking
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study

pytestmark = pytest.mark.django_db
HOW = Protocol(
    training=Training(trials=2),
    checks=Checks(golden=0.2, repeats=0.2, repeat_gap=2, identical=0.1),
    screening=Screening(least_checks=2, quality=0.9, after=After.GO_ON),
)
SLOW, FAST = 4000, 900  # ms; answers under 1000 ms are dropped
Count = tuple[int, int, int]


class History:
    """Random acts on a study, and what was done, in plain words."""

    def __init__(self, study: Study, seed: int) -> None:
        self.study = study
        self.rng = np.random.default_rng(seed)
        self.at = NOW
        self.raters = [
            rater_keys.begin_session(study, NOW, simulated=bool(number % 2)) for number in range(4)
        ]
        self.issued: list[Trial] = []
        self.standing: dict[UUID, tuple[str, int, int]] = {}
        self.attempts: Counter[UUID] = Counter()
        self.state = {rater.pk: "used" for rater in self.raters}
        self.left: set[int] = set()

    def act(self) -> None:
        acts = [self.issue, self.judge, self.judge_again, self.undo, self.decide, self.screen]
        chosen_act = self.rng.choice(len(acts), p=[0.12, 0.66, 0.06, 0.1, 0.04, 0.02])
        self.at += timedelta(seconds=1)
        acts[int(chosen_act)]()

    def one_of(self, options: Any) -> Any:  # noqa: ANN401
        return options[int(self.rng.integers(len(options)))]

    def issue(self) -> None:
        rater = self.one_of(self.raters)
        for trial in issue(rater, 4, self.at, self.rng):
            if trial not in self.issued:
                self.issued.append(trial)

    def judge(self) -> None:
        waiting = [trial for trial in self.issued if trial.pk not in self.standing]
        if not waiting:
            return self.issue()
        trial = waiting[0]
        choice = self.one_of(["left", "right", "left", "right", "tie"])
        ms = FAST if self.rng.random() < 0.1 else SLOW
        flips = 0 if self.rng.random() < 0.1 else 3
        answer = Answer(choice, ms, {"flips": flips}, self.attempts[trial.pk] + 1)
        result = judge(trial.pk, [trial.rater_id], answer, self.at)
        assert result.outcome is JudgmentOutcome.STORED
        self.standing[trial.pk] = (choice, ms, flips)

    def judge_again(self) -> None:
        """Send what is stored already, and another answer, which is refused."""
        if self.standing:
            pk = self.one_of(list(self.standing))
            choice, ms, flips = self.standing[pk]
            raters = list(self.state)
            for again in (choice, "left" if choice == "right" else "right"):
                answer = Answer(again, ms, {"flips": flips}, self.attempts[pk] + 1)
                assert judge(pk, raters, answer, self.at).outcome is not JudgmentOutcome.STORED

    def undo(self) -> None:
        if self.standing:
            pk = list(self.standing)[-1 - int(self.rng.integers(min(3, len(self.standing))))]
            try:
                undo(pk, list(self.state), self.attempts[pk] + 1, self.at)
            except Refused as refused:
                assert refused.code in ("training", "not-the-last")
            else:
                del self.standing[pk]
                self.attempts[pk] += 1

    def decide(self) -> None:
        rater = self.one_of(self.raters)
        state = self.one_of(["used", "used", "used", "not_used", "rejected"])
        decide(rater, state, "By lot.", now=self.at)
        self.state[rater.pk] = state

    def screen(self) -> None:
        for decision in screen(self.study, self.at):
            self.state[decision.rater_id] = decision.state

    def withdraw(self, entry: Entry) -> None:
        Submission.objects.filter(pk=entry.submission_id).update(
            exclusion=Submission.Exclusion.WITHDRAWN
        )
        let_go(self.study)
        self.left.add(entry.pk)

    def counting(self, *, with_left: bool) -> list[tuple[Trial, Count]]:
        """Return the trials whose answers count, with wins of the first, of the second, ties."""
        counted = []
        for trial in self.issued:
            if trial.kind != "comparison" or trial.pk not in self.standing:
                continue
            choice, ms, flips = self.standing[trial.pk]
            if ms < 1000 or flips == 0 or self.state[trial.rater_id] != "used":
                continue
            assert trial.pair is not None
            if not with_left and {trial.pair.first_id, trial.pair.second_id} & self.left:
                continue
            first = "left" if trial.first_left else "right"
            won = (choice == first, choice not in (first, "tie"), choice == "tie")
            counted.append((trial, (int(won[0]), int(won[1]), int(won[2]))))
        return counted


def summed(rows: list[tuple[Any, Count]]) -> dict[Any, Count]:
    sums: dict[Any, Count] = {}
    for key, (first, second, ties) in rows:
        before = sums.get(key, (0, 0, 0))
        sums[key] = (before[0] + first, before[1] + second, before[2] + ties)
    return {key: count for key, count in sums.items() if any(count)}


def check(history: History) -> int:
    """Compare all that counts answers with what should count; return how many do."""
    study = history.study
    study.refresh_from_db()
    entered, used = history.counting(with_left=True), history.counting(with_left=False)
    wins = ("wins_first", "wins_second", "ties")
    by_crop = PairCount.objects.values_list("pair", "crop", *wins)
    assert summed([(row[:2], row[2:]) for row in by_crop]) == summed(
        [((trial.pair_id, trial.crop_id), count) for trial, count in entered]
    )
    by_rater = RaterCount.objects.values_list("rater", "pair", "dataset", *wins)
    assert summed([(row[:3], row[3:]) for row in by_rater]) == summed(
        [
            ((trial.rater_id, trial.pair_id, trial.crop.original.dataset_id), count)
            for trial, count in entered
        ]
    )
    assert rebuild_counts(study, repair=False) == []
    answers = study_answers(study, [Trial.Kind.COMPARISON])
    variants = Ranking.Variant
    tallies = variant_tallies(study, variant_answers(study))
    assert tallies[variants.ENTERED].tally.judgments == len(entered)
    tally = arrays_of_answers(study, answers.where(ranked_answers(answers, study))).tally()
    assert tally == study_tally(study) == tallies[variants.USED].tally
    ranked = {row["trial_id"] for row in judgment_rows(study) if is_ranked(row)}
    assert ranked == {str(trial.pk) for trial, _ in used}
    assert tally.judgments == len(used)
    return len(used)


def is_ranked(row: dict[str, Any]) -> bool:
    return row["kind"] == "comparison" and not row["excluded"]


@pytest.mark.parametrize("seed", range(3))
def test_all_that_counts_answers_agrees_after_any_history(seed: int) -> None:
    study = build_filled_study(
        methods=4, pictures=3, trials_per_rater=20, ties_allowed=True, protocol_json=HOW.as_json()
    )
    history = History(study, seed)
    counted = []
    for number in range(6):
        for _ in range(50):
            history.act()
        counted.append(check(history))
        if number == 3:
            history.withdraw(study.entries.order_by("pk")[0])
            counted.append(check(history))
    kinds = Counter(trial.kind for trial in history.issued if trial.pk in history.standing)
    assert {"comparison", "training"} <= set(kinds) and {"golden", "repeat"} & set(kinds)
    assert max(counted) > 0
